import Kernels
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
struct BoundedGradients {
    private let map: WeightMap
    private let sums: GradientSums
    private let live: LivePlaces

    /// - Parameter live: ascending positions that are left out.
    init(_ map: WeightMap, _ sums: GradientSums, live: [Int]) {
        self.map = map
        self.sums = sums
        self.live = LivePlaces(live, rows: map.rows, columns: map.columns)
    }

    /// What each task found.
    func largest(_ count: Int, team: Team) -> TaskFindings {
        PickedGradients.with(
            map, panels: sums.panels, input: sums.input, outputGradient: sums.outputGradient
        ) { picked in
            let norms = picked.norms()
            let rows = RankedNorms(norms.rows, each: PickedGradients.rows)
            let terms = RankedNorms(norms.terms, each: PickedGradients.terms)
            let offsets = terms.inOrder { map.termOffsets[$0] }
            let tasks = max(1, min(team.size, rows.most.count))
            let findings = TaskFindings(tasks, count: count)
            let limit = SharedLimit(tasks, count: count)
            team.run(tasks: tasks) { task in
                findings[task].largest = largest(count, task, picked, rows, terms, offsets, limit)
            }
            return findings
        }
    }

    /// Of every so many groups of rows one.
    private func largest(
        _ count: Int, _ task: Int, _ picked: PickedGradients, _ rows: RankedNorms, _ terms: RankedNorms,
        _ offsets: [UInt32], _ shared: SharedLimit
    ) -> LargestValues {
        var largest = LargestValues(count: count)
        let atOnce = PickedGradients.termsAtOnce(map, panels: sums.panels) / PickedGradients.terms
        let held = FloatBuffer(count: atOnce * PickedGradients.floatsOfTile)
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
                            rows: rows, offsets: UnsafeBufferPointer(rebasing: offsets[terms.places(first..<end)]),
                            to: held.pointer)
                        terms.withMembers(first..<end) {
                            show(held.pointer, rows: rows, terms: $0, above: limit, to: &largest)
                        }
                    }
                }
            }
        }
        largest.close()
        return largest
    }

    /// Whether a tile has a larger magnitude.
    @inline(__always)
    private func isAny(of tile: UnsafePointer<Float>, above limit: Float) -> Bool {
        let first = UnsafeRawPointer(tile).loadUnaligned(as: SIMD16<UInt32>.self) & 0x7FFF_FFFF
        let last = UnsafeRawPointer(tile + 16).loadUnaligned(as: SIMD8<UInt32>.self) & 0x7FFF_FFFF
        return any(unsafeBitCast(first, to: SIMD16<Float>.self) .> SIMD16(repeating: limit))
            || any(unsafeBitCast(last, to: SIMD8<Float>.self) .> SIMD8(repeating: limit))
    }

    /// Of (tiles, 4, 6) what is larger than the limit and not there already.
    private func show(
        _ sums: UnsafePointer<Float>, rows: UnsafeBufferPointer<UInt32>, terms: UnsafeBufferPointer<UInt32>,
        above limit: Float, to largest: inout LargestValues
    ) {
        let columns = map.columns
        for first in stride(from: 0, to: terms.count, by: PickedGradients.terms) {
            let tile = sums + first * PickedGradients.rows
            let limit = max(limit, largest.limit)
            guard isAny(of: tile, above: limit) else { continue }
            for term in 0..<min(PickedGradients.terms, terms.count - first) {
                for row in rows.indices {
                    let value = tile[term * PickedGradients.rows + row]
                    guard abs(value) > limit, abs(value) > largest.limit else { continue }
                    let position = Int(rows[row]) * columns + Int(terms[first + term])
                    if live.contains(position) { continue }
                    largest.show(LargestValues.Entry(position: position, value: value))
                }
            }
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

    init(_ tasks: Int, count: Int) {
        self.tasks = tasks
        share = (count + tasks - 1) / tasks
        reached = Mutex((-1, Array(repeating: -1, count: tasks)))
    }

    var limit: Float { reached.withLock { $0.limit } }

    func limit(with largest: LargestValues, of task: Int) -> Float {
        let ofShare = largest.limit(ofLargest: share)
        return reached.withLock {
            $0.ofShare[task] = ofShare
            $0.limit = max($0.limit, largest.limit, $0.ofShare.min() ?? -1)
            return $0.limit
        }
    }
}

/// Whether a place of a layer has a weight.
private struct LivePlaces {
    /// One bit a place, where these are not many more than the weights.
    private let bits: [UInt64]
    private let positions: [Int]
    private let columns: Int
    /// The first of each row among the positions, and their count.
    private let starts: [Int]

    init(_ live: [Int], rows: Int, columns: Int) {
        positions = live
        self.columns = columns
        let words = (rows * columns + 63) / 64
        if words <= max(1 << 13, live.count) {
            var bits = [UInt64](repeating: 0, count: words)
            bits.withUnsafeMutableBufferPointer { bits in
                for place in live { bits[place >> 6] |= 1 << UInt64(place & 63) }
            }
            (self.bits, starts) = (bits, [])
            return
        }
        bits = []
        var starts: [Int] = [], place = 0
        starts.reserveCapacity(rows + 1)
        for row in 0...rows {
            while place < live.count, live[place] < row * columns { place += 1 }
            starts.append(place)
        }
        self.starts = starts
    }

    func contains(_ place: Int) -> Bool {
        if !bits.isEmpty { return bits[place >> 6] >> UInt64(place & 63) & 1 == 1 }
        let row = place / columns
        var low = starts[row], high = starts[row + 1]
        while low < high {
            let middle = (low + high) / 2
            if positions[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low < starts[row + 1] && positions[low] == place
    }
}
