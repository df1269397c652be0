import Descriptors
import Kernels

/// alpha · x + beta, cut to 0 … 1.
package struct HardSigmoid: ValueOperator {
    package static let descriptor = Descriptor(
        name: "hard-sigmoid", summary: "alpha · x + beta cut to 0 … 1",
        parameters: [
            Parameter("alpha", "slope", .number(-1e30...1e30), default: .number(0.2)),
            Parameter("beta", "value at 0", .number(-1e30...1e30), default: .number(0.5)),
        ])
    package static let cases =
        valueCases(["alpha": .number(0.25)]) + valueCases(["alpha": .number(0.125), "beta": .number(0.75)])

    package let alpha: Float
    package let beta: Float

    package init(_ arguments: Arguments) throws {
        alpha = Float(arguments.number("alpha"))
        beta = Float(arguments.number("beta"))
    }
    package init(alpha: Float = 0.2, beta: Float = 0.5) {
        self.alpha = alpha
        self.beta = beta
    }

    package var arguments: [String: Value] { ["alpha": .number(Double(alpha)), "beta": .number(Double(beta))] }
    package var function: ValueFunction { .hardSigmoid(alpha: alpha, beta: beta) }
}
