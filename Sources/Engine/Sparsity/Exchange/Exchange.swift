/// Which weights go and which come, in small pieces that methods put together.
enum Exchange {
    /// A flag for each score: whether it is one of the `count` smallest, of equal ones the earliest.
    /// - Complexity: O(scores).
    static func smallest(_ count: Int, of scores: [Float]) -> [Bool] {
        Selection.keep(count: scores.count - count, scores: [scores]).keep[0].map { !$0 }
    }

    /// The largest |value| among candidates, of equal ones the earlier; in their order.
    /// - Parameter candidates: in rising positions.
    static func largest(_ count: Int, of candidates: [MaskChange.Weight]) -> [MaskChange.Weight] {
        if count >= candidates.count { return candidates }
        // The selection cuts the earliest of equal ones first.
        let stays = Selection.keep(count: count, scores: [candidates.reversed().map { abs($0.value) }]).keep[0]
        return candidates.indices.filter { stays[candidates.count - 1 - $0] }.map { candidates[$0] }
    }

    /// Of a layer's live weights those that are flagged, with their gradients.
    static func flagged(_ flags: [Bool], _ weights: LiveWeights, gradient: [Float]) -> [MaskChange.Weight] {
        flags.indices.filter { flags[$0] }.map { MaskChange.Weight(weights.position($0), gradient[$0]) }
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
