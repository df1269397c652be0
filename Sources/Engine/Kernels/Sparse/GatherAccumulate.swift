// Sparse × dense panels: y[i, run] += Σ over nonzeros p of row i, ascending: value[p] · x[offset[p] + run].
// The forward pass reads values in place, the input gradient through positions; both are this one kernel.
//
// A linear layer goes tile by tile: a tile's inputs stay in the first-level cache while all rows pass. An image goes group
// by group (a few points of an image row), and for each group tile by tile: what all rows read for one group, and what
// they write, stays in the second-level cache, and all of x and y moves once.

/// Where a gather kernel finds the value of nonzero p.
private protocol ValueSource {
    func value(_ nonzero: Int) -> Float
    /// All values, where they lie in the order of the nonzeros.
    var inOrder: UnsafePointer<Float>? { get }
}

private struct ValuesInPlace: ValueSource {
    let values: UnsafePointer<Float>
    @inline(__always) func value(_ nonzero: Int) -> Float { values[nonzero] }
    @inline(__always) var inOrder: UnsafePointer<Float>? { values }
}

private struct ValuesByPosition: ValueSource {
    let values: UnsafePointer<Float>
    let positions: UnsafePointer<UInt32>
    @inline(__always) func value(_ nonzero: Int) -> Float { values[Int(positions[nonzero])] }
    @inline(__always) var inOrder: UnsafePointer<Float>? { nil }
}

/// y += W x, or = b + W x, for some blocks of rows and the panels of one unit.
/// - Parameters:
///   - pattern: (rows, inputs), nnz nonzeros.
///   - start: what the sums begin from.
///   - positions: canonical positions of the values, or nil where values lie in the pattern's own order.
///   - reach: what the rows read.
///   - outputRowFloats: floats from one row of the output to the next.
///   - tail: what becomes of the sums.
/// - Complexity: O(nnz of the rows × floats of the unit's run).
package func gatherAccumulate(
    _ pattern: TiledRows, values: UnsafePointer<Float>, positions: IndexBuffer?, sweep: Sweep, unit: Int,
    panels: Int, blocks: Range<Int>, rows: Range<Int>, reach: Reach, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, outputRowFloats: Int, start: RowStart = .added, tail: ForwardTail? = nil
) {
    withScratch(of: Int.self, capacity: 1) { lastTile in
        withScratch(of: Bool.self, capacity: tail == nil ? 0 : rows.count) { scratch in
            var endings: RowEndings?
            if let tail {
                endings = RowEndings(
                    pattern, blocks: blocks, rows: rows, tail: tail, scratch: scratch,
                    lastTile: lastTile.baseAddress!)
            }
            gatherAccumulate(
                pattern, values: values, positions: positions, sweep: sweep, unit: unit, panels: panels,
                blocks: blocks, rows: rows, reach: reach, input: input, output: output,
                outputRowFloats: outputRowFloats, start: start, endings: endings)
        }
    }
}

private func gatherAccumulate(
    _ pattern: TiledRows, values: UnsafePointer<Float>, positions: IndexBuffer?, sweep: Sweep, unit: Int,
    panels: Int, blocks: Range<Int>, rows: Range<Int>, reach: Reach, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, outputRowFloats: Int, start: RowStart, endings: RowEndings?
) {
    sweep.withUnit(unit, panels: panels) { groups, inputStart, outputStart in
        @inline(__always)
        func gather<Source: ValueSource>(_ source: Source) -> Gather<Source> {
            Gather(
                pattern: pattern, source: source, sweep: sweep, blocks: blocks, rows: rows, start: start,
                x: input + inputStart, y: output + outputStart, outputRowFloats: outputRowFloats, tail: endings?.tail,
                output: output)
        }
        @inline(__always)
        func end(_ group: ChunkGroup, _ tiles: Range<Int>) {
            guard let endings else { return }
            let y = output + outputStart
            endings.end(group, tiles: tiles, sweep: sweep, output: output, y: y, rowFloats: outputRowFloats)
            endings.tail.complete(rows, group, sweep: sweep, y: y, rowFloats: outputRowFloats)
        }
        @inline(__always)
        func tileByTile() {
            let gather = gather(ValuesInPlace(values: values))
            var ahead = Ahead()
            let tiles = pattern.tiling.tiles(ofKernelRows: groups[0].kernelRows)
            var begins = false
            for group in groups { begins = gather.begin(group, tiles) }
            for tile in tiles {
                let ends = tile == tiles.upperBound - 1
                forEachPart(of: pattern.entries(tile: tile, blocks: blocks), pattern, values, positions) {
                    let part = gather.of(ValuesInPlace(values: $1))
                    for group in groups { part.pass($0, group, begins: begins, ends: ends, &ahead) }
                }
                begins = false
            }
            for group in groups { end(group, tiles) }
        }
        @inline(__always)
        func groupByGroup(_ gather: Gather<some ValueSource>) {
            let walk = PieceWalk(
                sweep: sweep, groups: groups, reach: reach, x: gather.x,
                y: gather.y + rows.lowerBound * outputRowFloats,
                rows: rows.count, outputRowFloats: outputRowFloats)
            for (number, group) in groups.enumerated() {
                let tiles = pattern.tiling.tiles(ofKernelRows: group.kernelRows)
                var ahead = walk.ahead(of: number, calls: pattern.entryCount(tiles: tiles, blocks: blocks))
                var begins = gather.begin(group, tiles)
                for tile in tiles {
                    gather.pass(
                        pattern.entries(tile: tile, blocks: blocks), group, begins: begins,
                        ends: tile == tiles.upperBound &- 1, &ahead)
                    begins = false
                }
                end(group, tiles)
            }
        }
        if sweep.isFlat {
            tileByTile()
        } else if let positions {
            groupByGroup(gather(ValuesByPosition(values: values, positions: positions.pointer)))
        } else {
            groupByGroup(gather(ValuesInPlace(values: values)))
        }
    }
}

