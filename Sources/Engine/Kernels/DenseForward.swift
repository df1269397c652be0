// Dense × dense panels. The weights are packed once, for all three passes:
//
//     [row block of 6][column][6]      rows past the last are zero and stay zero
//
// so the forward kernel streams them, and the input gradient finds the six columns of a block at constant strides.
// As in gather-accumulate a linear layer goes tile by tile, an image group by group. Each output is one chain of fused
// multiply-adds over its inputs in ascending order, as in the sparse kernels, so dense and sparse give equal bits.

package enum DensePacking {
    package static let rows = 6

    package static func blocks(_ rows: Int) -> Int { (rows + 5) / 6 }
    /// The blocks of six that hold some rows, of which the first begins one.
    static func blocks(_ rows: Range<Int>) -> Range<Int> { rows.lowerBound / 6..<blocks(rows.upperBound) }
    package static func count(rows: Int, columns: Int) -> Int { blocks(rows) * columns * 6 }
    @inline(__always)
    package static func position(row: Int, column: Int, columns: Int) -> Int {
        (row / 6 * columns + column) * 6 + row % 6
    }
}

/// Chunks beside six rows in registers: 6 × 4 of 32 with AVX-512, 6 × 1 (twelve of 16) with AVX2.
private let denseRun = longestRun == 8 ? 4 : 1

/// Chunks beside six rows, of some that are left.
func denseRun(_ left: Int) -> Int { left >= 4 ? denseRun : left >= 2 ? min(denseRun, 2) : 1 }

/// Runs that the chunks of a group are cut into.
func denseRuns(_ group: ChunkGroup) -> Int {
    var chunk = 0, runs = 0
    while chunk < group.chunks {
        chunk += denseRun(group.chunks - chunk)
        runs += 1
    }
    return runs
}

/// Columns (forward) or rows (input gradient) whose 16-float chunks stay in the first-level cache.
let denseTile = 256

/// y += W x, or = b + W x, for the row blocks in `blocks` and the panels of one unit.
package func denseForward(
    _ weights: UnsafePointer<Float>, map: WeightMap, unit: Int, panels: Int, blocks: Range<Int>,
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, start: RowStart = .added
) {
    let columns = map.columns
    let offsets = map.columnOffsets.pointer
    let rowFloats = map.outputRowFloats
    let sweep = map.forward
    let rows = blocks.lowerBound * 6..<min(map.rows, blocks.upperBound * 6)
    sweep.withUnit(unit, panels: panels) { groups, inputStart, outputStart in
        let x = input + inputStart, y = output + outputStart
        func pass(_ first: Int, _ group: ChunkGroup, _ ahead: inout Ahead) {
            let end = min(columns, first + denseTile)
            let inside = map.tapsInside(output: group)
            let start = first == 0 ? start : .added
            var chunk = 0
            while chunk < group.chunks {
                let x = x + (group.input &+ sweep.input(chunk))
                let y = y + (group.output &+ sweep.output(chunk))
                let run = denseRun(group.chunks - chunk)
                for block in blocks {
                    let packed = weights + (block &* columns &+ first) &* 6
                    let line = y + block &* 6 &* rowFloats
                    let held = min(6, map.rows - block * 6)
                    let starts = SixStarts(start, row: block &* 6, held: held)
                    func rows<R: Run>(_ run: R.Type) {
                        denseRows6(
                            run, packed, offsets, first, end, taps: map.taps, inside, x, sweep.inputStride, line,
                            sweep.outputStride, rowFloats, starts, held: held)
                    }
                    switch run {
                    case 4: rows(Run4.self)
                    case 2: rows(Run2.self)
                    default: rows(Run1.self)
                    }
                    ahead.next()
                }
                chunk += run
            }
        }
        if sweep.isFlat {
            var ahead = Ahead()
            for first in stride(from: 0, to: columns, by: denseTile) {
                for group in groups { pass(first, group, &ahead) }
            }
        } else {
            let walk = PieceWalk(
                sweep: sweep, groups: groups, reach: map.reach(ofRows: rows), x: x, y: y + rows.lowerBound * rowFloats,
                rows: rows.count, outputRowFloats: rowFloats)
            for (number, group) in groups.enumerated() {
                let tiles = (columns + denseTile - 1) / denseTile
                var ahead = walk.ahead(of: number, calls: tiles * denseRuns(group) * blocks.count)
                for first in stride(from: 0, to: columns, by: denseTile) { pass(first, group, &ahead) }
            }
        }
    }
}

