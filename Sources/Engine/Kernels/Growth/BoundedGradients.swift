import Synchronization

/// The largest gradients of a flat layer of plain terms, of which most are never summed: |Σ dy·x| is at most ‖dy‖·‖x‖.
///
/// Rows and terms are taken by falling norms, six rows × four terms at a time. Once as many gradients are known as are asked for,
/// what cannot exceed the least of them is passed over, and with it all that lies behind:
///
///                 terms, ‖x‖ falling
///     rows,       ■ ■ ■ ■ ■ ■ □ □
///     ‖dy‖        ■ ■ ■ ■ □ □ □ □        □ is not summed
///     falling     ■ ■ □ □ □ □ □ □
///
/// Which threads do what, and how soon they know of each other, changes nothing of the answer.
package struct BoundedGradients {
    private let map: WeightMap
    private let sums: GradientSums
    private let live: LivePlaces

    /// - Parameter live: ascending positions that are left out.
    package init(_ map: WeightMap, _ sums: GradientSums, live: [Int]) {
        self.map = map
        self.sums = sums
        self.live = LivePlaces(live, rows: map.rows, columns: map.columns)
    }

    /// What each task found.
    /// - Parameter limit: a guess of what all are larger than; -1: none. Where fewer than `count` are found, it was too large.
    package func largest(_ count: Int, above limit: Float, team: Team) -> TaskFindings {
        PickedGradients.with(
            map, panels: sums.panels, input: sums.input, outputGradient: sums.outputGradient
        ) { picked in
            let norms = picked.norms()
            let rows = RankedNorms(norms.rows, each: PickedGradients.rows)
            let terms = RankedNorms(norms.terms, each: PickedGradients.terms)
            let offsets = terms.inOrder { map.termOffsets[$0] }
            let tasks = max(1, min(team.size, rows.most.count))
            let findings = TaskFindings(tasks, count: count)
            let shared = SharedLimit(tasks, count: count, limit)
            team.run(tasks: tasks) { task in
                findings[task].largest = largest(count, task, picked, rows, terms, offsets, shared)
            }
            return findings
        }
    }

    /// Of every so many groups of rows one.
    private func largest(
        _ count: Int, _ task: Int, _ picked: PickedGradients, _ rows: RankedNorms, _ terms: RankedNorms,
        _ offsets: [UInt32], _ shared: SharedLimit
    ) -> LargestValues {
        let largest = LargestValues(count: count, above: shared.limit)
        let atOnce = PickedGradients.termsAtOnce(map, panels: sums.panels) / PickedGradients.terms
        let most = atOnce * PickedGradients.floatsOfTile
        withScratch(of: Float.self, capacity: most) { held in
            withScratch(of: UInt32.self, capacity: most + 16) { places in
                offsets.withUnsafeBufferPointer { offsets in
                    for first in stride(from: 0, to: terms.most.count, by: atOnce) {
                        var limit = shared.limit, own = largest.limit
                        let last = min(terms.most.count, first + atOnce)
                        for group in stride(from: task, to: rows.most.count, by: shared.tasks) {
                            if largest.limit != own {
                                own = largest.limit
                                limit = shared.limit(with: largest, of: task)
                            }
                            var end = first
                            // What is no number is passed over by no limit.
                            while end < last, !(rows.most[group] * terms.most[end] <= limit) { end += 1 }
                            if end == first { break }
                            rows.withMembers(group..<group + 1) { rows in
                                picked.sums(
                                    rows: rows,
                                    offsets: UnsafeBufferPointer(rebasing: offsets[terms.places(first..<end)]),
                                    to: held.baseAddress!)
                                let sums = UnsafeBufferPointer(
                                    rebasing: held[..<((end - first) * PickedGradients.floatsOfTile)])
                                terms.withMembers(first..<end) {
                                    show(sums, rows: rows, terms: $0, above: limit, places.baseAddress!, to: largest)
                                }
                            }
                        }
                    }
                }
            }
        }
        largest.close()
        return largest
    }

    /// Of (tiles, 4, 6) what is larger than the limit and not there already.
    /// - Parameter places: room for as many as there are sums and sixteen.
    private func show(
        _ sums: UnsafeBufferPointer<Float>, rows: UnsafeBufferPointer<UInt32>, terms: UnsafeBufferPointer<UInt32>,
        above limit: Float, _ places: UnsafeMutablePointer<UInt32>, to largest: LargestValues
    ) {
        let limit = max(limit, largest.limit), columns = map.columns
        let above = limit < 0 ? -1 : Magnitudes.bits(limit)
        let found = Magnitudes.places(sums, above: above, most: Magnitudes.infinity, to: places)
        largest.show(atMost: found) { positions, values in
            var count = 0
            for number in 0..<found {
                let place = Int(places[number])
                let term = place / tileRows, row = place &- term &* tileRows
                // Behind the last row or term there is a sum, too, that is of no use.
                guard row < rows.count, term < terms.count else { continue }
                let position = Int(rows[row]) &* columns &+ Int(terms[term])
                positions[count] = position
                values[count] = sums[place]
                count &+= live.contains(position) ? 0 : 1
            }
            return count
        }
    }
}

