import Kernels

/// Draws positions of a layer that its mask leaves out, each choice of so many equally likely, and nothing as large as the layer.
package enum RandomPlaces {
    /// - Parameters:
    ///   - count: at most as many as are left out.
    ///   - live: ascending positions; nil: all, so that nothing is left out.
    ///   - total: positions of the layer.
    /// - Returns: ascending positions.
    /// - Complexity: O(count · log(nnz / count)); memory O(count).
    package static func outside(
        _ live: [Int]?, total: Int, count: Int, seed: UInt64, layer: Int, step: Int
    ) -> [Int] {
        guard let live else { return [] }
        let free = total - live.count, count = min(count, free)
        if count <= 0 { return [] }
        let random = CounterRandom(seed: seed, purpose: .growth).among(layer, step)
        var ranks = DrawnNumbers.sorted(DrawnNumbers.distinct(count, below: free) { random.bits($0) })
        // The free position of rank r is r plus the live ones before it: those of which fewer than r + 1 free ones lie before.
        var before = 0
        live.withUnsafeBufferPointer { live in
            for place in ranks.indices {
                let rank = ranks[place]
                // The next is near.
                var step = 1
                while before + step <= live.count, live[before + step - 1] - (before + step - 1) <= rank {
                    before += step
                    step *= 2
                }
                var high = min(before + step - 1, live.count)
                while before < high {
                    let middle = (before + high) / 2
                    if live[middle] - middle <= rank { before = middle + 1 } else { high = middle }
                }
                ranks[place] = rank + before
            }
        }
        return ranks
    }
}

/// Distinct numbers at random.
enum DrawnNumbers {
    /// Ascending, by eleven bits after eleven.
    /// - Precondition: none is negative.
    /// - Complexity: O(numbers · bits of the largest / 11).
    static func sorted(_ numbers: [Int]) -> [Int] {
        // Of few the counts would take longer.
        guard numbers.count > 256, let most = numbers.max() else { return numbers.sorted() }
        var numbers = numbers, other = numbers
        for shift in stride(from: 0, to: Int.bitWidth - most.leadingZeroBitCount, by: 11) {
            var next = [Int](repeating: 0, count: 1 << 11 + 1)
            for number in numbers { next[number >> shift & 0x7FF + 1] += 1 }
            for bucket in 1..<1 << 11 { next[bucket] += next[bucket - 1] }
            for number in numbers {
                let bucket = number >> shift & 0x7FF
                other[next[bucket]] = number
                next[bucket] += 1
            }
            swap(&numbers, &other)
        }
        return numbers
    }

    /// Floyd's draw: every set of `count` numbers below `bound` is equally likely.
    /// - Parameter bits: 64 random bits of a counter.
    /// - Complexity: O(count).
    ///
    /// Reference: Bentley & Floyd 1987, "A sample of brilliance"
    static func distinct(_ count: Int, below bound: Int, bits: (Int) -> UInt64) -> [Int] {
        precondition(count >= 0 && count <= bound)
        var drawn: [Int] = []
        drawn.reserveCapacity(count)
        // An open table of twice the size or more; -1 is an empty place.
        var size = 16
        while size < 2 * count { size *= 2 }
        var table = [Int](repeating: -1, count: size)
        table.withUnsafeMutableBufferPointer { table in
            /// Whether it was not there before.
            func insert(_ number: Int) -> Bool {
                var place = Int(truncatingIfNeeded: UInt64(bitPattern: Int64(number)) &* 0x9E37_79B9_7F4A_7C15 >> 20)
                while true {
                    place &= size - 1
                    if table[place] == number { return false }
                    if table[place] < 0 {
                        table[place] = number
                        return true
                    }
                    place += 1
                }
            }
            for limit in bound - count..<bound {
                var number = Int(bits(limit).multipliedFullWidth(by: UInt64(limit + 1)).high)
                if !insert(number) {
                    number = limit
                    _ = insert(number)
                }
                drawn.append(number)
            }
        }
        return drawn
    }
}
