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
    withScratch(of: Bool.self, capacity: tail == nil ? 0 : rows.count) { scratch in
        gatherAccumulate(
            pattern, values: values, positions: positions, sweep: sweep, unit: unit, panels: panels, blocks: blocks,
            rows: rows, reach: reach, input: input, output: output, outputRowFloats: outputRowFloats, start: start,
            endings: tail.map { RowEndings(pattern, blocks: blocks, rows: rows, tail: $0, scratch: scratch) })
    }
}

private func gatherAccumulate(
    _ pattern: TiledRows, values: UnsafePointer<Float>, positions: IndexBuffer?, sweep: Sweep, unit: Int,
    panels: Int, blocks: Range<Int>, rows: Range<Int>, reach: Reach, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, outputRowFloats: Int, start: RowStart, endings: RowEndings?
) {
    sweep.withUnit(unit, panels: panels) { groups, inputStart, outputStart in
        @inline(__always)
        func run(_ source: some ValueSource) {
            let gather = Gather(
                pattern: pattern, source: source, sweep: sweep, blocks: blocks, rows: rows, start: start,
                x: input + inputStart, y: output + outputStart, outputRowFloats: outputRowFloats, tail: endings?.tail,
                output: output)
            var endings = endings
            func end(_ group: ChunkGroup, _ tiles: Range<Int>) {
                endings?.end(
                    group, tiles: tiles, sweep: sweep, output: output, y: gather.y, rowFloats: outputRowFloats)
            }
            if sweep.isFlat {
                var ahead = Ahead()
                let tiles = pattern.tiling.tiles(ofKernelRows: groups[0].kernelRows)
                var begins = false
                for group in groups { begins = gather.begin(group, tiles) }
                for tile in tiles {
                    let ends = tile == tiles.upperBound - 1
                    for group in groups { gather.pass(tile, group, begins: begins, ends: ends, &ahead) }
                    begins = false
                }
                for group in groups { end(group, tiles) }
            } else {
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
                            tile, group, begins: begins, ends: tile == tiles.upperBound &- 1, &ahead)
                        begins = false
                    }
                    end(group, tiles)
                }
            }
        }
        if let positions {
            run(ValuesByPosition(values: values, positions: positions.pointer))
        } else {
            run(ValuesInPlace(values: values))
        }
    }
}

/// What the passes over tiles and groups have in common.
private struct Gather<Source: ValueSource> {
    let pattern: TiledRows
    let source: Source
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

    /// One tile over one group.
    @inline(__always)
    func pass(_ tile: Int, _ group: ChunkGroup, begins: Bool, ends: Bool, _ ahead: inout Ahead) {
        let from = AnyDistances(next: sweep.inputStride, high: sweep.inputHigh)
        let to = AnyDistances(next: sweep.outputStride, high: sweep.outputHigh)
        if from.areAdjacent {
            if to.areAdjacent {
                pass(tile, group, begins, ends, Adjacent(), Adjacent(), &ahead)
            } else {
                pass(tile, group, begins, ends, Adjacent(), to, &ahead)
            }
        } else if from.next == 16, to.next == 16 {
            pass(tile, group, begins, ends, TwoPanels(high: from.high), TwoPanels(high: to.high), &ahead)
        } else {
            pass(tile, group, begins, ends, from, to, &ahead)
        }
    }

    @inline(__always)
    private func pass(
        _ tile: Int, _ group: ChunkGroup, _ begins: Bool, _ ends: Bool, _ from: some Distances, _ to: some Distances,
        _ ahead: inout Ahead
    ) {
        let tail = ends ? tail : nil
        switch group.chunks {
        case 1: rows(Sums1.self, tile, group, begins, tail, from, to, &ahead)
        case 2: rows(Sums2.self, tile, group, begins, tail, from, to, &ahead)
        case 3: rows(Sums3.self, tile, group, begins, tail, from, to, &ahead)
        case 5: rows(Sums5.self, tile, group, begins, tail, from, to, &ahead)
        case 6: rows(Sums6.self, tile, group, begins, tail, from, to, &ahead)
        case 7: rows(Sums7.self, tile, group, begins, tail, from, to, &ahead)
        #if ESPALIER_AVX512
            case 8: rows(Sums8.self, tile, group, begins, tail, from, to, &ahead)
            case 9: rows(Sums9.self, tile, group, begins, tail, from, to, &ahead)
            case 10: rows(Sums10.self, tile, group, begins, tail, from, to, &ahead)
            case 11: rows(Sums11.self, tile, group, begins, tail, from, to, &ahead)
            case 12: rows(Sums12.self, tile, group, begins, tail, from, to, &ahead)
            case 13: rows(Sums13.self, tile, group, begins, tail, from, to, &ahead)
            case 14: rows(Sums14.self, tile, group, begins, tail, from, to, &ahead)
            case 15: rows(Sums15.self, tile, group, begins, tail, from, to, &ahead)
            case 16: rows(Sums16.self, tile, group, begins, tail, from, to, &ahead)
        #endif
        default: rows(Sums4.self, tile, group, begins, tail, from, to, &ahead)
        }
    }

    @inline(never)
    private func rows<S: Sums>(
        _ sums: S.Type, _ tile: Int, _ group: ChunkGroup, _ begins: Bool, _ tail: ForwardTail?, _ from: some Distances,
        _ to: some Distances, _ ahead: inout Ahead
    ) {
        let bias = beginnings.bias
        let entries = pattern.entries(tile: tile, blocks: blocks)
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
