/// The `count` values of the largest magnitude among those that it is shown, in any order; of equal ones those at the lowest
/// positions. It holds at most about twice as many, however many are shown.
package final class LargestValues {
    package typealias Entry = (position: Int, value: Float)

    private let count: Int
    private let room: Int
    // What is held: positions and values apart, so that sixteen values are compared at once.
    private var capacity: Int
    private var positions: UnsafeMutablePointer<Int>
    private var values: UnsafeMutablePointer<Float>
    package private(set) var held = 0
    /// Only a larger magnitude can be among them: one that equals the smallest held may lie at a lower position.
    package private(set) var limit: Float = -1

    /// - Parameters:
    ///   - limit: what is looked at is larger.
    ///   - most: values that are shown at most.
    package init(count: Int, above limit: Float = -1, of most: Int = .max) {
        self.count = count
        room = min(2 * count + 4096, most)
        capacity = min(room, 1 << 14)
        positions = .allocate(capacity: capacity)
        values = .allocate(capacity: capacity)
        self.limit = count == 0 ? .infinity : limit
    }

    deinit {
        positions.deallocate()
        values.deallocate()
    }

    /// As `Magnitudes` has it: what is looked at lies above.
    package var limitBits: Int32 { limit < 0 ? -1 : Magnitudes.bits(limit) }

    package var entries: [Entry] { (0..<held).map { (positions[$0], values[$0]) } }

    /// - Precondition: its magnitude is larger than `limit`.
    @inline(__always)
    package func show(_ position: Int, _ value: Float) {
        show(atMost: 1) { positions, values in
            (positions[0], values[0]) = (position, value)
            return 1
        }
    }

    /// - Parameter write: writes up to so many positions and values, each of a magnitude larger than `limit`, and says how many.
    @inline(__always)
    func show(
        atMost most: Int, _ write: (UnsafeMutablePointer<Int>, UnsafeMutablePointer<Float>) -> Int
    ) {
        if held &+ most > capacity { makeRoom(most) }
        held &+= write(positions + held, values + held)
    }

    /// The largest that another one holds are shown, too.
    func show(_ other: LargestValues) {
        show(atMost: other.held) { positions, values in
            var count = 0
            Magnitudes.forEach(
                UnsafeBufferPointer(start: other.values, count: other.held), above: limitBits, most: .max
            ) {
                positions[count] = other.positions[$0]
                values[count] = other.values[$0]
                count &+= 1
            }
            return count
        }
    }

    private func makeRoom(_ most: Int) {
        if held >= room { close() }
        guard held + most > capacity else { return }
        // As much as is ever held, or twice what there is.
        let larger = max(held + most, min(room + most, 2 * capacity))
        let newPositions = UnsafeMutablePointer<Int>.allocate(capacity: larger)
        let newValues = UnsafeMutablePointer<Float>.allocate(capacity: larger)
        newPositions.moveInitialize(from: positions, count: held)
        newValues.moveInitialize(from: values, count: held)
        positions.deallocate()
        values.deallocate()
        (positions, values, capacity) = (newPositions, newValues, larger)
    }

    /// Leaves the largest alone, in the order in which they were shown.
    /// - Complexity: O(entries held).
    package func close() {
        guard held > count, count > 0 else { return }
        let all = UnsafeBufferPointer(start: values, count: held)
        let least = Magnitudes.rank(held - count, of: all)
        let stay = count - (held - least.below - least.equal)
        let last = stay == least.equal ? Int.max : lastPosition(of: least.bits, count: stay)
        var kept = 0
        // To a place that was read already, or to its own.
        Magnitudes.forEach(all, above: least.bits - 1, most: .max) { place in
            let position = positions[place], value = values[place]
            positions[kept] = position
            values[kept] = value
            kept &+= position > last && Magnitudes.bits(value) == least.bits ? 0 : 1
        }
        held = kept
        limit = Float(bitPattern: UInt32(bitPattern: least.bits)).nextDown
    }

    /// What each of the largest `count` of those held is larger than; -1 where fewer are held.
    /// - Complexity: O(entries held).
    func limit(ofLargest count: Int) -> Float {
        guard count > 0, held >= count else { return -1 }
        let least = Magnitudes.rank(held - count, of: UnsafeBufferPointer(start: values, count: held))
        return Float(bitPattern: UInt32(bitPattern: least.bits)).nextDown
    }

    /// The position of the last entry that stays, of those that have this magnitude.
    private func lastPosition(of bits: Int32, count: Int) -> Int {
        var equal: [Int] = []
        Magnitudes.forEach(UnsafeBufferPointer(start: values, count: held), above: bits - 1, most: bits) {
            equal.append(positions[$0])
        }
        return ranked(count - 1, of: equal)
    }

    /// What is held, by position.
    /// - Complexity: O(entries + places / 64), where these are many O(entries + rows + columns).
    func inRisingPositions(rows: Int, columns: Int) -> [Entry] {
        let words = (rows * columns + 63) / 64
        guard words <= max(1 << 13, held) else {
            let places = (0..<held).map { positions[$0].quotientAndRemainder(dividingBy: columns) }
            let byColumn = stableOrder(of: places.map { UInt32($0.remainder) }, keys: columns)
            let byRow = stableOrder(of: byColumn.map { UInt32(places[Int($0)].quotient) }, keys: rows)
            return byRow.map {
                let place = Int(byColumn[Int($0)])
                return (positions[place], values[place])
            }
        }
        // A bit for each place: as many bits before its own as entries before it.
        return withScratch(of: UInt64.self, capacity: words) { bits in
            withScratch(of: UInt32.self, capacity: words) { before in
                bits.initialize(repeating: 0)
                for place in 0..<held { bits[positions[place] >> 6] |= 1 << UInt64(positions[place] & 63) }
                var sum: UInt32 = 0
                for word in 0..<words {
                    before[word] = sum
                    sum &+= UInt32(truncatingIfNeeded: bits[word].nonzeroBitCount)
                }
                return [Entry](unsafeUninitializedCapacity: held) { entries, count in
                    for place in 0..<held {
                        let position = positions[place]
                        let lower = bits[position >> 6] & ((1 << UInt64(position & 63)) &- 1)
                        let entry = Int(before[position >> 6]) &+ lower.nonzeroBitCount
                        entries.initializeElement(at: entry, to: (position, values[place]))
                    }
                    count = held
                }
            }
        }
    }
}

/// The number of an ascending rank; none is negative.
/// - Complexity: O(numbers · bits of the largest / 11).
func ranked(_ rank: Int, of numbers: [Int]) -> Int {
    var numbers = numbers, rank = rank
    let most = numbers.max()!
    var shift = (Int.bitWidth - most.leadingZeroBitCount) / 11 * 11
    while numbers.count > 1, shift >= 0 {
        var counts = [Int](repeating: 0, count: 1 << 11), bucket = 0
        for number in numbers { counts[number >> shift & 0x7FF] += 1 }
        while rank >= counts[bucket] {
            rank -= counts[bucket]
            bucket += 1
        }
        numbers.removeAll { $0 >> shift & 0x7FF != bucket }
        shift -= 11
    }
    return numbers[0]
}
