/// The `count` values of the largest magnitude among those that it is shown, in any order; of equal ones those at the lowest
/// positions. It holds at most about twice as many, however many are shown.
struct LargestValues {
    struct Entry {
        let position: Int
        let value: Float

        /// Unsigned order is that of |value|.
        var key: UInt32 { value.bitPattern & 0x7FFF_FFFF }
    }

    private let count: Int
    private let room: Int
    private(set) var entries: [Entry] = []
    /// Only a larger magnitude can be among them: one that equals the smallest held may lie at a lower position.
    private(set) var limit: Float = -1

    /// - Parameter limit: what is looked at is larger.
    init(count: Int, above limit: Float = -1) {
        self.count = count
        room = 2 * count + 4096
        self.limit = count == 0 ? .infinity : limit
        entries.reserveCapacity(min(room, 1 << 15))
    }

    /// - Precondition: its magnitude is larger than `limit`.
    mutating func show(_ entry: Entry) {
        entries.append(entry)
        if entries.count >= room { close() }
    }

    /// Leaves the largest alone, in the order in which they were shown.
    /// - Complexity: O(entries held); of many equal ones at the end of the count, with a sort of these.
    mutating func close() {
        guard entries.count > count, count > 0 else { return }
        let (key, larger, equal) = last(count)
        let last = equal == count - larger ? Int.max : lastPosition(of: key, count: count - larger)
        entries.removeAll { $0.key < key || ($0.key == key && $0.position > last) }
        limit = Float(bitPattern: key).nextDown
    }

    /// What each of the largest `count` of those held is larger than; -1 where fewer are held.
    /// - Complexity: O(entries held).
    func limit(ofLargest count: Int) -> Float {
        count > 0 && entries.count >= count ? Float(bitPattern: last(count).key).nextDown : -1
    }

    /// The key of the last of the largest `count`, how many are larger, and how many equal it.
    private func last(_ count: Int) -> (key: UInt32, larger: Int, equal: Int) {
        // 11 + 11 + 9 bits from the top; after the first only keys that share them are looked at.
        var prefix: UInt32 = 0, larger = 0
        var keys = entries.map(\.key)
        for (shift, bits) in [(20, 11), (9, 11), (0, 9)] as [(UInt32, UInt32)] {
            var counts = [Int](repeating: 0, count: 1 << Int(bits))
            let mask = (UInt32(1) << bits) - 1
            counts.withUnsafeMutableBufferPointer { counts in for key in keys { counts[Int(key >> shift & mask)] += 1 }
            }
            var bucket = counts.count - 1
            while larger + counts[bucket] < count {
                larger += counts[bucket]
                bucket -= 1
            }
            prefix = prefix << bits | UInt32(bucket)
            keys.removeAll { $0 >> shift & mask != UInt32(bucket) }
        }
        return (prefix, larger, keys.count)
    }

    /// The position of the last entry that stays, of those that have this key.
    private func lastPosition(of key: UInt32, count: Int) -> Int {
        var positions: [Int] = []
        for entry in entries where entry.key == key { positions.append(entry.position) }
        positions.sort()
        return positions[count - 1]
    }
}
