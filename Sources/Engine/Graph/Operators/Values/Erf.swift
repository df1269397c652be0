import Descriptors
import Kernels

/// erf x.
package struct Erf: ValueOperator {
    package static let descriptor = Descriptor(name: "erf", summary: "the error function")
    package static let cases = valueCases(tolerance: 2e-3, values: -2...2)

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .erf }
}
