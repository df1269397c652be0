/// The weights by column, so that an input of zero is skipped with all of them, and cut into slices of rows, one a task:
/// the slice of y stays in the first-level cache.
///
///     starts  [ 0     2        5 ]     weights of (slice, column), one slice after the other
///     rows    [ 3  9  0  3  7 ]        in the slice
///     values  [ a  b  c  d  e ]
struct ColumnSlices: SingleKernel {
    private let columns: Int
    private let rows: Int
    private let rowsPerSlice: Int
    private let starts: IndexBuffer
    private let rowOf: Array16
    /// One of the two holds the values.
    private let values: FloatBuffer
    private let halves: Array16
    private let isHalf: Bool
    let tasks: Int

    var bytes: Int { 4 * (starts.count + values.count) + 2 * (rowOf.count + halves.count) }

    init(rows: Int, columns: Int, indices: [Int], values: [Float], isHalf: Bool) {
        self.rows = rows
        self.columns = columns
        self.isHalf = isHalf
        // A column of a slice costs a mispredicted exit, so it should hold many weights; and a row fits two bytes.
        let wanted = min(8, indices.count / max(1, columns) / 100)
        let slices = max(1, wanted, (rows + 65_535) / 65_536)
        rowsPerSlice = max(1, (rows + slices - 1) / slices)
        tasks = slices
        var next = [UInt32](repeating: 0, count: slices * columns + 1)
        for index in indices { next[index / columns / rowsPerSlice * columns + index % columns + 1] += 1 }
        for place in 0..<slices * columns { next[place + 1] += next[place] }
        starts = IndexBuffer(next)
        var rowOf = [UInt16](repeating: 0, count: indices.count)
        var ordered = [Float](repeating: 0, count: indices.count)
        for (number, index) in indices.enumerated() {
            let (row, column) = index.quotientAndRemainder(dividingBy: columns)
            let cell = row / rowsPerSlice * columns + column
            rowOf[Int(next[cell])] = UInt16(row % rowsPerSlice)
            ordered[Int(next[cell])] = values[number]
            next[cell] += 1
        }
        self.rowOf = Array16(rowOf)
        self.values = FloatBuffer(isHalf ? [] : ordered)
        halves = Array16(isHalf ? ordered.map { halfBits($0) } : [])
    }

    func forward(
        task: Int, bias: UnsafePointer<Float>, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputStep: Int
    ) {
        let first = task * rowsPerSlice
        let held = min(rowsPerSlice, rows - first)
        guard held > 0 else { return }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: held) { sums in
            let y = sums.baseAddress!
            y.initialize(from: bias + first, count: held)
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: columns + 1) { live in
                // First the list, without a branch: zeros come as they like, and would be mispredicted one by one.
                var count = 0
                for column in 0..<columns {
                    live[count] = UInt32(truncatingIfNeeded: column)
                    count &+= input[column] == 0 ? 0 : 1
                }
                let liveColumns = UnsafeBufferPointer(rebasing: live[..<count])
                if isHalf {
                    scatterHalves(liveColumns, slice: task, input, y)
                } else {
                    scatter(liveColumns, slice: task, input, y)
                }
            }
            for row in 0..<held { output[(first &+ row) &* outputStep] = y[row] }
        }
    }

    private func scatter(
        _ live: UnsafeBufferPointer<UInt32>, slice: Int, _ input: UnsafePointer<Float>,
        _ y: UnsafeMutablePointer<Float>
    ) {
        let starts = starts.pointer + slice &* columns
        let rows = rowOf.pointer
        let values = values.pointer
        for column in live {
            let column = Int(column)
            let x = input[column]
            var number = Int(starts[column])
            let end = Int(starts[column &+ 1])
            // Four at a time: the rows of a column differ, so no sum waits for another.
            while number &+ 4 <= end {
                let r0 = Int(rows[number]), r1 = Int(rows[number &+ 1])
                let r2 = Int(rows[number &+ 2]), r3 = Int(rows[number &+ 3])
                let s0 = plus(y[r0], values[number], x)
                let s1 = plus(y[r1], values[number &+ 1], x)
                let s2 = plus(y[r2], values[number &+ 2], x)
                let s3 = plus(y[r3], values[number &+ 3], x)
                y[r0] = s0
                y[r1] = s1
                y[r2] = s2
                y[r3] = s3
                number &+= 4
            }
            while number < end {
                let row = Int(rows[number])
                y[row] = plus(y[row], values[number], x)
                number &+= 1
            }
        }
    }

    private func scatterHalves(
        _ live: UnsafeBufferPointer<UInt32>, slice: Int, _ input: UnsafePointer<Float>,
        _ y: UnsafeMutablePointer<Float>
    ) {
        let starts = starts.pointer + slice &* columns
        let rows = rowOf.pointer
        let halves = halves.pointer
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 8) { widened in
            let wide = widened.baseAddress!
            for column in live {
                let column = Int(column)
                let x = input[column]
                var number = Int(starts[column])
                let end = Int(starts[column &+ 1])
                while number < end {
                    // Past the end of the column are other weights or padding, widened for nothing.
                    store8(widen8(halves + number), wide)
                    let held = min(8, end &- number)
                    var index = 0
                    while index < held {
                        let row = Int(rows[number &+ index])
                        y[row] = plus(y[row], wide[index], x)
                        index &+= 1
                    }
                    number &+= 8
                }
            }
        }
    }
}

@inline(__always)
private func plus(_ sum: Float, _ w: Float, _ x: Float) -> Float {
    #if ESPALIER_FMA
        sum.addingProduct(w, x)
    #else
        sum + w * x
    #endif
}
