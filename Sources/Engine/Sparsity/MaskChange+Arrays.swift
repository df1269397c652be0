import Graph

extension [LayerState] {
    /// Of all layers, in the order of the graph.
    /// - Parameter slots: the last arrays of a weight that comes, or gets a value; nil: zeros.
    package func applying(
        _ changes: [MaskChange], slots: ((_ layer: Int, _ value: Float) -> [Float])? = nil
    ) -> [LayerState] {
        var layers = self
        for change in changes {
            let number = change.layer
            layers[number].arrays = layers[number].arrays.applying(
                change, total: layers[number].total, slots: slots.map { slots in { slots(number, $0) } })
        }
        return layers
    }
}

extension LayerArrays {
    /// The arrays after a change: what stays keeps all that belongs to it, what comes begins with slots of zero. A mask that
    /// holds every weight is none.
    /// - Parameters:
    ///   - total: weights of the layer, live or cut.
    ///   - slots: the last arrays of a weight that comes, or gets another value; nil: zeros where it comes.
    /// - Complexity: O(nnz).
    package func applying(
        _ change: MaskChange, total: Int, slots: ((_ value: Float) -> [Float])? = nil
    ) -> LayerArrays {
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
            if let slots {
                for (live, value) in values.enumerated() where value != result.values[live] {
                    let given = slots(value), first = result.slots.count - given.count
                    for (slot, value) in given.enumerated() { result.slots[first + slot][live] = value }
                }
            }
            result.values = values
        }
        guard !change.grow.isEmpty else { return result }
        var grown = result.growing(change.grow, slots: slots)
        if grown.values.count == total { grown.indices = nil }
        return grown
    }

    private func growing(_ grown: [MaskChange.Weight], slots given: ((_ value: Float) -> [Float])?) -> LayerArrays {
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
            let last = given?(weight.value) ?? [], first = merged.slots.count - last.count
            for slot in merged.slots.indices { merged.slots[slot].append(slot < first ? 0 : last[slot - first]) }
        }
        takeLive(below: Int.max)
        return merged
    }
}
