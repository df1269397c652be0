/// The nonzeros of a convolution for one image, row by row, in the order of the sums.
///
///     starts   [ 0      2   … ]      nonzeros of row r: starts[r] ..< starts[r + 1]
///     offsets  [ a b  c d e … ]      floats from the first point that the row's tap (0, 0) reads
///     values
package struct PlaneNonzeros: Sendable {
    let starts: [UInt32]
    let offsets: IndexBuffer
    let values: FloatBuffer

    package var count: Int { values.count }
    package var bytes: Int { 4 * (starts.count + offsets.count + values.count) }

    /// - Parameter nonzeros: by row, in a row in the order of the sums.
    package init(rows: Int, nonzeros: [(row: Int, offset: UInt32, value: Float)]) {
        var starts = [UInt32](repeating: 0, count: rows + 1)
        for nonzero in nonzeros { starts[nonzero.row + 1] += 1 }
        for row in 0..<rows { starts[row + 1] += starts[row] }
        self.starts = starts
        offsets = IndexBuffer(nonzeros.map(\.offset))
        values = FloatBuffer(nonzeros.map(\.value))
    }
}

/// y = tail(b + W x) over planes, for some rows.
///
/// Points stand in the lanes, up to 16 chunks of 16 of them in registers, while a row's nonzeros stream by.
///
/// The bound: a load of 16 points for each multiply-add, most of them over two cache lines, and two loads a nonzero.
/// - Parameters:
///   - count: points of y from the first to behind the last.
///   - x: the first point that tap (0, 0) reads, of channel 0.
///   - y, added: point (0, 0) of channel 0; planes are `plane` floats.
package func planeSparse(
    _ nonzeros: PlaneNonzeros, bias: UnsafePointer<Float>, rows: Range<Int>, count: Int, x: UnsafePointer<Float>,
    y: UnsafeMutablePointer<Float>, plane: Int, tail: PlaneTail, added: UnsafePointer<Float>?
) {
    for run in Sweep.Runs.equal(longestGather).cut((count + 15) / 16) {
        let kernel = PlaneRun(
            nonzeros: nonzeros, bias: bias, x: x + run.start &* 16, y: y + run.start &* 16, plane: plane, tail: tail,
            added: added.map { $0 + run.start &* 16 })
        switch run.count {
        case 1: kernel.run(Sums1.self, rows)
        case 2: kernel.run(Sums2.self, rows)
        case 3: kernel.run(Sums3.self, rows)
        case 4: kernel.run(Sums4.self, rows)
        case 5: kernel.run(Sums5.self, rows)
        case 6: kernel.run(Sums6.self, rows)
        case 7: kernel.run(Sums7.self, rows)
        #if ESPALIER_AVX512
            case 8: kernel.run(Sums8.self, rows)
            case 9: kernel.run(Sums9.self, rows)
            case 10: kernel.run(Sums10.self, rows)
            case 11: kernel.run(Sums11.self, rows)
            case 12: kernel.run(Sums12.self, rows)
            case 13: kernel.run(Sums13.self, rows)
            case 14: kernel.run(Sums14.self, rows)
            case 15: kernel.run(Sums15.self, rows)
            case 16: kernel.run(Sums16.self, rows)
        #endif
        default: preconditionFailure("a run of \(run.count) chunks")
        }
    }
}

private struct PlaneRun {
    let nonzeros: PlaneNonzeros
    let bias: UnsafePointer<Float>
    let x: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let plane: Int
    let tail: PlaneTail
    let added: UnsafePointer<Float>?

    @inline(never)
    func run<S: Sums>(_ sums: S.Type, _ rows: Range<Int>) {
        let offsets = nonzeros.offsets.pointer
        let values = UnsafePointer(nonzeros.values.pointer)
        nonzeros.starts.withUnsafeBufferPointer { starts in
            for row in rows {
                let line = y + row &* plane
                var sums = S(bias[row], line, Adjacent())
                var nonzero = Int(starts[row])
                let end = Int(starts[row &+ 1])
                // Two with one load of their values and one of their offsets, the first in the low half.
                while nonzero &+ 1 < end {
                    let w = UnsafeRawPointer(values + nonzero).loadUnaligned(as: SIMD2<Float>.self)
                    let two = UnsafeRawPointer(offsets + nonzero).loadUnaligned(as: UInt64.self)
                    sums.add(SIMD16(repeating: w.x), x + Int(two & 0xffff_ffff), Adjacent())
                    sums.add(SIMD16(repeating: w.y), x + Int(two &>> 32), Adjacent())
                    nonzero &+= 2
                }
                if nonzero < end {
                    sums.add(SIMD16(repeating: values[nonzero]), x + Int(offsets[nonzero]), Adjacent())
                }
                if let added {
                    sums.finish(line, tail.row(row), adding: added + row &* plane, Adjacent())
                } else {
                    sums.finish(line, tail.row(row), Adjacent())
                }
            }
        }
    }
}
