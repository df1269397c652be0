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
    /// The first task of each array.
    private var firstTasks: [Int] = []
    private lazy var region = Region { [unowned self] in update(task: $0) }

    /// Whether the trained weights are the first slot after the optimizer's own, where a layer has one.
    private let isLatent: Bool

    init(_ optimizer: any Optimizer, _ network: Network, latent: Bool = false) {
        self.optimizer = optimizer
        self.network = network
        isLatent = latent
    }

    /// - Parameter number: of the step, from 1.
    func step(rate: Float, number: Int) {
        self.rate = rate
        self.number = number
        // Anew each time, for a change of the mask changes the sizes.
        firstTasks.removeAll(keepingCapacity: true)
        var tasks = 0
        for array in 0..<Updated.count(in: network) {
            firstTasks.append(tasks)
            tasks += updated(array).stretches
        }
        network.team.run(tasks: tasks, region)
    }

    private func updated(_ array: Int) -> Updated {
        Updated(array, of: network, latent: isLatent ? type(of: optimizer).slots : nil)
    }

    private func update(task: Int) {
        // The last array that begins with this task or before: it has the task, for those before it end there.
        var array = 0, end = firstTasks.count
        while end - array > 1 {
            let middle = (array + end) / 2
            if firstTasks[middle] <= task { array = middle } else { end = middle }
        }
        let updated = updated(array)
        let start = (task - firstTasks[array]) * Updated.stretch
        optimizer.update(
            weights: updated.weights.pointer + start, slots: SlotPointers(updated.slots, from: start),
            gradient: updated.gradient.pointer + start, count: min(Updated.stretch, updated.weights.count - start),
            rate: rate, step: number)
    }
}

/// One array that the optimizer changes: of each layer the weights and the bias, then each parameter that is
/// trained.
private struct Updated {
    static let stretch = 16_384

    let weights: FloatBuffer
    let gradient: FloatBuffer
    let slots: [FloatBuffer]

    var stretches: Int { (weights.count + Updated.stretch - 1) / Updated.stretch }

    static func count(in network: Network) -> Int { 2 * network.trainedLayers.count + network.trained.count }

    /// - Parameter latent: the slot that is changed in place of the weights; nil: none.
    init(_ number: Int, of network: Network, latent: Int?) {
        if number < 2 * network.trainedLayers.count {
            let layer = network.trainedLayers[number / 2]
            // What is never cut has no latent weights.
            let weights = latent.flatMap { layer.isPrunable ? layer.slots[$0] : nil } ?? layer.values
            (self.weights, gradient, slots) =
                number.isMultiple(of: 2)
                ? (weights, layer.gradient, layer.slots) : (layer.bias, layer.biasGradient, layer.biasSlots)
        } else {
            let parameter = network.trained[number - 2 * network.trainedLayers.count]
            (weights, gradient, slots) = (parameter.values, parameter.gradient, parameter.slots)
        }
    }
}
