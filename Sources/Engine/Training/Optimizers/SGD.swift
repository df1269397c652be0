import Descriptors
import Kernels

/// v = momentum · v + g + decay · w; w −= rate · v, or with Nesterov's momentum w −= rate · (g + decay · w + momentum · v).
package struct SGD: Optimizer {
    package static let descriptor = Descriptor(
        name: "sgd", summary: "stochastic gradient descent with momentum and weight decay",
        citation: "Sutskever et al. 2013",
        parameters: [
            Parameter("momentum", "share of the velocity kept", .number(0...0.9999), default: .number(0.9)),
            Parameter("weight-decay", "pull towards zero, L2", .number(0...1), default: .number(0)),
            Parameter("nesterov", "step from where the velocity leads", .boolean, default: .boolean(false)),
        ])
    package static let slots = 1

    private let momentum: Float
    private let decay: Float
    private let isNesterov: Bool

    package init(_ arguments: Arguments) throws {
        momentum = Float(arguments.number("momentum"))
        decay = Float(arguments.number("weight-decay"))
        isNesterov = arguments.boolean("nesterov")
    }

    package func update(
        weights: UnsafeMutablePointer<Float>, slots: SlotPointers, gradient: UnsafePointer<Float>, count: Int,
        rate: Float, step: Int
    ) {
        sgdUpdate(
            weights: weights, velocity: slots[0], gradient: gradient, count: count, rate: rate, momentum: momentum,
            decay: decay, isNesterov: isNesterov)
    }
}
