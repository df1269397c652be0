import Descriptors
import Kernels

/// x from a threshold on, below it 0: more zeros than a ReLU makes. A threshold of 0 is a ReLU.
package struct FATReLU: ValueOperator {
    package static let descriptor = Descriptor(
        name: "fat-relu", summary: "x from a threshold on, below it 0",
        citation: "Kurtz et al. 2020, Inducing and Exploiting Activation Sparsity",
        parameters: [
            Parameter("threshold", "the smallest value that stays", .number(0...1e30), default: .number(0))
        ])
    package static let cases = valueCases(["threshold": .number(0.5)]) + valueCases()

    package let threshold: Float

    package init(_ arguments: Arguments) throws {
        threshold = Float(arguments.number("threshold"))
    }
    package init(threshold: Float) {
        self.threshold = threshold
    }

    package var arguments: [String: Value] { ["threshold": .number(Double(threshold))] }
    package var traits: OperatorTraits { [.overwrites, .overwritesGradient, .readsOutput, .keepsOrder, .makesZeros] }
    package var function: ValueFunction { .thresholdedReLU(threshold: threshold) }
}
