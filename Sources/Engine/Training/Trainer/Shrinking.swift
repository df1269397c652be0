import Graph
import Kernels
import Sparsity

extension Trainer {
    /// The proximal step of L1 on all weights; where it would leave no path of weights that are not zero, those of the
    /// strongest path that would become zero stay as they are.
    ///
    /// What stays is a function of the weights alone. The path that was seen last is only remembered: while all of its weights
    /// are larger than `amount` there is nothing to look for.
    func shrink(by amount: Float) {
        let hasPath = pathWeights.map { weights in
            weights.allSatisfy { abs(network.layers[$0.layer].values[$0.place]) > amount }
        }
        let kept = hasPath == true ? [] : weightsToSpare(below: amount)
        for layer in network.layers where layer.isPrunable && !layer.isFrozen {
            softThreshold(layer.values.pointer, count: layer.values.count, amount: amount)
        }
        for weight in kept { network.layers[weight.layer].values[weight.place] = weight.value }
        for layer in network.layers { layer.valuesChanged() }
    }

    private func weightsToSpare(below amount: Float) -> [(layer: Int, place: Int, value: Float)] {
        let live = network.layers.map { $0.live(withSlots: false) }
        // Not any path of weights that are large enough, but the largest: it will be good for many steps.
        let found = pathGuard.strongest(live.map { PathLayer(indices: $0.indices) }) { layer, number in
            (abs(live[layer].values[number]), number, false)
        }
        guard let found, found.allSatisfy({ live[$0.layer].values[$0.live] != 0 }) else {
            // Zeros stay zeros: there is nothing to hold.
            sparing.isJoined = false
            return []
        }
        let orders = network.layers.map { $0.pattern?.rowMajorOrder() ?? [] }
        pathWeights = found.map { ($0.layer, Int(orders[$0.layer][$0.live])) }
        let spared = found.filter { abs(live[$0.layer].values[$0.live]) <= amount }
        sparing.weights = spared.count
        return spared.map { ($0.layer, Int(orders[$0.layer][$0.live]), live[$0.layer].values[$0.live]) }
    }
}
