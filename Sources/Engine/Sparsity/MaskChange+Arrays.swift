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
        var result = merged(change, slots: slots)
        if let values = change.values {
            // A weight that comes has its own value, and stands between those that stay.
            let grown = Set(change.grow.map(\.position))
            let stay =
                result.indices.map { $0.indices.filter { !grown.contains(result.indices![$0]) } }
                ?? Array(result.values.indices)
            precondition(
                values.count == stay.count, "a change gives values to other weights than those that stay")
            for (live, value) in zip(stay, values) {
                if let slots, value != result.values[live] { result.setSlots(live, slots(value)) }
                result.values[live] = value
            }
        }
        if !change.grow.isEmpty, result.values.count == total { result.indices = nil }
        return result
    }

    private mutating func setSlots(_ live: Int, _ given: [Float]) {
        let first = slots.count - given.count
        for (slot, value) in given.enumerated() { slots[first + slot][live] = value }
    }

    /// What stays and what comes, in rising positions: one pass over each array.
    private func merged(_ change: MaskChange, slots given: ((_ value: Float) -> [Float])?) -> LayerArrays {
        if change.drop.isEmpty && change.grow.isEmpty { return self }
        let grow = change.grow
        let merge = PositionMerge(
            indices ?? Array(0..<values.count), drop: change.drop, grow: grow.map(\.position))
        let origins = merge.origins
        func moved(_ array: [Float], _ grown: (Int) -> Float) -> [Float] {
            array.withUnsafeBufferPointer { array in origins.map { $0 < 0 ? grown(-1 - Int($0)) : array[Int($0)] } }
        }
        let own = given.map { given in grow.map { given($0.value) } }
        return LayerArrays(
            indices: merge.positions, values: moved(values) { grow[$0].value },
            slots: slots.enumerated().map { number, slot in
                moved(slot) { come in
                    guard let own = own?[come], number >= slots.count - own.count else { return 0 }
                    return own[number - (slots.count - own.count)]
                }
            }, bias: bias, biasSlots: biasSlots)
    }
}
