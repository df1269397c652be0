import Descriptors
import Kernels

/// 1 / (1 + e⁻ˣ).
package struct Sigmoid: ValueOperator {
    package static let descriptor = Descriptor(name: "sigmoid", summary: "1 / (1 + e^−x)")
    package static let cases = valueCases(tolerance: 2e-3, values: -3...3)

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package func exactStep(_ inputs: [Shape]) -> (any ExactStep)? {
        func function(_ x: Dual) -> Dual { Dual(1) / (Dual(1) + (-1 * x).exponential) }
        return ExactFunction(
            function: function,
            slope: {
                let y = function($0)
                return y * (Dual(1) - y)
            })
    }
    package var function: ValueFunction { .sigmoid }
}
