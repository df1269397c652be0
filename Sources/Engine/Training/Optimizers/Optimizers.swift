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
        weights: UnsafeMutablePointer<Float>, slots: SlotPointers, gradient: UnsafePointer<Float>, count: Int,
        rate: Float, step: Int)
}

/// The optimizer's arrays of one stretch of weights.
package struct SlotPointers {
    private let buffers: [FloatBuffer]
    private let first: Int

    package init(_ buffers: [FloatBuffer], from first: Int = 0) {
        self.buffers = buffers
        self.first = first
    }
    package subscript(number: Int) -> UnsafeMutablePointer<Float> { buffers[number].pointer + first }
}

/// The optimizers there are. A new one is a file in this folder and a line here.
package enum Optimizers {
    package static let all: [any Optimizer.Type] = [SGD.self, Adam.self]

    package static func make(_ name: String, _ values: [String: Value]) throws -> any Optimizer {
        let type = try choose(name, kind: "optimizer", among: all) { $0.descriptor }
        return try type.init(Arguments(values, for: type.descriptor))
    }
}

/// Updates every weight, bias and normalisation of a network: one region, its tasks stretches that follow from the sizes
/// alone.
final class NetworkUpdate {
    private let optimizer: any Optimizer
    private let network: Network
    private var rate: Float = 0
    private var number = 0
    private lazy var region = Region { [unowned self] in update(task: $0) }

    init(_ optimizer: any Optimizer, _ network: Network) {
        self.optimizer = optimizer
        self.network = network
    }

    /// - Parameter number: of the step, from 1.
    func step(rate: Float, number: Int) {
        self.rate = rate
        self.number = number
        var tasks = 0
        Updated.forEach(in: network) { tasks += $0.stretches }
        network.team.run(tasks: tasks, region)
    }

    private func update(task: Int) {
        var first = 0
        Updated.forEach(in: network) { updated in
            let stretch = task - first
            first += updated.stretches
            guard stretch >= 0, stretch < updated.stretches else { return }
            let start = stretch * Updated.stretch
            optimizer.update(
                weights: updated.weights.pointer + start, slots: SlotPointers(updated.slots, from: start),
                gradient: updated.gradient.pointer + start,
                count: min(Updated.stretch, updated.weights.count - start), rate: rate, step: number)
        }
    }
}

/// One array that the optimizer changes.
private struct Updated {
    static let stretch = 16_384

    let weights: FloatBuffer
    let gradient: FloatBuffer
    let slots: [FloatBuffer]

    var stretches: Int { (weights.count + Updated.stretch - 1) / Updated.stretch }

    static func forEach(in network: Network, _ body: (Updated) -> Void) {
        for layer in network.layers {
            body(Updated(weights: layer.values, gradient: layer.gradient, slots: layer.slots))
            body(Updated(weights: layer.bias, gradient: layer.biasGradient, slots: layer.biasSlots))
        }
        for norm in network.norms {
            body(Updated(weights: norm.scale, gradient: norm.scaleGradient, slots: norm.scaleSlots))
            body(Updated(weights: norm.shift, gradient: norm.shiftGradient, slots: norm.shiftSlots))
        }
    }
}
