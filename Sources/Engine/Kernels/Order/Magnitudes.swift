import CProcessor

/// Floats chosen by magnitude, sixteen at a time. Their order is that of the bits without the sign: what is no number is larger than
/// all others.
package enum Magnitudes {
    /// Of infinity. What is no number is beyond.
    package static let infinity = Int32(bitPattern: Float.infinity.bitPattern)

    @inlinable @inline(__always)
    package static func bits(_ value: Float) -> Int32 { Int32(bitPattern: value.bitPattern & 0x7FFF_FFFF) }

    /// Calls `body` with the places of all magnitudes in (above, most], ascending.
    @inline(__always)
    static func forEach(
        _ values: UnsafeBufferPointer<Float>, above: Int32, most: Int32, _ body: (Int) -> Void
    ) {
        guard let start = values.baseAddress else { return }
        var place = 0
        while place &+ 16 <= values.count {
            var found = espalier_magnitudes(start + place, above, most)
            while found != 0 {
                body(place &+ found.trailingZeroBitCount)
                found &= found &- 1
            }
            place &+= 16
        }
        while place < values.count {
            let bits = bits(start[place])
            if bits > above, bits <= most { body(place) }
            place &+= 1
        }
    }

    /// Writes those places to room for as many as there are values and sixteen, and says how many there are.
    package static func places(
        _ values: UnsafeBufferPointer<Float>, above: Int32, most: Int32, to places: UnsafeMutablePointer<UInt32>
    ) -> Int {
        var count = 0
        forEach(values, above: above, most: most) {
            places[count] = UInt32(truncatingIfNeeded: $0)
            count &+= 1
        }
        return count
    }

    /// Whether any is in (above, most].
    package static func contains(_ values: UnsafeBufferPointer<Float>, above: Int32, most: Int32) -> Bool {
        guard let start = values.baseAddress else { return false }
        var place = 0
        while place &+ 16 <= values.count {
            if espalier_magnitudes(start + place, above, most) != 0 { return true }
            place &+= 16
        }
        return values[place...].contains { bits($0) > above && bits($0) <= most }
    }

    /// The least magnitude; infinity of none. What is no number is passed over.
    package static func least(_ values: UnsafePointer<Float>, count: Int) -> Float {
        var least = SIMD16<Float>(repeating: .infinity), place = 0
        while place &+ 16 <= count {
            let bits = unsafeBitCast(load16(values + place), to: SIMD16<UInt32>.self) & 0x7FFF_FFFF
            let magnitudes = unsafeBitCast(bits, to: SIMD16<Float>.self)
            least.replace(with: magnitudes, where: magnitudes .< least)
            place &+= 16
        }
        var one = least.min()
        while place < count {
            one = min(one, abs(values[place]))
            place &+= 1
        }
        return one
    }

    /// Where a rank lies among magnitudes.
    package struct Rank {
        package let bits: Int32
        /// How many are smaller, and how many are the same.
        package let below: Int
        package let equal: Int
    }

    /// The magnitude of an ascending rank.
    /// - Precondition: 0 ≤ rank < the count of values.
    /// - Complexity: O(values).
    package static func rank(_ rank: Int, of values: UnsafeBufferPointer<Float>) -> Rank {
        precondition(rank >= 0 && rank < values.count)
        // 11 + 11 + 9 bits from the top; after the first only those that share them are looked at.
        let step: Int32 = 1 << 20
        var (bucket, below) = firstBucket(rank, of: values)
        return withScratch(of: Int32.self, capacity: values.count) { held in
            var count = 0
            forEach(values, above: bucket * step - 1, most: bucket * step + (step - 1)) {
                held[count] = bits(values[$0])
                count &+= 1
            }
            for (shift, width) in [(9, 11), (0, 9)] as [(Int32, Int32)] {
                let mask = (Int32(1) << width) - 1
                let found = withCounts(1 << Int(width)) { counts in
                    for place in 0..<count { counts[Int(held[place] >> shift & mask)] &+= 1 }
                    return find(rank - below, in: counts)
                }
                below += found.below
                bucket = found.bucket
                var kept = 0
                for place in 0..<count where held[place] >> shift & mask == bucket {
                    held[kept] = held[place]
                    kept &+= 1
                }
                count = kept
            }
            return Rank(bits: held[0], below: below, equal: count)
        }
    }

    /// By the first eleven bits behind the sign. Neighbours count apart, for magnitudes are much alike and a count that was just
    /// written is waited for.
    private static func firstBucket(_ rank: Int, of values: UnsafeBufferPointer<Float>) -> (bucket: Int32, below: Int) {
        withCounts(1 << 12) { counts in
            var place = 0
            while place &+ 2 <= values.count {
                counts[Int(bits(values[place]) >> 20) &* 2] &+= 1
                counts[Int(bits(values[place &+ 1]) >> 20) &* 2 &+ 1] &+= 1
                place &+= 2
            }
            if place < values.count { counts[Int(bits(values[place]) >> 20) &* 2] &+= 1 }
            for bucket in 0..<1 << 11 { counts[bucket] = counts[2 &* bucket] &+ counts[2 &* bucket &+ 1] }
            return find(rank, in: counts)
        }
    }

    private static func withCounts<Result>(
        _ count: Int, _ body: (UnsafeMutableBufferPointer<UInt32>) -> Result
    ) -> Result {
        withScratch(of: UInt32.self, capacity: count) { counts in
            counts.initialize(repeating: 0)
            return body(counts)
        }
    }

    /// The bucket that holds a rank, and how many lie before it.
    private static func find(
        _ rank: Int, in counts: UnsafeMutableBufferPointer<UInt32>
    ) -> (bucket: Int32, below: Int) {
        var below = 0
        for bucket in counts.indices {
            if rank < below &+ Int(counts[bucket]) { return (Int32(bucket), below) }
            below &+= Int(counts[bucket])
        }
        preconditionFailure("rank \(rank) of \(below) magnitudes")
    }

    /// The places of the `count` smallest magnitudes, of equal ones the earliest; ascending.
    /// - Complexity: O(values).
    package static func smallest(_ count: Int, of values: [Float]) -> [Int] {
        let count = min(max(count, 0), values.count)
        if count == values.count { return Array(values.indices) }
        return values.withUnsafeBufferPointer { values in
            let last = rank(count, of: values)
            var ties = count - last.below
            return [Int](unsafeUninitializedCapacity: count) { places, initialized in
                var found = 0
                forEach(values, above: -1, most: last.bits) { place in
                    if bits(values[place]) == last.bits {
                        if ties == 0 { return }
                        ties &-= 1
                    }
                    places.initializeElement(at: found, to: place)
                    found &+= 1
                }
                initialized = found
            }
        }
    }
}