/// What the sums of six rows begin from.
struct SixStarts {
    private let start: RowStart
    private let row: Int
    private let last: Int

    /// - Parameter held: rows that there are; those past the last repeat it.
    @inline(__always)
    init(_ start: RowStart, row: Int, held: Int) {
        self.start = start
        self.row = row
        last = held &- 1
    }

    /// Nil: what the row holds.
    @inline(__always)
    subscript(_ index: Int) -> Float? {
        switch start {
        case .added: nil
        case .zero: 0
        case .bias(let bias): bias[row &+ min(index, last)]
        }
    }
}

extension WeightMap {
    /// The taps of a channel that read points of the image for a group of positions in one of its rows; those of other kernel
    /// rows read the border, zeros. Nil where all do.
    func tapsInside(output group: ChunkGroup) -> Range<Int>? {
        guard !forward.isFlat else { return nil }
        let top = (group.output / (output.pitch * output.lanes) - output.border) * stride - padding
        var first = 0, last = kernelHeight
        while first < last, top + first * dilation < 0 { first += 1 }
        while first < last, top + (last - 1) * dilation >= input.height { last -= 1 }
        return last - first == kernelHeight ? nil : first * kernelWidth..<last * kernelWidth
    }
}

/// Six rows × the chunks of a run.
/// - Parameter inside: of each channel's taps those to go over; nil is all.
@inline(__always)
private func denseRows6<R: Run>(
    _ run: R.Type, _ packed: UnsafePointer<Float>, _ offsets: UnsafePointer<UInt32>, _ from: Int, _ to: Int,
    taps: Int, _ inside: Range<Int>?, _ x: UnsafePointer<Float>, _ si: Int, _ y: UnsafeMutablePointer<Float>, _ so: Int,
    _ rowFloats: Int,
    _ starts: SixStarts, held: Int
) {
    // Rows past the last read the first one's sums and are not stored.
    func row(_ index: Int) -> UnsafeMutablePointer<Float> { y + (index < held ? index : 0) &* rowFloats }
    func begin(_ index: Int) -> R { R(starts[index], row(index), so) }
    var a0 = begin(0), a1 = begin(1), a2 = begin(2), a3 = begin(3), a4 = begin(4), a5 = begin(5)
    // From a channel to the next; all columns at once where none is left out.
    let step = inside == nil ? to &- from : taps
    let keep = inside ?? 0..<step
    var channel = inside == nil ? from : from &- from % taps
    while channel < to {
        var column = max(from, channel &+ keep.lowerBound)
        let end = min(to, channel &+ keep.upperBound)
        var w = packed + (column &- from) &* 6
        while column < end {
            let v = R(x + Int(offsets[column]) &* 16, si)
            a0.add(w[0], v)
            a1.add(w[1], v)
            a2.add(w[2], v)
            a3.add(w[3], v)
            a4.add(w[4], v)
            a5.add(w[5], v)
            w += 6
            column &+= 1
        }
        channel &+= max(1, step)
    }
    a0.store(row(0), so)
    if held > 1 { a1.store(row(1), so) }
    if held > 2 { a2.store(row(2), so) }
    if held > 3 { a3.store(row(3), so) }
    if held > 4 { a4.store(row(4), so) }
    if held > 5 { a5.store(row(5), so) }
}
