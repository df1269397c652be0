import Descriptors
import Kernels

/// x, left of 0 alpha · (eˣ − 1).
package struct ELU: ValueOperator {
    package static let descriptor = Descriptor(
        name: "elu", summary: "x, left of 0 alpha · (e^x − 1)",
        citation: "Clevert, Unterthiner & Hochreiter 2015, arXiv:1511.07289",
        parameters: [
            Parameter("alpha", "minus the limit on the left", .number(-1e30...1e30), default: .number(1))
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
    package var function: ValueFunction { .elu(alpha: alpha) }
}