/// Calls `body` with some entries of a tile at a time, and where their values lie in the order of the nonzeros, counted from the
/// first of all. By position they are taken out once for all groups, as many as stay in the first-level cache or near it.
private func forEachPart(
    of entries: Range<Int>, _ pattern: TiledRows, _ values: UnsafePointer<Float>, _ positions: IndexBuffer?,
    _ body: (_ entries: Range<Int>, _ values: UnsafePointer<Float>) -> Void
) {
    guard let positions else { return body(entries, values) }
    let starts = pattern.entryStarts.pointer
    var entry = entries.lowerBound
    while entry < entries.upperBound {
        let first = Int(starts[entry])
        var end = entry &+ 1
        while end < entries.upperBound, Int(starts[end &+ 1]) &- first <= mostTaken { end &+= 1 }
        let count = Int(starts[end]) &- first
        withScratch(of: Float.self, capacity: count) { taken in
            let from = positions.pointer + first
            for nonzero in 0..<count { taken[nonzero] = values[Int(from[nonzero])] }
            body(entry..<end, UnsafePointer(taken.baseAddress!) - first)
        }
        entry = end
    }
}

/// Values that are taken out of their order together, where one entry has no more.
private let mostTaken = 8_192

/// What the passes over tiles and groups have in common.
private struct Gather<Source: ValueSource> {
    let pattern: TiledRows
    private(set) var source: Source
    let sweep: Sweep
    let blocks: Range<Int>
    let x: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let outputRowFloats: Int
    private let tail: ForwardTail?
    /// The first float of all.
    private let output: UnsafeMutablePointer<Float>
    private let beginnings: RowBeginnings

    init(
        pattern: TiledRows, source: Source, sweep: Sweep, blocks: Range<Int>, rows: Range<Int>, start: RowStart,
        x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, outputRowFloats: Int, tail: ForwardTail?,
        output: UnsafeMutablePointer<Float>
    ) {
        self.pattern = pattern
        self.source = source
        self.sweep = sweep
        self.blocks = blocks
        self.x = x
        self.y = y
        self.outputRowFloats = outputRowFloats
        self.tail = tail
        self.output = output
        beginnings = RowBeginnings(pattern, blocks: blocks, rows: rows, start: start)
    }

    func begin(_ group: ChunkGroup, _ tiles: Range<Int>) -> Bool {
        beginnings.begin(group, tiles: tiles, sweep: sweep, y: y, rowFloats: outputRowFloats)
    }

    /// The same with other values.
    @inline(__always)
    func of(_ source: Source) -> Gather {
        var other = self
        other.source = source
        return other
    }

