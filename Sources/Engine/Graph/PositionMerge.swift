import Kernels

/// The live positions of a mask after some went and others came, and where each was before.
package struct PositionMerge {
    /// Ascending.
    package let positions: [Int]
    /// Of each, the place that it had among the live ones; -1 - n: it is the nth that comes.
    package let origins: [Int32]
    /// Of each that comes, its place among the positions.
    package let places: [Int32]

    /// What is merged, and where to.
    private struct Lists {
        let live, drop, grow: UnsafeBufferPointer<Int>
        let merged: UnsafeMutablePointer<Int>
        let origins, places: UnsafeMutablePointer<Int32>
    }

    /// Live ones that a task merges at least.
    private static let leastOfTask = 4096

    /// - Parameters:
    ///   - live, drop, grow: ascending positions.
    ///   - team: that the work is shared among.
    /// - Precondition: what goes is there, and what comes is not.
    /// - Complexity: O(live + grow).
    package init(_ live: [Int], drop: [Int], grow: [Int], team: Team? = nil) {
        let count = live.count - drop.count + grow.count
        precondition(count >= 0, "a change drops what is not there")
        let tasks = min(team?.size ?? 1, max(1, live.count / Self.leastOfTask))
        // Each list is cut at the same positions.
        let pivots = (1..<max(1, tasks)).map { live[$0 * live.count / tasks] }
        func cuts(_ list: [Int]) -> [Int] { [0] + pivots.map { list.firstPlace(notBelow: $0) } + [list.count] }
        let (ofLive, ofDrop, ofGrow) = (cuts(live), cuts(drop), cuts(grow))
        var origins: [Int32] = [], places: [Int32] = []
        positions = [Int](unsafeUninitializedCapacity: max(1, count)) { merged, initialized in
            origins = [Int32](unsafeUninitializedCapacity: max(1, count)) { origins, initialized in
                places = [Int32](unsafeUninitializedCapacity: max(1, grow.count)) { places, initialized in
                    live.withUnsafeBufferPointer { live in
                        drop.withUnsafeBufferPointer { drop in
                            grow.withUnsafeBufferPointer { grow in
                                let lists = Lists(
                                    live: live, drop: drop, grow: grow, merged: merged.baseAddress!,
                                    origins: origins.baseAddress!, places: places.baseAddress!)
                                func part(_ task: Int) {
                                    Self.merge(
                                        lists, ofLive[task]..<ofLive[task + 1], ofDrop[task]..<ofDrop[task + 1],
                                        ofGrow[task]..<ofGrow[task + 1])
                                }
                                if let team { team.run(tasks: tasks, part) } else { part(0) }
                            }
                        }
                    }
                    initialized = grow.count
                }
                initialized = count
            }
            initialized = count
        }
        (self.origins, self.places) = (origins, places)
    }

    // Which of two lists the next one is of is not to be foretold: both loops have no branch on it.

    private static func merge(_ lists: Lists, _ live: Range<Int>, _ drop: Range<Int>, _ grow: Range<Int>) {
        withScratch(of: Int32.self, capacity: live.count + 1) { kept in
            let kept = kept.baseAddress!
            let staying = self.kept(lists, live, drop, kept)
            precondition(live.count - staying == drop.count, "a change drops what is not there")
            var stay = 0, come = grow.lowerBound, isTwice = false
            let merged = lists.merged + (live.lowerBound - drop.lowerBound)
            let origins = lists.origins + (live.lowerBound - drop.lowerBound)
            let first = live.lowerBound - drop.lowerBound
            while stay < staying, come < grow.upperBound {
                let origin = kept[stay], old = lists.live[Int(origin)], new = lists.grow[come]
                let isOld = old < new
                isTwice = isTwice || old == new
                let place = stay &+ come
                merged[place] = isOld ? old : new
                origins[place] = isOld ? origin : -1 &- Int32(truncatingIfNeeded: come)
                lists.places[come] = Int32(truncatingIfNeeded: first &+ place)
                stay &+= isOld ? 1 : 0
                come &+= isOld ? 0 : 1
            }
            while stay < staying {
                merged[stay &+ come] = lists.live[Int(kept[stay])]
                origins[stay &+ come] = kept[stay]
                stay &+= 1
            }
            while come < grow.upperBound {
                merged[stay &+ come] = lists.grow[come]
                origins[stay &+ come] = -1 &- Int32(truncatingIfNeeded: come)
                lists.places[come] = Int32(truncatingIfNeeded: first &+ stay &+ come)
                come &+= 1
            }
            precondition(!isTwice, "a change grows what is there")
        }
    }

    /// Places of the live positions that stay.
    /// - Returns: how many.
    private static func kept(
        _ lists: Lists, _ live: Range<Int>, _ drop: Range<Int>, _ kept: UnsafeMutablePointer<Int32>
    ) -> Int {
        var gone = drop.lowerBound, count = 0
        for place in live {
            kept[count] = Int32(truncatingIfNeeded: place)
            let sought = gone < drop.upperBound ? lists.drop[gone] : Int.max
            let goes = sought == lists.live[place] ? 1 : 0
            gone &+= goes
            count &+= 1 &- goes
        }
        return count
    }
}
