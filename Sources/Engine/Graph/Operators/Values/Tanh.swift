import Descriptors
import Kernels

/// tanh x.
package struct Tanh: ValueOperator {
    package static let descriptor = Descriptor(name: "tanh", summary: "the hyperbolic tangent")
    package static let cases = valueCases(tolerance: 2e-3, values: -2...2)

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package func exactStep(_ inputs: [Shape]) -> (any ExactStep)? {
        func function(_ x: Dual) -> Dual {
            let power = (2 * x).exponential
            // Beyond this it is 1 to the last digit, and the power no number.
            if x.value > 300 { return Dual(1) }
            return (power - Dual(1)) / (power + Dual(1))
        }
        return ExactFunction(
            function: function,
            slope: {
                let y = function($0)
                return Dual(1) - y * y
            })
    }
    package var function: ValueFunction { .tanh }
}
