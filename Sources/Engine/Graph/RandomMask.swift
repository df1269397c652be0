import Kernels

/// A mask drawn at random without any array of the layer's size.
///
/// The rows share the weights evenly (their counts differ by one at most, the longer rows evenly spread), and in a row
/// every choice of columns is equally likely. A draw over the whole layer would leave outputs without inputs
/// (at 2 weights a row one in seven) and rows of unequal work; with equal rows each output has its inputs, and a task of a
/// few rows its share of the work.
/// Reference: Prabhu, Varma & Namboodiri 2018, arXiv:1711.08757 (random masks of constant fan-in).
package enum RandomMask {
    /// Ascending row-major positions, `count` of them: a function of the arguments alone, whatever the threads.
    ///
    /// - Precondition: 0 ≤ count ≤ rows × columns, columns below 2³².
    /// - Complexity: O(count · log(count / rows) + rows) time; the result and a bit a column in memory.
    package static func positions(rows: Int, columns: Int, count: Int, seed: UInt64, layer: Int) -> [Int] {
        precondition(count >= 0 && count <= rows * columns)
        let random = CounterRandom(seed: seed, purpose: .mask)
        var positions: [Int] = []
        positions.reserveCapacity(count)
        var isTaken = [UInt64](repeating: 0, count: (columns + 63) / 64)
        var drawn: [UInt32] = []
        for row in 0..<rows {
            let held = self.count(ofRow: row, rows: rows, count: count)
            drawn.removeAll(keepingCapacity: true)
            // Floyd's draw of distinct numbers: each subset with the same probability.
            // Reference: Bentley & Floyd 1987, "A sample of brilliance".
            for limit in columns - held..<columns {
                var column = random.integer(below: limit + 1, layer, row, limit)
                if isTaken[column / 64] >> UInt64(column % 64) & 1 == 1 { column = limit }
                isTaken[column / 64] |= 1 << UInt64(column % 64)
                drawn.append(UInt32(column))
            }
            let start = row * columns
            if held < isTaken.count {
                drawn.sort()
                for column in drawn {
                    positions.append(start + Int(column))
                    isTaken[Int(column) / 64] = 0
                }
            } else {
                for word in isTaken.indices {
                    var bits = isTaken[word]
                    while bits != 0 {
                        positions.append(start + word * 64 + bits.trailingZeroBitCount)
                        bits &= bits - 1
                    }
                    isTaken[word] = 0
                }
            }
        }
        return positions
    }

    /// Weights of one row.
    package static func count(ofRow row: Int, rows: Int, count: Int) -> Int {
        // ⌊(row + 1) · rest / rows⌋ − ⌊row · rest / rows⌋ more than the even share; rest < rows, so nothing overflows.
        let (each, rest) = count.quotientAndRemainder(dividingBy: rows)
        return each + (row + 1) * rest / rows - row * rest / rows
    }
}
