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
    func shrinkGroups(by amount: Float) {
        let groups = lassoGroups ?? LassoGroups(self)
        lassoGroups = groups
        var norms = [Double](repeating: 0, count: groups.sizes.count)
        for (number, layer) in network.layers.enumerated() where layer.isLatent {
            for (place, group) in zip(groups.places[number], groups.numbers[number]) where group >= 0 {
                let value = Double(layer.values[Int(place)])
                norms[Int(group)] += value * value
            }
        }
        var isEmptied = false
        var scales = norms.indices.map { group -> Float in
            let norm = norms[group].squareRoot(), least = Double(amount) * groups.sizes[group].squareRoot()
            if norm > 0, norm <= least { isEmptied = true }
            return norm > least ? Float(1 - least / norm) : 0
        }
        if isEmptied { spareGroups(groups, norms, &scales) }
        for (number, layer) in network.layers.enumerated() where layer.isLatent {
            for (place, group) in zip(groups.places[number], groups.numbers[number]) where group >= 0 {
                layer.values[Int(place)] *= scales[Int(group)]
            }
            layer.valuesChanged()
        }
    }

    private func spareGroups(_ groups: LassoGroups, _ norms: [Double], _ scales: inout [Float]) {
        let numbers = groups.numbers
        let spared = pathGuard.weightsToSpare(
            liveWeights(), stays: { [scales] in numbers[$0][$1] < 0 || scales[Int(numbers[$0][$1])] > 0 }
        ) { layer, live in
            let group = Int(max(0, numbers[layer][live]))
            return (Float(norms[group]), group)
        }
        switch spared {
        case nil: break
        case .impossible: sparing.isJoined = false
        case .path(let saved, _):
            for weight in saved where numbers[weight.layer][weight.live] >= 0 {
                scales[Int(numbers[weight.layer][weight.live])] = 1
            }
            sparing.weights = saved.count
        }
    }
}

/// The groups that a group lasso shrinks, for as long as the mask is the same.
struct LassoGroups {
    /// In storage, of each live weight in row-major order, by layer.
    fileprivate var places: [[UInt32]] = []
    /// Group of each live weight; -1: none. A group that reaches over layers has one number in all of them.
    fileprivate var numbers: [[Int32]] = []
    /// Live weights of each group.
    fileprivate var sizes: [Double] = []

    fileprivate init(_ trainer: Trainer) {
        let granularity = trainer.parts.masker.granularity
        var shared: [Int32: Int32] = [:]
        for (number, layer) in trainer.network.layers.enumerated() {
            let weights = trainer.liveWeights(number)
            places.append(layer.rowMajorOrder())
            guard layer.isLatent else {
                numbers.append([Int32](repeating: -1, count: weights.values.count))
                continue
            }
            // Without scores: what follows from values would not be the same after a resume.
            let own = granularity.groups(of: weights)
            let parts = granularity.sharedNumbers(of: weights)
            var known = [Int32](repeating: -1, count: Int((own.max() ?? -1) + 1))
            for group in known.indices {
                let part = parts?[group]
                known[group] = part.flatMap { shared[$0] } ?? Int32(sizes.count)
                if known[group] == Int32(sizes.count) { sizes.append(0) }
                if let part { shared[part] = known[group] }
            }
            let mine = own.map { $0 < 0 ? -1 : known[Int($0)] }
            for group in mine where group >= 0 { sizes[Int(group)] += 1 }
            numbers.append(mine)
        }
    }
}
