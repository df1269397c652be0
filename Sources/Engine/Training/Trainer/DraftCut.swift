import Graph
import Sparsity

/// What a draft means for the weights at hand: which live weights stay and which cut ones come back. Exact, ties by
/// (layer, position).
struct DraftCut: Sendable {
    struct Layer: Sendable {
        /// One flag a live weight.
        var keep: [Bool]
        /// Positions in `Candidates.lost`.
        var returns: [Int]
        var kept: Int
    }
    var layers: [Layer]
    /// Smallest |w| that stays or returns in the scope.
    var threshold: Float?
    var notice: String?

    var kept: Int { layers.reduce(0) { $0 + $1.kept } }
    var returned: Int { layers.reduce(0) { $0 + $1.returns.count } }

    init(_ draft: Draft, _ candidates: [Candidates]) {
        layers = candidates.map {
            Layer(keep: [Bool](repeating: true, count: $0.values.count), returns: [], kept: $0.values.count)
        }
        let members = candidates.indices.filter { number in
            switch draft.scope {
            case .global: !candidates[number].isProtected
            case .layer(let name): candidates[number].name == name && !candidates[number].isProtected
            }
        }
        guard !members.isEmpty else {
            let isProtected = candidates.contains { draft.scope == .global || draft.scope == .layer($0.name) }
            notice = isProtected ? "kept whole, as the recipe's 'prune' says" : "no such layer"
            return
        }
        // Of all layers together, those that are kept whole count, too.
        let whole = draft.scope == .global ? candidates.reduce(0) { $0 + ($1.isProtected ? $1.values.count : 0) } : 0
        let live = members.map { candidates[$0].magnitudes }
        let lost = members.map { candidates[$0].lostMagnitudes }
        let liveCount = live.reduce(0) { $0 + $1.count }
        var keep = live.map { [Bool](repeating: true, count: $0.count) }
        var back = lost.map { [Bool](repeating: false, count: $0.count) }
        switch draft.anchor {
        case .kept(let count) where count - whole <= liveCount:
            keep = Selection.keep(count: max(0, count - whole), scores: live).keep
        case .kept(let all):
            let count = all - whole
            let recoverable = lost.reduce(0) { $0 + $1.count }
            back = Selection.keep(count: min(count - liveCount, recoverable), scores: lost).keep
            if count - liveCount > recoverable {
                let total = members.reduce(0) { $0 + candidates[$1].total }
                notice =
                    recoverable == 0
                    ? "sparse from the start: nothing can come back"
                    : "only \(recoverable) of \(total - liveCount) cut weights can come back"
            }
        case .threshold(let threshold):
            keep = Selection.keep(atLeast: threshold, scores: live)
            back = Selection.keep(atLeast: threshold, scores: lost)
        }
        var smallest = Float.infinity
        for (slot, number) in members.enumerated() {
            var layer = Layer(keep: keep[slot], returns: [], kept: 0)
            for (index, stays) in keep[slot].enumerated() where stays {
                layer.kept += 1
                smallest = min(smallest, live[slot][index])
            }
            for (index, comes) in back[slot].enumerated() where comes {
                layer.returns.append(index)
                smallest = min(smallest, lost[slot][index])
            }
            layer.kept += layer.returns.count
            layers[number] = layer
        }
        threshold = smallest.isFinite ? smallest : nil
    }

    /// The weights after the draft: what stays keeps its optimizer state, what returns starts with none.
    func apply(to layer: LayerState, _ number: Int, _ candidates: Candidates) -> LayerState {
        let cut = layers[number]
        var arrays = layer.arrays
        if cut.keep.contains(false) { arrays = arrays.keeping(cut.keep) }
        guard !cut.returns.isEmpty else { return with(arrays, layer) }
        var merged = arrays
        merged.indices = []
        merged.values = []
        merged.slots = arrays.slots.map { _ in [] }
        var live = 0
        let liveIndices = arrays.indices ?? Array(arrays.values.indices)
        func takeLive(below limit: Int) {
            while live < liveIndices.count, liveIndices[live] < limit {
                merged.indices!.append(liveIndices[live])
                merged.values.append(arrays.values[live])
                for slot in arrays.slots.indices { merged.slots[slot].append(arrays.slots[slot][live]) }
                live += 1
            }
        }
        for number in cut.returns {
            let lost = candidates.lost[number]
            takeLive(below: lost.index)
            merged.indices!.append(lost.index)
            merged.values.append(lost.value)
            for slot in merged.slots.indices { merged.slots[slot].append(0) }
        }
        takeLive(below: Int.max)
        return with(merged, layer)
    }

    private func with(_ arrays: LayerArrays, _ layer: LayerState) -> LayerState {
        var layer = layer
        layer.arrays = arrays
        return layer
    }
}
