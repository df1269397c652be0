import Graph

extension [LayerState] {
    /// Of all layers, in the order of the graph.
    package func applying(_ changes: [MaskChange]) -> [LayerState] {
        var layers = self
        for change in changes {
            layers[change.layer].arrays = layers[change.layer].arrays.applying(
                change, total: layers[change.layer].total)
        }
        return layers
    }
}

extension LayerArrays {
    /// The arrays after a change: what stays keeps all that belongs to it, what comes begins with slots of zero. A mask that
    /// holds every weight is none.
    /// - Parameter total: weights of the layer, live or cut.
    /// - Complexity: O(nnz).
    package func applying(_ change: MaskChange, total: Int) -> LayerArrays {
        let positions = indices ?? Array(0..<values.count)
        var keep = [Bool](repeating: true, count: positions.count)
        var dropped = change.drop[...]
        for (live, position) in positions.enumerated() where dropped.first == position {
            keep[live] = false
            dropped.removeFirst()
        }
        precondition(dropped.isEmpty, "a change drops what is not there")
        var result = change.drop.isEmpty ? self : keeping(keep)
        if let values = change.values {
            precondition(
                values.count == result.values.count, "a change gives values to other weights than those that stay")
            result.values = values
        }
        guard !change.grow.isEmpty else { return result }
        var grown = result.growing(change.grow)
        if grown.values.count == total { grown.indices = nil }
        return grown
    }

    private func growing(_ grown: [MaskChange.Weight]) -> LayerArrays {
        let positions = indices ?? Array(0..<values.count)
        var merged = self
        merged.indices = []
        merged.values = []
        merged.slots = slots.map { _ in [] }
        merged.indices!.reserveCapacity(positions.count + grown.count)
        var live = 0
        func takeLive(below limit: Int) {
            while live < positions.count, positions[live] < limit {
                merged.indices!.append(positions[live])
                merged.values.append(values[live])
                for slot in slots.indices { merged.slots[slot].append(slots[slot][live]) }
                live += 1
            }
        }
        for weight in grown {
            takeLive(below: weight.position)
            precondition(live >= positions.count || positions[live] != weight.position, "a change grows what is there")
            merged.indices!.append(weight.position)
            merged.values.append(weight.value)
            for slot in merged.slots.indices { merged.slots[slot].append(0) }
        }
        takeLive(below: Int.max)
        return merged
    }
}
