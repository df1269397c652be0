import Descriptors
import Kernels

/// x, left of 0 alpha · (e^(x / alpha) − 1).
package struct CELU: ValueOperator {
    package static let descriptor = Descriptor(
        name: "celu", summary: "x, left of 0 alpha · (e^(x / alpha) − 1)",
        citation: "Barron 2017, arXiv:1704.07483",
        parameters: [
            Parameter("alpha", "minus the limit on the left, and the scale", .number(1e-6...1e30), default: .number(1))
        ])
    package static let cases =
        valueCases(tolerance: 2e-3, values: -3...(-0.1))
        + valueCases(["alpha": .number(0.5)], tolerance: 2e-3, values: 0.1...3)

    package let alpha: Float

    package init(_ arguments: Arguments) throws {
        alpha = Float(arguments.number("alpha"))
    }
    package init(alpha: Float = 1) {
        self.alpha = alpha
    }

    package var arguments: [String: Value] { ["alpha": .number(Double(alpha))] }
    package var function: ValueFunction { .celu(alpha: alpha) }
}
