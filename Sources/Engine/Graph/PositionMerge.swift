/// The live positions of a mask after some went and others came, and where each was before.
package struct PositionMerge {
    /// Ascending.
    package let positions: [Int]
    /// Of each, the place that it had among the live ones; -1 - n: it is the nth that comes.
    package let origins: [Int]

    /// - Parameters:
    ///   - live, drop, grow: ascending positions.
    /// - Precondition: what goes is there, and what comes is not.
    /// - Complexity: O(live + grow).
    package init(_ live: [Int], drop: [Int], grow: [Int]) {
        let count = live.count - drop.count + grow.count
        precondition(count >= 0, "a change drops what is not there")
        var origins = [Int](repeating: 0, count: count)
        positions = [Int](unsafeUninitializedCapacity: count) { merged, initialized in
            origins.withUnsafeMutableBufferPointer { origins in
                var place = 0, gone = 0, come = 0
                for number in 0...live.count {
                    // Beyond the last live weight all others come.
                    let position = number < live.count ? live[number] : Int.max
                    while come < grow.count, grow[come] < position {
                        precondition(place < count, "a change drops what is not there")
                        merged.initializeElement(at: place, to: grow[come])
                        origins[place] = -1 - come
                        place += 1
                        come += 1
                    }
                    if number == live.count { break }
                    if gone < drop.count, drop[gone] == position {
                        gone += 1
                        continue
                    }
                    precondition(come >= grow.count || grow[come] != position, "a change grows what is there")
                    precondition(place < count, "a change drops what is not there")
                    merged.initializeElement(at: place, to: position)
                    origins[place] = number
                    place += 1
                }
                precondition(gone == drop.count && place == count, "a change drops what is not there")
                initialized = place
            }
        }
        self.origins = origins
    }
}
