/// Which weights go and which come, in small pieces that methods put together.
enum Exchange {
    /// A flag for each score: whether it is one of the `count` smallest, of equal ones the earliest.
    /// - Complexity: O(scores).
    static func smallest(_ count: Int, of scores: [Float]) -> [Bool] {
        var flags = [Bool](repeating: false, count: scores.count)
        for place in Selection.smallest(count, of: scores) { flags[place] = true }
        return flags
    }

    /// The places of the `count` smallest |weights|, ascending; of equal ones the earliest.
    static func smallest(_ count: Int, of weights: LiveWeights) -> [Int] {
        Selection.smallest(count, of: weights.values.map { abs($0) })
    }

    /// The largest |value| among candidates, of equal ones the earlier; in their order.
    /// - Parameter candidates: in rising positions.
    static func largest(_ count: Int, of candidates: [MaskChange.Weight]) -> [MaskChange.Weight] {
        if count >= candidates.count { return candidates }
        return Selection.largest(count, of: candidates.map { abs($0.value) }).map { candidates[$0] }
    }

    /// Of a layer's live weights those that are flagged, with their gradients.
    static func flagged(_ flags: [Bool], _ weights: LiveWeights, gradient: [Float]) -> [MaskChange.Weight] {
        flags.indices.filter { flags[$0] }.map { MaskChange.Weight(weights.position($0), gradient[$0]) }
    }

    /// Live weights with their gradients.
    static func at(
        _ places: [Int], _ weights: LiveWeights, gradient: [Float]
    ) -> [MaskChange.Weight] {
        places.map { MaskChange.Weight(weights.position($0), gradient[$0]) }
    }

    /// Two lists in rising positions as one.
    static func merged(_ first: [MaskChange.Weight], _ second: [MaskChange.Weight]) -> [MaskChange.Weight] {
        var merged: [MaskChange.Weight] = []
        merged.reserveCapacity(first.count + second.count)
        var place = 0
        for weight in first {
            while place < second.count, second[place].position < weight.position {
                merged.append(second[place])
                place += 1
            }
            merged.append(weight)
        }
        merged.append(contentsOf: second[place...])
        return merged
    }

    /// Drops and grows, less what is in both: that stays, with value and momentum. What comes begins at zero.
    static func change(layer: Int, drop: [Int], grow: [MaskChange.Weight]) -> MaskChange {
        var dropped: [Int] = [], grown: [MaskChange.Weight] = []
        dropped.reserveCapacity(drop.count)
        grown.reserveCapacity(grow.count)
        var place = 0
        for position in drop {
            while place < grow.count, grow[place].position < position {
                grown.append(MaskChange.Weight(grow[place].position))
                place += 1
            }
            if place < grow.count, grow[place].position == position {
                place += 1
            } else {
                dropped.append(position)
            }
        }
        for weight in grow[place...] { grown.append(MaskChange.Weight(weight.position)) }
        return MaskChange(layer: layer, drop: dropped, grow: grown)
    }
}
