// Dense × dense panels. The weights are packed once, for all three passes:
//
//     [row block of 6][term][6]      rows past the last are zero and stay zero
//
// so the forward kernel streams them, and the input gradient finds the six channels of a block at constant strides.
// As in gather-accumulate a linear layer goes tile by tile, an image group by group. Each output is one chain of fused
// multiply-adds over its terms in ascending order, as in the sparse kernels, so dense and sparse give equal bits.

package enum DensePacking {
    @inlinable package static var rows: Int { 6 }

    package static func blocks(_ rows: Int) -> Int { (rows + 5) / 6 }
    /// The blocks of six that hold some rows, of which the first begins one.
    static func blocks(_ rows: Range<Int>) -> Range<Int> { rows.lowerBound / 6..<blocks(rows.upperBound) }
    package static func count(rows: Int, columns: Int) -> Int { blocks(rows) * columns * 6 }
    @inline(__always)
    package static func position(row: Int, term: Int, terms: Int) -> Int {
        (row / 6 * terms + term) * 6 + row % 6
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

/// Tiles that some terms are cut into, one at least: sums without terms begin, too.
@inline(__always)
func denseTiles(_ terms: Range<Int>, most: Int) -> Int { max(1, (terms.count + most - 1) / most) }

/// Calls `body` with each of them; they come out even.
@inline(__always)
func forEachTile(
    of terms: Range<Int>, most: Int, _ body: (_ tile: Range<Int>, _ isFirst: Bool, _ isLast: Bool) -> Void
) {
    let tiles = denseTiles(terms, most: most)
    for tile in 0..<tiles {
        let start = terms.lowerBound + tile * terms.count / tiles
        body(start..<terms.lowerBound + (tile + 1) * terms.count / tiles, tile == 0, tile == tiles - 1)
    }
}

/// y += W x, or = b + W x, for the row blocks in `blocks` and the panels of one unit.
/// - Parameter tail: what becomes of the sums.
package func denseForward(
    _ weights: UnsafePointer<Float>, map: WeightMap, unit: Int, panels: Int, blocks: Range<Int>,
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, start: RowStart = .added,
    tail: ForwardTail? = nil
) {
    let offsets = map.termOffsets.pointer
    let rowFloats = map.outputRowFloats
    let sweep = map.forward
    let rows = blocks.lowerBound * 6..<min(map.rows, blocks.upperBound * 6)
    sweep.withUnit(unit, panels: panels) { groups, inputStart, outputStart in
        let x = input + inputStart, y = output + outputStart
        func pass(
            _ terms: Range<Int>, _ group: ChunkGroup, _ start: RowStart, _ tail: ForwardTail?, _ ahead: inout Ahead
        ) {
            var chunk = 0
            while chunk < group.chunks {
                let x = x + (group.input &+ sweep.input(chunk))
                let y = y + (group.output &+ sweep.output(chunk))
                let run = denseRun(group.chunks - chunk)
                for block in blocks {
                    let packed = weights + (block &* map.columns &+ terms.lowerBound) &* 6
                    let line = y + block &* 6 &* rowFloats
                    let held = min(6, map.rows - block * 6)
                    let starts = SixStarts(start, row: block &* 6, held: held)
                    func rows<Rows: RowsOfRun>(_ rows: Rows.Type) {
                        denseRows(
                            rows, packed, offsets, terms, x, sweep.inputStride, line, sweep.outputStride, rowFloats,
                            starts,
                            tail.map { SixTails($0, row: block &* 6, place: line - output, rowFloats: rowFloats) },
                            held: held)
                    }
                    switch run {
                    case 4:
                        switch held {
                        case 5...: rows(SixRowsOf<Run4>.self)
                        case 4: rows(FourRowsOf<Run4>.self)
                        default: rows(ThreeRowsOf<Run4>.self)
                        }
                    case 2: if held > 3 { rows(SixRowsOf<Run2>.self) } else { rows(ThreeRowsOf<Run2>.self) }
                    default: rows(SixRowsOf<Run1>.self)
                    }
                    ahead.next()
                }
                chunk += run
            }
        }
        if sweep.isFlat {
            var ahead = Ahead()
            forEachTile(of: map.terms(ofKernelRows: groups[0].kernelRows), most: map.caches.denseTile) {
                terms, isFirst, isLast in
                for group in groups { pass(terms, group, isFirst ? start : .added, isLast ? tail : nil, &ahead) }
            }
            for group in groups { tail?.complete(rows, group, sweep: sweep, y: y, rowFloats: rowFloats) }
        } else {
            let walk = PieceWalk(
                sweep: sweep, groups: groups, reach: map.reach(ofRows: rows), x: x, y: y + rows.lowerBound * rowFloats,
                rows: rows.count, outputRowFloats: rowFloats)
            for (number, group) in groups.enumerated() {
                let terms = map.terms(ofKernelRows: group.kernelRows)
                let calls = denseTiles(terms, most: map.caches.denseTile) * denseRuns(group) * blocks.count
                var ahead = walk.ahead(of: number, calls: calls)
                forEachTile(of: terms, most: map.caches.denseTile) {
                    pass($0, group, $1 ? start : .added, $2 ? tail : nil, &ahead)
                }
                tail?.complete(rows, group, sweep: sweep, y: y, rowFloats: rowFloats)
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

/// Some rows × the chunks of a run: first of a block of six.
private protocol RowsOfRun<Chunks> {
    associatedtype Chunks: Run
    /// - Parameter held: rows that there are. Those past the last read the first one's sums and are not stored.
    init(_ starts: SixStarts, _ y: UnsafePointer<Float>, _ so: Int, _ rowFloats: Int, held: Int)
    /// row += its weight · x.
    mutating func add(_ w: UnsafePointer<Float>, _ x: Chunks)
    /// Stores what the tails make of them.
    func finish(
        _ y: UnsafeMutablePointer<Float>, _ so: Int, _ rowFloats: Int, held: Int, _ tails: SixTails)
    func store(_ y: UnsafeMutablePointer<Float>, _ so: Int, _ rowFloats: Int, held: Int)
}

private struct ThreeRowsOf<Chunks: Run>: RowsOfRun {
    private var a0, a1, a2: Chunks

    @inline(__always)
    init(_ starts: SixStarts, _ y: UnsafePointer<Float>, _ so: Int, _ rowFloats: Int, held: Int) {
        self.init(starts, 0, y, so, rowFloats, held: held)
    }

    @inline(__always)
    init(_ starts: SixStarts, _ first: Int, _ y: UnsafePointer<Float>, _ so: Int, _ rowFloats: Int, held: Int) {
        func begin(_ index: Int) -> Chunks { Chunks(starts[index], y + (index < held ? index : 0) &* rowFloats, so) }
        (a0, a1, a2) = (begin(first), begin(first &+ 1), begin(first &+ 2))
    }

    @inline(__always)
    mutating func add(_ w: UnsafePointer<Float>, _ x: Chunks) {
        a0.add(w[0], x)
        a1.add(w[1], x)
        a2.add(w[2], x)
    }

    @inline(__always)
    func finish(
        _ y: UnsafeMutablePointer<Float>, _ so: Int, _ rowFloats: Int, held: Int, _ tails: SixTails
    ) {
        finish(y, so, rowFloats, held: held, tails, 0)
    }

    @inline(__always)
    func finish(
        _ y: UnsafeMutablePointer<Float>, _ so: Int, _ rowFloats: Int, held: Int, _ tails: SixTails, _ first: Int
    ) {
        func end(_ chunks: Chunks, _ row: Int) {
            guard held > row else { return }
            if let added = tails.added(row) {
                chunks.finish(y + row &* rowFloats, so, tails[row], adding: added)
            } else {
                chunks.finish(y + row &* rowFloats, so, tails[row])
            }
        }
        end(a0, first)
        end(a1, first &+ 1)
        end(a2, first &+ 2)
    }

    @inline(__always)
    func store(_ y: UnsafeMutablePointer<Float>, _ so: Int, _ rowFloats: Int, held: Int) {
        if held > 0 { a0.store(y, so) }
        if held > 1 { a1.store(y + rowFloats, so) }
        if held > 2 { a2.store(y + 2 &* rowFloats, so) }
    }
}

/// The last four of sixteen rows, or of sixty-four.
private struct FourRowsOf<Chunks: Run>: RowsOfRun {
    private var upper: ThreeRowsOf<Chunks>
    private var last: Chunks

    @inline(__always)
    init(_ starts: SixStarts, _ y: UnsafePointer<Float>, _ so: Int, _ rowFloats: Int, held: Int) {
        upper = ThreeRowsOf(starts, 0, y, so, rowFloats, held: held)
        last = Chunks(starts[3], y + 3 &* rowFloats, so)
    }

    @inline(__always)
    mutating func add(_ w: UnsafePointer<Float>, _ x: Chunks) {
        upper.add(w, x)
        last.add(w[3], x)
    }

    @inline(__always)
    func finish(
        _ y: UnsafeMutablePointer<Float>, _ so: Int, _ rowFloats: Int, held: Int, _ tails: SixTails
    ) {
        upper.finish(y, so, rowFloats, held: held, tails, 0)
        if let added = tails.added(3) {
            last.finish(y + 3 &* rowFloats, so, tails[3], adding: added)
        } else {
            last.finish(y + 3 &* rowFloats, so, tails[3])
        }
    }

    @inline(__always)
    func store(_ y: UnsafeMutablePointer<Float>, _ so: Int, _ rowFloats: Int, held: Int) {
        upper.store(y, so, rowFloats, held: held)
        last.store(y + 3 &* rowFloats, so)
    }
}

private struct SixRowsOf<Chunks: Run>: RowsOfRun {
    private var upper, lower: ThreeRowsOf<Chunks>

    @inline(__always)
    init(_ starts: SixStarts, _ y: UnsafePointer<Float>, _ so: Int, _ rowFloats: Int, held: Int) {
        upper = ThreeRowsOf(starts, 0, y, so, rowFloats, held: held)
        lower = ThreeRowsOf(starts, 3, y, so, rowFloats, held: held)
    }

    @inline(__always)
    mutating func add(_ w: UnsafePointer<Float>, _ x: Chunks) {
        upper.add(w, x)
        lower.add(w + 3, x)
    }

    @inline(__always)
    func finish(
        _ y: UnsafeMutablePointer<Float>, _ so: Int, _ rowFloats: Int, held: Int, _ tails: SixTails
    ) {
        upper.finish(y, so, rowFloats, held: held, tails, 0)
        lower.finish(y, so, rowFloats, held: held, tails, 3)
    }

    @inline(__always)
    func store(_ y: UnsafeMutablePointer<Float>, _ so: Int, _ rowFloats: Int, held: Int) {
        upper.store(y, so, rowFloats, held: held)
        lower.store(y + 3 &* rowFloats, so, rowFloats, held: held &- 3)
    }
}

/// The sums of a block's rows for a run.
@inline(__always)
private func denseRows<Rows: RowsOfRun>(
    _ rows: Rows.Type, _ packed: UnsafePointer<Float>, _ offsets: UnsafePointer<UInt32>, _ terms: Range<Int>,
    _ x: UnsafePointer<Float>, _ si: Int, _ y: UnsafeMutablePointer<Float>, _ so: Int, _ rowFloats: Int,
    _ starts: SixStarts, _ tails: SixTails?, held: Int
) {
    var sums = Rows(starts, y, so, rowFloats, held: held)
    var w = packed
    for term in terms {
        sums.add(w, Rows.Chunks(x + Int(offsets[term]) &* 16, si))
        w += 6
    }
    if let tails {
        sums.finish(y, so, rowFloats, held: held, tails)
    } else {
        sums.store(y, so, rowFloats, held: held)
    }
}
