import Descriptors
import Kernels

/// 1 / (1 + e⁻ˣ).
package struct Sigmoid: ValueOperator {
    package static let descriptor = Descriptor(name: "sigmoid", summary: "1 / (1 + e^−x)")
    package static let cases = valueCases(tolerance: 2e-3, values: -3...3)

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .sigmoid }
}