    /// Entries of one tile over one group.
    @inline(__always)
    func pass(_ entries: Range<Int>, _ group: ChunkGroup, begins: Bool, ends: Bool, _ ahead: inout Ahead) {
        let from = AnyDistances(next: sweep.inputStride, high: sweep.inputHigh)
        let to = AnyDistances(next: sweep.outputStride, high: sweep.outputHigh)
        if from.areAdjacent {
            if to.areAdjacent {
                pass(entries, group, begins, ends, Adjacent(), Adjacent(), &ahead)
            } else {
                pass(entries, group, begins, ends, Adjacent(), to, &ahead)
            }
        } else if from.next == 16, to.next == 16 {
            pass(entries, group, begins, ends, TwoPanels(high: from.high), TwoPanels(high: to.high), &ahead)
        } else {
            pass(entries, group, begins, ends, from, to, &ahead)
        }
    }

    @inline(__always)
    private func pass(
        _ entries: Range<Int>, _ group: ChunkGroup, _ begins: Bool, _ ends: Bool, _ from: some Distances,
        _ to: some Distances,
        _ ahead: inout Ahead
    ) {
        let tail = ends ? tail : nil
        switch group.chunks {
        case 1: rows(Sums1.self, entries, group, begins, tail, from, to, &ahead)
        case 2: rows(Sums2.self, entries, group, begins, tail, from, to, &ahead)
        case 3: rows(Sums3.self, entries, group, begins, tail, from, to, &ahead)
        case 5: rows(Sums5.self, entries, group, begins, tail, from, to, &ahead)
        case 6: rows(Sums6.self, entries, group, begins, tail, from, to, &ahead)
        case 7: rows(Sums7.self, entries, group, begins, tail, from, to, &ahead)
        #if ESPALIER_AVX512
            case 8: rows(Sums8.self, entries, group, begins, tail, from, to, &ahead)
            case 9: rows(Sums9.self, entries, group, begins, tail, from, to, &ahead)
            case 10: rows(Sums10.self, entries, group, begins, tail, from, to, &ahead)
            case 11: rows(Sums11.self, entries, group, begins, tail, from, to, &ahead)
            case 12: rows(Sums12.self, entries, group, begins, tail, from, to, &ahead)
            case 13: rows(Sums13.self, entries, group, begins, tail, from, to, &ahead)
            case 14: rows(Sums14.self, entries, group, begins, tail, from, to, &ahead)
            case 15: rows(Sums15.self, entries, group, begins, tail, from, to, &ahead)
            case 16: rows(Sums16.self, entries, group, begins, tail, from, to, &ahead)
        #endif
        default: rows(Sums4.self, entries, group, begins, tail, from, to, &ahead)
        }
    }

    @inline(never)
    private func rows<S: Sums>(
        _ sums: S.Type, _ entries: Range<Int>, _ group: ChunkGroup, _ begins: Bool, _ tail: ForwardTail?,
        _ from: some Distances,
        _ to: some Distances, _ ahead: inout Ahead
    ) {
        let bias = beginnings.bias
        let entryRows = pattern.entryRows.pointer
        let entryStarts = pattern.entryStarts.pointer
        let offsets = pattern.offsets.pointer
        let source = source
        let xg = x + group.input
        let yg = y + group.output
        var entry = entries.lowerBound
        while entry < entries.upperBound {
            let row = Int(entryRows[entry])
            let line = yg + row &* outputRowFloats
            var sums = S(begins ? bias?[row] ?? 0 : nil, line, to)
            var nonzero = Int(entryStarts[entry])
            entry &+= 1
            let end = Int(entryStarts[entry])
            if let inOrder = source.inOrder {
                // Two with one load of their values and one of their offsets, the first in the low half: loads are
                // what bounds the kernel.
                while nonzero &+ 1 < end {
                    let w = UnsafeRawPointer(inOrder + nonzero).loadUnaligned(as: SIMD2<Float>.self)
                    let two = UnsafeRawPointer(offsets + nonzero).loadUnaligned(as: UInt64.self)
                    sums.add(SIMD16(repeating: w.x), xg + Int(two & 0xffff_ffff) &* 16, from)
                    sums.add(SIMD16(repeating: w.y), xg + Int(two &>> 32) &* 16, from)
                    nonzero &+= 2
                }
                if nonzero < end {
                    sums.add(SIMD16(repeating: inOrder[nonzero]), xg + Int(offsets[nonzero]) &* 16, from)
                }
            } else {
                while nonzero < end {
                    sums.add(SIMD16(repeating: source.value(nonzero)), xg + Int(offsets[nonzero]) &* 16, from)
                    nonzero &+= 1
                }
            }
            if let tail {
                if let added = tail.added(at: line - output) {
                    sums.finish(line, tail[row], adding: added, to)
                } else {
                    sums.finish(line, tail[row], to)
                }
            } else {
                sums.store(line, to)
            }
            ahead.next()
        }
    }
}
