/// The live positions of a mask after some went and others came, and where each was before.
package struct PositionMerge {
    /// Ascending.
    package let positions: [Int]
    /// Of each, the place that it had among the live ones; -1 - n: it is the nth that comes.
    package let origins: [Int32]

    /// - Parameters:
    ///   - live, drop, grow: ascending positions.
    /// - Precondition: what goes is there, and what comes is not.
    /// - Complexity: O(live + grow).
    package init(_ live: [Int], drop: [Int], grow: [Int]) {
        let count = live.count - drop.count + grow.count
        precondition(count >= 0, "a change drops what is not there")
        let kept = Self.kept(live, drop)
        var origins = [Int32](repeating: 0, count: count)
        positions = [Int](unsafeUninitializedCapacity: count) { merged, initialized in
            origins.withUnsafeMutableBufferPointer { origins in
                kept.withUnsafeBufferPointer { kept in
                    live.withUnsafeBufferPointer { live in
                        Self.merge(live, kept, grow, merged.baseAddress, origins.baseAddress)
                    }
                }
            }
            initialized = count
        }
        self.origins = origins
    }

    // Which of two lists the next one is of is not to be foretold: both loops have no branch on it.

    /// Places of the live positions that stay.
    private static func kept(_ live: [Int], _ drop: [Int]) -> [Int32] {
        let sought = drop + [Int.max]
        return [Int32](unsafeUninitializedCapacity: live.count + 1) { kept, initialized in
            var gone = 0, count = 0
            sought.withUnsafeBufferPointer { sought in
                for (place, position) in live.enumerated() {
                    kept[count] = Int32(truncatingIfNeeded: place)
                    let goes = sought[gone] == position ? 1 : 0
                    gone &+= goes
                    count &+= 1 &- goes
                }
            }
            precondition(gone == drop.count, "a change drops what is not there")
            initialized = count
        }
    }

    private static func merge(
        _ live: UnsafeBufferPointer<Int>, _ kept: UnsafeBufferPointer<Int32>, _ grow: [Int],
        _ merged: UnsafeMutablePointer<Int>?, _ origins: UnsafeMutablePointer<Int32>?
    ) {
        guard let merged, let origins else { return }
        var stay = 0, come = 0, isTwice = false
        grow.withUnsafeBufferPointer { grow in
            while stay < kept.count, come < grow.count {
                let origin = kept[stay], old = live[Int(origin)], new = grow[come]
                let isOld = old < new
                isTwice = isTwice || old == new
                merged[stay &+ come] = isOld ? old : new
                origins[stay &+ come] = isOld ? origin : -1 &- Int32(truncatingIfNeeded: come)
                stay &+= isOld ? 1 : 0
                come &+= isOld ? 0 : 1
            }
            while stay < kept.count {
                merged[stay &+ come] = live[Int(kept[stay])]
                origins[stay &+ come] = kept[stay]
                stay &+= 1
            }
            while come < grow.count {
                merged[stay &+ come] = grow[come]
                origins[stay &+ come] = -1 &- Int32(truncatingIfNeeded: come)
                come &+= 1
            }
        }
        precondition(!isTwice, "a change grows what is there")
    }
}
