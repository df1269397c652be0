import Descriptors
import Kernels

/// log(1 + eˣ).
package struct Softplus: ValueOperator {
    package static let descriptor = Descriptor(name: "softplus", summary: "log(1 + e^x)")
    package static let cases = valueCases(tolerance: 2e-3, values: -3...3)

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .softplus }
}
