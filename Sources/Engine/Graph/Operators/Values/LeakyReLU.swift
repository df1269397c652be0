import Descriptors
import Kernels

/// x, left of 0 alpha · x.
package struct LeakyReLU: ValueOperator {
    package static let descriptor = Descriptor(
        name: "leaky-relu", summary: "x, left of 0 alpha · x",
        citation: "Maas, Hannun & Ng 2013",
        parameters: [
            Parameter("alpha", "slope left of 0", .number(-1e30...1e30), default: .number(0.01))
        ])
    package static let cases = valueCases() + valueCases(["alpha": .number(-0.5)])

    package let alpha: Float

    package init(_ arguments: Arguments) throws {
        alpha = Float(arguments.number("alpha"))
    }
    package init(alpha: Float = 0.01) {
        self.alpha = alpha
    }

    package var arguments: [String: Value] { ["alpha": .number(Double(alpha))] }
    package func exactStep(_ inputs: [Shape]) -> (any ExactStep)? {
        let alpha = Double(alpha)
        return ExactFunction(
            function: { $0.value > 0 ? $0 : alpha * $0 }, slope: { Dual($0.value > 0 ? 1 : alpha) })
    }
    package var function: ValueFunction { .leakyReLU(alpha: alpha) }
}
