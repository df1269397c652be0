import Kernels

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
        Magnitudes.smallest(count, of: weights.values)
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

    /// Drops, and of what was dropped and what was found together the largest grow, of equal ones the earlier: the same as
    /// `change(layer:drop:grow:)` of the largest of both lists merged, without the lists.
    /// - Parameters:
    ///   - drop, found: in rising positions, none in both.
    ///   - gradient: of what is dropped.
    /// - Complexity: O(drop + found).
    static func change(
        layer: Int, drop: [Int], gradient: [Float], found: [MaskChange.Weight], count: Int
    ) -> MaskChange {
        let last = Boundary(count, drop, gradient, found)
        let dropped = [Int](unsafeUninitializedCapacity: drop.count) { dropped, kept in
            for (position, value) in zip(drop, gradient) where !last.holds(position, value) {
                dropped.initializeElement(at: kept, to: position)
                kept &+= 1
            }
        }
        let grown = [MaskChange.Weight](unsafeUninitializedCapacity: found.count) { grown, kept in
            for weight in found where last.holds(weight.position, weight.value) {
                grown.initializeElement(at: kept, to: MaskChange.Weight(weight.position))
                kept &+= 1
            }
        }
        return MaskChange(layer: layer, drop: dropped, grow: grown)
    }
}

/// What the largest of two lists of candidates have: a larger magnitude than this, or the same and no later position.
private struct Boundary {
    private let bits: Int32
    private let position: Int

    init(_ count: Int, _ drop: [Int], _ gradient: [Float], _ found: [MaskChange.Weight]) {
        let all = drop.count + found.count
        guard count < all, count > 0 else {
            (bits, position) = count > 0 ? (-1, 0) : (.max, -1)
            return
        }
        let last = withScratch(of: Float.self, capacity: all) { values in
            for (place, value) in gradient.enumerated() { values[place] = value }
            for (place, weight) in found.enumerated() { values[drop.count &+ place] = weight.value }
            return Magnitudes.rank(all - count, of: UnsafeBufferPointer(values))
        }
        bits = last.bits
        let stay = count - (all - last.below - last.equal)
        if stay == last.equal {
            position = .max
            return
        }
        var equal = zip(drop, gradient).filter { Magnitudes.bits($1) == last.bits }.map(\.0)
        equal += found.filter { Magnitudes.bits($0.value) == last.bits }.map(\.position)
        equal.sort()
        position = equal[stay - 1]
    }

    @inline(__always)
    func holds(_ position: Int, _ value: Float) -> Bool {
        let own = Magnitudes.bits(value)
        return own > bits || own == bits && position <= self.position
    }
}
