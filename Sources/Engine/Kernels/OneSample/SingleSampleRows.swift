import CProcessor

/// The weights of a sparse linear layer for a batch of one, by row: sixteen rows side by side, of as equal a number of
/// weights as there are, so that their sums are two registers and each input is a load from the first-level cache.
///
///     rows     [ 7 0 12 … ]            of all slices, by number of weights
///     starts   [ 0      5 … ]          steps of a slice: starts[s] ..< starts[s + 1]
///     columns, values                  [step][16]; where a row has ended, column 0 times zero
struct SixteenRows: SingleKernel {
    private let rows: IndexBuffer
    private let starts: IndexBuffer
    private let columns: Array16
    /// One of the two holds the values.
    private let values: FloatBuffer
    private let halves: Array16
    private let isHalf: Bool

    private var slices: Int { starts.count - 1 }
    /// From the shape alone: one where the whole takes less time than waking a thread.
    var tasks: Int { min(max(1, columns.count / 262_144), 16, max(1, slices)) }
    var bytes: Int { 4 * (rows.count + starts.count + values.count) + 2 * (columns.count + halves.count) }

    init(rows rowTotal: Int, columns columnTotal: Int, indices: [Int], values given: [Float], isHalf: Bool) {
        var rowStart = [Int](repeating: 0, count: rowTotal + 1)
        for index in indices { rowStart[index / columnTotal + 1] += 1 }
        for row in 0..<rowTotal { rowStart[row + 1] += rowStart[row] }
        func count(_ row: Int) -> Int { rowStart[row + 1] - rowStart[row] }
        let order = (0..<rowTotal).sorted { (count($0), $0) < (count($1), $1) }
        var starts: [UInt32] = [0], columns: [UInt16] = [], values: [Float] = []
        for first in stride(from: 0, to: rowTotal, by: 16) {
            let members = order[first..<min(first + 16, rowTotal)]
            let steps = members.map(count).max() ?? 0
            var sliceColumns = [UInt16](repeating: 0, count: steps * 16)
            var sliceValues = [Float](repeating: 0, count: steps * 16)
            for (lane, row) in members.enumerated() {
                for step in 0..<count(row) {
                    sliceColumns[step * 16 + lane] = UInt16(indices[rowStart[row] + step] - row * columnTotal)
                    sliceValues[step * 16 + lane] = given[rowStart[row] + step]
                }
            }
            columns += sliceColumns
            values += sliceValues
            starts.append(UInt32(columns.count / 16))
        }
        self.isHalf = isHalf
        rows = IndexBuffer(order.map { UInt32($0) })
        self.starts = IndexBuffer(starts)
        self.columns = Array16(columns)
        self.values = FloatBuffer(isHalf ? [] : values)
        halves = Array16(isHalf ? values.map { Float16($0).bitPattern } : [])
    }

    func forward(
        task: Int, bias: UnsafePointer<Float>, input x: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputStep: Int
    ) {
        for slice in slices * task / tasks..<slices * (task + 1) / tasks {
            let members = rows.pointer + slice &* 16
            let held = min(16, rows.count &- slice &* 16)
            var start = SIMD16<Float>.zero
            for lane in 0..<held { start[lane] = bias[Int(members[lane])] }
            var low = start.lowHalf
            var high = start.highHalf
            let from = Int(starts[slice]), to = Int(starts[slice + 1])
            let c = columns.pointer
            if isHalf {
                let v = halves.pointer
                for step in from..<to {
                    low = low.plus(widen8(v + step &* 16), times: gather8(c + step &* 16, x))
                    high = high.plus(widen8(v + (step &* 16 &+ 8)), times: gather8(c + (step &* 16 &+ 8), x))
                }
            } else {
                let v = UnsafePointer(values.pointer)
                for step in from..<to {
                    low = low.plus(load8(v + step &* 16), times: gather8(c + step &* 16, x))
                    high = high.plus(load8(v + (step &* 16 &+ 8)), times: gather8(c + (step &* 16 &+ 8), x))
                }
            }
            for lane in 0..<held { output[Int(members[lane]) &* outputStep] = lane < 8 ? low[lane] : high[lane - 8] }
        }
    }
}

/// Eight inputs. Four of their numbers are one load, for it is loads that bound the kernel.
@inline(__always)
private func gather8(_ columns: UnsafePointer<UInt16>, _ x: UnsafePointer<Float>) -> SIMD8<Float> {
    let low = UInt64(littleEndian: UnsafeRawPointer(columns).loadUnaligned(as: UInt64.self))
    let high = UInt64(littleEndian: UnsafeRawPointer(columns + 4).loadUnaligned(as: UInt64.self))
    return SIMD8(
        x[number(low, 0)], x[number(low, 1)], x[number(low, 2)], x[number(low, 3)],
        x[number(high, 0)], x[number(high, 1)], x[number(high, 2)], x[number(high, 3)])
}

/// One of four numbers of 16 bits.
@inline(__always)
private func number(_ four: UInt64, _ index: UInt64) -> Int {
    Int(truncatingIfNeeded: espalier_opaque((four &>> (16 &* index)) & 0xFFFF))
}
