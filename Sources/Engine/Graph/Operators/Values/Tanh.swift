import Descriptors
import Kernels

/// tanh x.
package struct Tanh: ValueOperator {
    package static let descriptor = Descriptor(name: "tanh", summary: "the hyperbolic tangent")
    package static let cases = valueCases(tolerance: 2e-3, values: -2...2)

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .tanh }
}
