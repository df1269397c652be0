/// The `count` values of the largest magnitude among those that it is shown, in the order in which they were shown; of equal
/// ones the earlier. It holds at most about twice as many, however many are shown.
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
    /// Only what is larger can be among them.
    private(set) var threshold: Float = -1

    init(count: Int) {
        self.count = count
        room = 2 * count + 4096
    }

    mutating func show(_ entry: Entry) {
        entries.append(entry)
        if entries.count >= room { close() }
    }

    /// Leaves the largest alone.
    /// - Complexity: O(entries held).
    mutating func close() {
        guard entries.count > count else { return }
        guard count > 0 else {
            entries = []
            threshold = .infinity
            return
        }
        // Bits of the key of the last that stays, 11 + 11 + 9 from the top.
        var prefix: UInt32 = 0, larger = 0
        for (shift, bits) in [(20, 11), (9, 11), (0, 9)] as [(UInt32, UInt32)] {
            var counts = [Int](repeating: 0, count: 1 << Int(bits))
            let mask = (UInt32(1) << bits) - 1
            for entry in entries where entry.key >> (shift + bits) == prefix {
                counts[Int(entry.key >> shift & mask)] += 1
            }
            var bucket = counts.count - 1
            while larger + counts[bucket] < count {
                larger += counts[bucket]
                bucket -= 1
            }
            prefix = prefix << bits | UInt32(bucket)
        }
        var ties = count - larger
        entries.removeAll { entry in
            if entry.key == prefix {
                ties -= 1
                return ties < 0
            }
            return entry.key < prefix
        }
        threshold = Float(bitPattern: prefix)
    }
}
