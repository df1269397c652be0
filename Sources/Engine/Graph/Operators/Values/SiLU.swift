import Descriptors
import Kernels

/// x · sigmoid(alpha · x).
package struct SiLU: ValueOperator {
    package static let descriptor = Descriptor(
        name: "silu", summary: "x · sigmoid(alpha · x), also called swish",
        citation: "Hendrycks & Gimpel 2016, arXiv:1606.08415; Ramachandran et al. 2017, arXiv:1710.05941",
        parameters: [
            Parameter("alpha", "factor within the sigmoid", .number(-1e30...1e30), default: .number(1))
        ])
    package static let cases =
        valueCases(tolerance: 2e-3, values: -3...3)
        + valueCases(["alpha": .number(1.5)], tolerance: 2e-3, values: -3...3)

    package let alpha: Float

    package init(_ arguments: Arguments) throws {
        alpha = Float(arguments.number("alpha"))
    }
    package init(alpha: Float = 1) {
        self.alpha = alpha
    }

    package var arguments: [String: Value] { ["alpha": .number(Double(alpha))] }
    package var function: ValueFunction { .silu(alpha: alpha) }
}
