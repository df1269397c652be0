import Descriptors
import Foundation
import Kernels

/// m = β₁ m + (1 − β₁) g; v = β₂ v + (1 − β₂) g²; w −= rate · m̂ / (√v̂ + ε), m̂ and v̂ corrected for their start at zero;
/// weight decay is added to g, as PyTorch's Adam has it.
package struct Adam: Optimizer {
    package static let descriptor = Descriptor(
        name: "adam", summary: "steps by running means of gradient and squared gradient",
        citation: "Kingma & Ba 2015, arXiv:1412.6980",
        parameters: [
            Parameter("beta1", "share of the mean kept", .number(0...0.9999), default: .number(0.9)),
            Parameter("beta2", "share of the mean square kept", .number(0...0.99999), default: .number(0.999)),
            Parameter("epsilon", "added to the root", .number(1e-12...1), default: .number(1e-8)),
            Parameter("weight-decay", "pull towards zero, L2", .number(0...1), default: .number(0)),
        ])
    package static let slots = 2

    private let beta1: Double
    private let beta2: Double
    private let epsilon: Float
    private let decay: Float

    package init(_ arguments: Arguments) throws {
        beta1 = arguments.number("beta1")
        beta2 = arguments.number("beta2")
        epsilon = Float(arguments.number("epsilon"))
        decay = Float(arguments.number("weight-decay"))
    }

    package func update(
        weights: UnsafeMutablePointer<Float>, slots: SlotPointers, gradient: UnsafePointer<Float>, count: Int,
        rate: Float, step: Int
    ) {
        adamUpdate(
            weights: weights, mean: slots[0], square: slots[1], gradient: gradient, count: count,
            rate: rate / Float(1 - pow(beta1, Double(step))), beta1: Float(beta1), beta2: Float(beta2),
            rootScale: Float(1 / (1 - pow(beta2, Double(step))).squareRoot()), epsilon: epsilon, decay: decay)
    }
}
