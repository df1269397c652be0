import Descriptors
import Kernels

/// gamma · x, left of 0 gamma · alpha · (eˣ − 1).
package struct SELU: ValueOperator {
    package static let descriptor = Descriptor(
        name: "selu", summary: "gamma times x, left of 0 gamma · alpha · (e^x − 1)",
        citation: "Klambauer et al. 2017, arXiv:1706.02515",
        parameters: [
            Parameter(
                "alpha", "minus the limit on the left, over gamma", .number(-1e30...1e30),
                default: .number(1.6732632423543772)),
            Parameter("gamma", "slope on the right", .number(-1e30...1e30), default: .number(1.0507009873554805)),
        ])
    package static let cases =
        valueCases(tolerance: 2e-3, values: -3...(-0.1))
        + valueCases(["gamma": .number(0.5)], tolerance: 2e-3, values: 0.1...3)

    package let alpha: Float
    package let gamma: Float

    package init(_ arguments: Arguments) throws {
        alpha = Float(arguments.number("alpha"))
        gamma = Float(arguments.number("gamma"))
    }
    package init(alpha: Float = 1.6732632423543772, gamma: Float = 1.0507009873554805) {
        self.alpha = alpha
        self.gamma = gamma
    }

    package var arguments: [String: Value] { ["alpha": .number(Double(alpha)), "gamma": .number(Double(gamma))] }
    package var function: ValueFunction { .selu(alpha: alpha, gamma: gamma) }
}