/// Rows or terms by falling norms, some in a group.
private struct RankedNorms {
    private let order: [UInt32]
    private let each: Int
    /// By group: no norm in it or behind it is larger.
    let most: [Float]

    /// - Parameter norms: none negative.
    init(_ norms: [Float], each: Int) {
        // By the exponent and three bits: groups need no finer order.
        let top = Float.infinity.bitPattern >> 20
        let order = stableOrder(of: norms.map { top - $0.bitPattern >> 20 }, keys: Int(top) + 1)
        var most = stride(from: 0, to: order.count, by: each).map { first in
            order[first..<min(first + each, order.count)].reduce(0) { max($0, norms[Int($1)]) }
        }
        for group in most.indices.dropLast().reversed() { most[group] = max(most[group], most[group + 1]) }
        (self.order, self.each, self.most) = (order, each, most)
    }

    func inOrder<Value>(_ value: (Int) -> Value) -> [Value] { order.map { value(Int($0)) } }

    /// Of some groups, in the order.
    func places(_ groups: Range<Int>) -> Range<Int> {
        groups.lowerBound * each..<min(groups.upperBound * each, order.count)
    }

    func withMembers(_ groups: Range<Int>, _ body: (UnsafeBufferPointer<UInt32>) -> Void) {
        order.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[places(groups)])) }
    }
}

/// A magnitude that all tasks together have reached as often as is asked for: no smaller one is looked at.
private final class SharedLimit: Sendable {
    let tasks: Int
    private let share: Int
    /// Of each task: what all of its share are larger than.
    private let reached: Mutex<(limit: Float, ofShare: [Float])>

    init(_ tasks: Int, count: Int, _ limit: Float) {
        self.tasks = tasks
        share = (count + tasks - 1) / tasks
        reached = Mutex((limit, Array(repeating: -1, count: tasks)))
    }

    var limit: Float { reached.withLock { $0.limit } }

    func limit(with largest: LargestValues, of task: Int) -> Float {
        if tasks == 1 { return largest.limit }
        let ofShare = largest.limit(ofLargest: share)
        return reached.withLock {
            $0.ofShare[task] = ofShare
            $0.limit = max($0.limit, largest.limit, $0.ofShare.min() ?? -1)
            return $0.limit
        }
    }
}

/// Whether a place of a layer has a weight.
private final class LivePlaces: Sendable {
    /// One bit a place, where these are not many more than the weights; nil: where the positions of each row begin.
    private nonisolated(unsafe) let bits: UnsafeMutablePointer<UInt64>?  // Written in `init` alone.
    private let positions: [Int]
    private let columns: Int
    /// The first of each row among the positions, and their count.
    private let starts: [Int]

    init(_ live: [Int], rows: Int, columns: Int) {
        self.columns = columns
        let words = (rows * columns + 63) / 64
        if words <= max(1 << 13, live.count) {
            let bits = UnsafeMutablePointer<UInt64>.allocate(capacity: words)
            bits.initialize(repeating: 0, count: words)
            for place in live { bits[place >> 6] |= 1 << UInt64(place & 63) }
            (self.bits, positions, starts) = (bits, [], [])
            return
        }
        bits = nil
        positions = live
        var starts: [Int] = [], place = 0
        starts.reserveCapacity(rows + 1)
        for row in 0...rows {
            while place < live.count, live[place] < row * columns { place += 1 }
            starts.append(place)
        }
        self.starts = starts
    }

    deinit { bits?.deallocate() }

    @inline(__always)
    func contains(_ place: Int) -> Bool {
        if let bits { return bits[place >> 6] >> UInt64(place & 63) & 1 == 1 }
        return isListed(place)
    }

    private func isListed(_ place: Int) -> Bool {
        let row = place / columns
        var low = starts[row], high = starts[row + 1]
        while low < high {
            let middle = (low + high) / 2
            if positions[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low < starts[row + 1] && positions[low] == place
    }
}
