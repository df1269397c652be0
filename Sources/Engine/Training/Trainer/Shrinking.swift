import Graph
import Kernels
import Sparsity

extension Trainer {
    /// The proximal step of L1 on all weights; where it would leave no path of weights that are not zero, those of the
    /// strongest path that would become zero stay as they are.
    ///
    /// What stays is a function of the weights alone. The path that was seen last is only remembered: while all of its weights
    /// are larger than `amount` there is nothing to look for.
    func shrink(by amount: Float, divisor: Float = 1) {
        let hasPath = pathWeights.map { weights in
            weights.allSatisfy { abs(network.layers[$0.layer].values[$0.place]) > amount }
        }
        let kept = hasPath == true ? [] : weightsToSpare(below: amount)
        for layer in network.layers where layer.isPrunable && !layer.isFrozen {
            softThreshold(layer.values.pointer, count: layer.values.count, amount: amount)
            if divisor != 1 { for place in 0..<layer.values.count { layer.values[place] /= divisor } }
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
        let orders = network.layers.map { $0.rowMajorOrder() }
        pathWeights = found.map { ($0.layer, Int(orders[$0.layer][$0.live])) }
        let spared = found.filter { abs(live[$0.layer].values[$0.live]) <= amount }
        sparing.weights = spared.count
        return spared.map { ($0.layer, Int(orders[$0.layer][$0.live]), live[$0.layer].values[$0.live]) }
    }

    /// The proximal step of the group lasso. Where it would leave no path of weights that are not zero, the groups of the
    /// strongest path stay as they are.
    ///
    /// The path that was seen last is only remembered: while all of its weights are there after the step, one stays.
    func shrinkGroups(by amount: Float) {
        let groups = lassoGroups ?? LassoGroups(self)
        lassoGroups = groups
        let layers = network.layers.map { $0.isLatent ? $0.values.pointer : nil }, amount = Double(amount)
        let norms = groups.norms(layers, network.team)
        func stays(_ layer: Int, _ place: Int) -> Bool {
            let value = network.layers[layer].values[place]
            return value != 0 && groups.stays(layer, place, value, norms, amount)
        }
        let hasPath = pathWeights?.allSatisfy { stays($0.layer, $0.place) } ?? false
        var kept: [(layer: Int, place: Int)] = []
        if !hasPath, groups.empties(layers, norms, amount) { kept = spareGroups(groups, norms, stays) }
        groups.shrink(layers, norms, by: amount, sparing: kept, network.team)
        for layer in network.layers where layer.isLatent { layer.valuesChanged() }
    }

    /// Weights whose groups have to stay.
    private func spareGroups(
        _ groups: LassoGroups, _ norms: [Double], _ stays: (_ layer: Int, _ place: Int) -> Bool
    ) -> [(layer: Int, place: Int)] {
        let live = liveWeights(), orders = network.layers.map { $0.rowMajorOrder() }
        func place(_ layer: Int, _ number: Int) -> Int { Int(orders[layer][number]) }
        func score(_ layer: Int, _ number: Int) -> (score: Float, order: Int) {
            groups.rank(layer, live: number, place(layer, number), live[layer].values[number], norms)
        }
        let spared = pathGuard.weightsToSpare(live, stays: { stays($0, place($0, $1)) }, score: score)
        switch spared {
        case nil:
            // Not any path that stays, but the strongest: it will be good for many steps.
            let path = pathGuard.strongest(live.map { PathLayer(indices: $0.indices) }) { layer, number in
                let (score, order) = score(layer, number)
                return (live[layer].values[number] == 0 ? 0 : score, order, false)
            }
            pathWeights = path?.map { ($0.layer, place($0.layer, $0.live)) }
            return []
        case .impossible:
            sparing.isJoined = false
            return []
        case .path(let saved, _):
            sparing.weights = saved.count
            return saved.map { ($0.layer, place($0.layer, $0.live)) }
        }
    }
}
