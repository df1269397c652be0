/// Exact selection by count or by threshold over the scores of one or more layers, ties by (layer, position).
///
/// The k-th score is found by its bits, 11 + 11 + 10 from the top, so no scores are sorted and the time does not
/// depend on their values.
package enum Selection {
    /// Keeps the `count` largest scores; among equal ones the earliest are cut first.
    ///
    /// - Returns: a flag per score, and the lowest score kept (infinity where none is).
    /// - Complexity: O(scores): about 1 ms for 266,200.
    package static func keep(count: Int, scores: [[Float]]) -> (keep: [[Bool]], threshold: Float) {
        let total = scores.reduce(0) { $0 + $1.count }
        let cut = total - min(max(count, 0), total)
        if cut == total { return (scores.map { [Bool](repeating: false, count: $0.count) }, .infinity) }
        let boundary = key(rank: cut, scores: scores)
        var tiesToCut = cut - boundary.below
        let keep = scores.map { layer in
            layer.withUnsafeBufferPointer { layer in
                [Bool](unsafeUninitializedCapacity: layer.count) { flags, initialized in
                    for position in layer.indices {
                        let key = key(layer[position])
                        var stays = key >= boundary.key
                        if key == boundary.key, tiesToCut > 0 {
                            tiesToCut -= 1
                            stays = false
                        }
                        flags.initializeElement(at: position, to: stays)
                    }
                    initialized = layer.count
                }
            }
        }
        return (keep, score(boundary.key))
    }

    /// The places of the `count` smallest scores, of equal ones the earliest; ascending.
    /// - Complexity: O(scores).
    package static func smallest(_ count: Int, of scores: [Float]) -> [Int] {
        let count = min(max(count, 0), scores.count)
        if count == scores.count { return Array(scores.indices) }
        let boundary = key(rank: count, scores: [scores])
        return places(count, of: scores, equal: count - boundary.below) {
            $0 < boundary.key
        } equals: {
            $0 == boundary.key
        }
    }

    /// The places of the `count` largest scores, of equal ones the earliest; ascending.
    /// - Complexity: O(scores).
    package static func largest(_ count: Int, of scores: [Float]) -> [Int] {
        let count = min(max(count, 0), scores.count)
        if count == 0 { return [] }
        let boundary = key(rank: scores.count - count, scores: [scores])
        var notAbove = 0
        for score in scores { notAbove += key(score) <= boundary.key ? 1 : 0 }
        return places(count, of: scores, equal: count - (scores.count - notAbove)) {
            $0 > boundary.key
        } equals: {
            $0 == boundary.key
        }
    }

    /// All that are in, and the first so many of those that equal the boundary.
    @inline(__always)
    private static func places(
        _ count: Int, of scores: [Float], equal: Int, isIn: (UInt32) -> Bool, equals: (UInt32) -> Bool
    ) -> [Int] {
        // One more than there are, so that each place is written without a branch and counted where it stays.
        [Int](unsafeUninitializedCapacity: count + 1) { places, initialized in
            var found = 0, left = equal
            for (place, score) in scores.enumerated() {
                let key = key(score), isTie = equals(key) && left > 0
                left -= isTie ? 1 : 0
                places[found] = place
                found += isIn(key) || isTie ? 1 : 0
            }
            initialized = count
        }
    }

    /// Keeps every score that is not below the threshold.
    package static func keep(atLeast threshold: Float, scores: [[Float]]) -> [[Bool]] {
        scores.map { $0.map { $0 >= threshold } }
    }

    /// How many scores are not below the threshold.
    package static func count(atLeast threshold: Float, scores: [[Float]]) -> Int {
        var count = 0
        for layer in scores {
            // Without a branch, so that the compiler makes vectors of it.
            layer.withUnsafeBufferPointer { layer in for score in layer { count += score >= threshold ? 1 : 0 } }
        }
        return count
    }

    /// The key at an ascending rank and how many keys are below it.
    private static func key(rank: Int, scores: [[Float]]) -> (key: UInt32, below: Int) {
        var rank = rank
        var below = 0
        var bucket: Int
        var counts = [Int](repeating: 0, count: 2048)
        counts.withUnsafeMutableBufferPointer { counts in
            for layer in scores {
                layer.withUnsafeBufferPointer { layer in for score in layer { counts[Int(key(score) >> 21)] += 1 } }
            }
        }
        (bucket, rank) = find(rank, in: counts)
        for smaller in 0..<bucket { below += counts[smaller] }
        var prefix = UInt32(bucket)

        // Only the keys that share the first 11 bits are looked at again.
        var rest: [UInt32] = []
        rest.reserveCapacity(counts[bucket])
        for layer in scores {
            layer.withUnsafeBufferPointer { layer in
                for score in layer {
                    let key = key(score)
                    if key >> 21 == prefix { rest.append(key) }
                }
            }
        }
        for (shift, bits) in [(10, 11), (0, 10)] as [(UInt32, UInt32)] {
            let mask = (UInt32(1) << bits) - 1
            counts = [Int](repeating: 0, count: 1 << Int(bits))
            for key in rest where key >> (shift + bits) == prefix { counts[Int((key >> shift) & mask)] += 1 }
            (bucket, rank) = find(rank, in: counts)
            for smaller in 0..<bucket { below += counts[smaller] }
            prefix = prefix << bits | UInt32(bucket)
        }
        return (prefix, below)
    }

    /// The bucket that holds a rank, and the rank inside it.
    private static func find(_ rank: Int, in counts: [Int]) -> (bucket: Int, rank: Int) {
        var left = rank
        for bucket in counts.indices {
            if left < counts[bucket] { return (bucket, left) }
            left -= counts[bucket]
        }
        preconditionFailure("rank \(rank) of \(counts.reduce(0, +)) scores")
    }

    /// Bits whose unsigned order is the order of the numbers; adding zero makes -0 and 0 one.
    static func key(_ score: Float) -> UInt32 {
        let bits = (score + 0).bitPattern
        return bits ^ (bits >> 31 == 1 ? 0xFFFF_FFFF : 0x8000_0000)
    }

    private static func score(_ key: UInt32) -> Float {
        Float(bitPattern: key ^ (key >> 31 == 1 ? 0x8000_0000 : 0xFFFF_FFFF))
    }
}
