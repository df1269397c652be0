import Descriptors
import Kernels

/// 1 / x.
package struct Reciprocal: ValueOperator {
    package static let descriptor = Descriptor(name: "reciprocal", summary: "1 / x")
    package static let cases = valueCases(tolerance: 3e-3, values: 0.5...3)

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .reciprocal }
}
