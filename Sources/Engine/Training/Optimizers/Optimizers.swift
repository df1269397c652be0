import Descriptors
import Graph
import Kernels
import Sparsity

/// Changes weights by their gradients. Keeps its arrays in the layer's slots, so that they exist only where weights do.
package protocol Optimizer: Choosable {
    /// Arrays it keeps for each weight.
    static var slots: Int { get }
    /// One update of a stretch of weights. `step` counts from 1.
    func update(
        weights: UnsafeMutablePointer<Float>, slots: [UnsafeMutablePointer<Float>], gradient: UnsafePointer<Float>,
        count: Int, rate: Float, step: Int)
}

/// The optimizers there are. A new one is a file in this folder and a line here.
package enum Optimizers {
    package static let all: [any Optimizer.Type] = [SGD.self, Adam.self]

    package static func make(_ name: String, _ values: [String: Value]) throws -> any Optimizer {
        let type = try choose(name, kind: "optimizer", among: all) { $0.descriptor }
        return try type.init(Arguments(values, for: type.descriptor))
    }
}

extension Optimizer {
    /// One update of every weight and bias of the network, in stretches that follow from the sizes alone.
    func step(_ network: Network, rate: Float, number: Int) {
        let stretch = 16_384
        for layer in network.layers {
            let count = layer.values.count
            let slots = layer.slots.map(\.pointer)
            network.team.run(tasks: (count + stretch - 1) / stretch) { task in
                let first = task * stretch
                update(
                    weights: layer.values.pointer + first, slots: slots.map { $0 + first },
                    gradient: layer.gradient.pointer + first, count: min(stretch, count - first), rate: rate,
                    step: number)
            }
            update(
                weights: layer.bias.pointer, slots: layer.biasSlots.map(\.pointer),
                gradient: layer.biasGradient.pointer, count: layer.bias.count, rate: rate, step: number)
        }
        for norm in network.norms {
            update(
                weights: norm.scale.pointer, slots: norm.scaleSlots.map(\.pointer),
                gradient: norm.scaleGradient.pointer, count: norm.channels, rate: rate, step: number)
            update(
                weights: norm.shift.pointer, slots: norm.shiftSlots.map(\.pointer),
                gradient: norm.shiftGradient.pointer, count: norm.channels, rate: rate, step: number)
        }
    }
}
