import Kernels

/// The `count` values of the largest magnitude among those that it is shown, in any order; of equal ones those at the lowest
/// positions. It holds at most about twice as many, however many are shown.
struct LargestValues {
    struct Entry {
        let position: Int
        let value: Float
    }

    private let count: Int
    private let room: Int
    /// What is held: positions and values apart, so that sixteen values are compared at once.
    private(set) var positions: [Int] = []
    private(set) var values: [Float] = []
    /// Only a larger magnitude can be among them: one that equals the smallest held may lie at a lower position.
    private(set) var limit: Float = -1

    /// - Parameter limit: what is looked at is larger.
    init(count: Int, above limit: Float = -1) {
        self.count = count
        room = 2 * count + 4096
        self.limit = count == 0 ? .infinity : limit
        positions.reserveCapacity(min(room, 1 << 14))
        values.reserveCapacity(min(room, 1 << 14))
    }

    /// As `Magnitudes` has it: what is looked at lies above.
    var limitBits: Int32 { limit < 0 ? -1 : Magnitudes.bits(limit) }

    var entries: [Entry] { positions.indices.map { Entry(position: positions[$0], value: values[$0]) } }

    /// - Precondition: its magnitude is larger than `limit`.
    @inline(__always)
    mutating func show(_ position: Int, _ value: Float) {
        positions.append(position)
        values.append(value)
        if values.count >= room { close() }
    }

    /// Leaves the largest alone, in the order in which they were shown.
    /// - Complexity: O(entries held).
    mutating func close() {
        guard values.count > count, count > 0 else { return }
        let least = values.withUnsafeBufferPointer { Magnitudes.rank($0.count - count, of: $0) }
        let stay = count - (values.count - least.below - least.equal)
        let last = stay == least.equal ? Int.max : lastPosition(of: least.bits, count: stay)
        let held = values.count
        withScratch(of: UInt32.self, capacity: held + 16) { places in
            positions.withUnsafeMutableBufferPointer { positions in
                values.withUnsafeMutableBufferPointer { values in
                    let found = Magnitudes.places(
                        UnsafeBufferPointer(values), above: least.bits - 1, most: .max, to: places.baseAddress!)
                    var kept = 0
                    for number in 0..<found {
                        let place = Int(places[number])
                        // To a place that was read already, or to its own.
                        positions[kept] = positions[place]
                        values[kept] = values[place]
                        let isOut = positions[kept] > last && Magnitudes.bits(values[kept]) == least.bits
                        kept &+= isOut ? 0 : 1
                    }
                }
            }
        }
        positions.removeLast(held - count)
        values.removeLast(held - count)
        limit = Float(bitPattern: UInt32(bitPattern: least.bits)).nextDown
    }

    /// What each of the largest `count` of those held is larger than; -1 where fewer are held.
    /// - Complexity: O(entries held).
    func limit(ofLargest count: Int) -> Float {
        guard count > 0, values.count >= count else { return -1 }
        let least = values.withUnsafeBufferPointer { Magnitudes.rank($0.count - count, of: $0) }
        return Float(bitPattern: UInt32(bitPattern: least.bits)).nextDown
    }

    /// The position of the last entry that stays, of those that have this magnitude.
    private func lastPosition(of bits: Int32, count: Int) -> Int {
        var equal: [Int] = []
        for place in values.indices where Magnitudes.bits(values[place]) == bits { equal.append(positions[place]) }
        return ranked(count - 1, of: equal)
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

extension LargestValues {
    /// What is held, by position.
    /// - Complexity: O(entries + places / 64), where these are many O(entries + rows + columns).
    func inRisingPositions(rows: Int, columns: Int) -> [Entry] {
        let words = (rows * columns + 63) / 64
        guard words <= max(1 << 13, positions.count) else {
            let places = positions.map { $0.quotientAndRemainder(dividingBy: columns) }
            let byColumn = stableOrder(of: places.map { UInt32($0.remainder) }, keys: columns)
            let byRow = stableOrder(of: byColumn.map { UInt32(places[Int($0)].quotient) }, keys: rows)
            return byRow.map {
                let place = Int(byColumn[Int($0)])
                return Entry(position: positions[place], value: values[place])
            }
        }
        // A bit for each place: as many bits before its own as entries before it.
        return withScratch(of: UInt64.self, capacity: words) { bits in
            withScratch(of: UInt32.self, capacity: words) { before in
                bits.initialize(repeating: 0)
                for position in positions { bits[position >> 6] |= 1 << UInt64(position & 63) }
                var sum: UInt32 = 0
                for word in 0..<words {
                    before[word] = sum
                    sum &+= UInt32(truncatingIfNeeded: bits[word].nonzeroBitCount)
                }
                return [Entry](unsafeUninitializedCapacity: positions.count) { entries, count in
                    for (position, value) in zip(positions, values) {
                        let lower = bits[position >> 6] & ((1 << UInt64(position & 63)) &- 1)
                        let place = Int(before[position >> 6]) &+ lower.nonzeroBitCount
                        entries.initializeElement(at: place, to: Entry(position: position, value: value))
                    }
                    count = positions.count
                }
            }
        }
    }
}
