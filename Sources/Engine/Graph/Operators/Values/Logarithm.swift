import Descriptors
import Kernels

/// log x.
package struct Logarithm: ValueOperator {
    package static let descriptor = Descriptor(name: "log", summary: "the natural logarithm")
    package static let cases = valueCases(tolerance: 2e-3, values: 0.5...3)

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .logarithm }
}
