// dW in register tiles of `tileRows` × 4 columns. A linear layer's tile goes over all positions at once. An image does not
// stay in the first-level cache meanwhile: there all tiles of some rows and columns go over one segment of an image before
// the next, and their chains wait in memory, as those of the sampled dot do.

/// dW and db for the row blocks in `blocks`, all panels; overwritten, dW packed as the weights are.
package func denseWeightGradient(
    _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>, map: WeightMap, panels: Int,
    blocks: Range<Int>, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
) {
    map.positions.withAllGroups(panels: panels) { groups in
        let dots = DenseDots(
            map: map, gradient: gradient, groups: groups, input: input, outputGradient: outputGradient)
        let columns = map.columns
        if map.positions.isFlat {
            // Columns whose chunks of all panels stay in the first-level cache while the rows pass.
            let tile = max(4, 16_384 / (panels * map.input.lanes * 4) / 4 * 4)
            for first in stride(from: 0, to: columns, by: tile) {
                dots.whole(blocks: blocks, columns: first..<min(columns, first + tile))
            }
            rowSums(
                bias, sweep: map.positions, panels: panels,
                rows: blocks.lowerBound * 6..<min(map.rows, blocks.upperBound * 6),
                outputGradient: outputGradient, gradientRowFloats: map.outputGradientRowFloats)
        } else {
            // As many chains as leave the second-level cache room for what they read.
            let passes = (blocks.count + 4) / 5
            let held = (blocks.count + passes - 1) / max(passes, 1)
            let tile = 8_192 / (max(held, 1) * 24) * 4
            for block in stride(from: blocks.lowerBound, to: blocks.upperBound, by: max(held, 1)) {
                let blocks = block..<min(block + held, blocks.upperBound)
                for first in stride(from: 0, to: columns, by: tile) {
                    let columns = first..<min(columns, first + tile)
                    // dy is read for all columns, the bias needs it once.
                    guard first == 0 else {
                        dots.segmented(blocks: blocks, columns: columns) { _ in }
                        continue
                    }
                    let rows = blocks.lowerBound * 6..<min(map.rows, blocks.upperBound * 6)
                    RowSums.run(bias, map: map, rows: rows, outputGradient: outputGradient) { sums in
                        dots.segmented(blocks: blocks, columns: columns) { for group in $0 { sums.add(group) } }
                    }
                }
            }
        }
    }
}

private struct DenseDots {
    let map: WeightMap
    let gradient: UnsafeMutablePointer<Float>
    let groups: UnsafeBufferPointer<ChunkGroup>
    let input: UnsafePointer<Float>
    let outputGradient: UnsafePointer<Float>

    /// Calls `body` with each tile's first row and rows, first column and columns.
    @inline(__always)
    private func forEachTile(
        _ blocks: Range<Int>, _ columns: Range<Int>,
        _ body: (_ row: Int, _ rows: Int, _ column: Int, _ held: Int) -> Void
    ) {
        for block in blocks {
            let end = min(block &* 6 &+ 6, map.rows)
            var row = block &* 6
            while row < end {
                var column = columns.lowerBound
                while column < columns.upperBound {
                    body(row, min(tileRows, end &- row), column, min(4, columns.upperBound &- column))
                    column &+= 4
                }
                row &+= tileRows
            }
        }
    }

    func whole(blocks: Range<Int>, columns: Range<Int>) {
        withScratch(of: Float.self, capacity: 2 * tileFloats) { chains in
            let chains = chains.baseAddress!
            forEachTile(blocks, columns) { row, rows, column, held in
                dots(row, rows, column, held, groups, chains, isFirst: true)
                store(chains, chains + tileFloats, row, rows, column, held)
            }
        }
    }

    /// Calls `body` with each segment before the tiles pass over it.
    func segmented(
        blocks: Range<Int>, columns: Range<Int>, _ body: (UnsafeBufferPointer<ChunkGroup>) -> Void
    ) {
        let sweep = map.positions
        let tiles = blocks.count * (6 / tileRows) * ((columns.count + 3) / 4)
        let rows = blocks.lowerBound * 6..<min(blocks.upperBound * 6, map.rows)
        let rowFloats = map.outputGradientRowFloats
        var reach = map.reach(ofRows: rows)
        reach.planes = columns.lowerBound / map.taps..<(columns.upperBound - 1) / map.taps + 1
        let pieces = PieceWalk(
            sweep: sweep, groups: groups, reach: reach, x: input, y: outputGradient + rows.lowerBound * rowFloats,
            rows: rows.count, outputRowFloats: rowFloats)
        withScratch(of: Float.self, capacity: (tiles + 1) * tileFloats) { scratch in
            let chains = scratch.baseAddress!
            var start = 0
            while start < groups.count {
                let end = min(groups.count, start + sweep.groupsPerSegment)
                let here = UnsafeBufferPointer(rebasing: groups[start..<end])
                var ahead = pieces.ahead(of: start, count: sweep.groupsPerSegment, calls: tiles)
                body(here)
                var place = chains
                forEachTile(blocks, columns) { row, rows, column, held in
                    dots(row, rows, column, held, here, place, isFirst: start == 0)
                    ahead.next()
                    place += tileFloats
                }
                start = end
            }
            var place = chains
            forEachTile(blocks, columns) { row, rows, column, held in
                store(place, chains + tiles * tileFloats, row, rows, column, held)
                place += tileFloats
            }
        }
    }

    /// Writes the sums of a tile's chains, [column][row], to packed order.
    @inline(__always)
    private func store(
        _ chains: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>, _ row: Int, _ rows: Int, _ column: Int,
        _ held: Int
    ) {
        let place = gradient + DensePacking.position(row: row, column: column, columns: map.columns)
        let count = tileRows * 4
        if tileRows == 6, rows == 6, held == 4 {
            for first in stride(from: 0, to: count, by: 8) { treeSums(chains + first &* 16, to: place + first) }
            return
        }
        for first in stride(from: 0, to: count, by: 8) { treeSums(chains + first &* 16, to: sums + first) }
        for column in 0..<held {
            for row in 0..<rows { place[column &* 6 &+ row] = sums[column &* tileRows &+ row] }
        }
    }

    /// Chains of `tileRows` × 4 columns, [column][row], over some groups.
    @inline(__always)
    private func dots(
        _ row: Int, _ rows: Int, _ column: Int, _ held: Int, _ groups: UnsafeBufferPointer<ChunkGroup>,
        _ chains: UnsafeMutablePointer<Float>, isFirst: Bool
    ) {
        let inputs = TileInputs(
            input, map.columnOffsets.pointer + column, held, rows, map.outputGradientRowFloats)
        dotsOfTile(
            inputs, map.positions, groups, outputGradient + row &* map.outputGradientRowFloats, chains,
            isFirst: isFirst)
    }
}

@inline(never)
private func dotsOfTile(
    _ inputs: TileInputs, _ sweep: Sweep, _ groups: UnsafeBufferPointer<ChunkGroup>, _ dy: UnsafePointer<Float>,
    _ chains: UnsafeMutablePointer<Float>, isFirst: Bool
) {
    let si = sweep.inputStride
    let so = sweep.outputStride
    var first = 0
    while first < groups.count {
        // Where a chain is two registers, its halves take turns over groups that stay in the first-level cache.
        let last = ChainLanes.scalarCount == 16 ? groups.count : min(groups.count, first &+ sweep.groupsPerPart)
        var lane = 0
        while lane < 16 {
            var sums = isFirst && first == 0 ? TileChains() : TileChains(chains + lane)
            var number = first
            while number < last {
                let group = groups[number]
                var t = group.input &+ lane
                var d = dy + (group.output &+ lane)
                var left = group.chunks
                number &+= 1
                repeat {
                    sums.add(d, inputs, t)
                    t &+= si
                    d += so
                    left &-= 1
                } while left > 0
            }
            sums.store(chains + lane)
            lane &+= ChainLanes.scalarCount
        }
        first = last
    }
}

/// Four inputs, and the distances from the first row of dy to the others.
private struct TileInputs {
    let x0, x1, x2, x3: UnsafePointer<Float>
    let s1, s2, s3, s4, s5: Int

    @inline(__always)
    init(
        _ x: UnsafePointer<Float>, _ offsets: UnsafePointer<UInt32>, _ held: Int, _ rows: Int, _ rowFloats: Int
    ) {
        func input(_ index: Int) -> UnsafePointer<Float> { x + Int(offsets[min(index, held &- 1)]) &* 16 }
        func step(_ row: Int) -> Int { row < rows ? row &* rowFloats : 0 }
        (x0, x1, x2, x3) = (input(0), input(1), input(2), input(3))
        (s1, s2, s3, s4, s5) = (step(1), step(2), step(3), step(4), step(5))
    }
}

#if ESPALIER_AVX512
    /// 24 chains in registers.
    private let tileRows = 6
#else
    /// 8 chains, a half of each in registers at a time.
    private let tileRows = 2
#endif

/// Floats of a tile's chains.
private let tileFloats = tileRows * 4 * 16

/// The chains of a tile, in memory [column][row].
private struct TileChains {
    private var r0 = RowChains(), r1 = RowChains()
    #if ESPALIER_AVX512
        private var r2 = RowChains(), r3 = RowChains(), r4 = RowChains(), r5 = RowChains()
    #endif

    @inline(__always)
    init() {}

    /// Chains that wait in memory, from one of their lanes on.
    @inline(__always)
    init(_ memory: UnsafePointer<Float>) {
        r0 = RowChains(memory)
        r1 = RowChains(memory + 16)
        #if ESPALIER_AVX512
            r2 = RowChains(memory + 32)
            r3 = RowChains(memory + 48)
            r4 = RowChains(memory + 64)
            r5 = RowChains(memory + 80)
        #endif
    }

    @inline(__always)
    mutating func add(_ d: UnsafePointer<Float>, _ x: TileInputs, _ t: Int) {
        let v0 = loadChain(x.x0 + t), v1 = loadChain(x.x1 + t), v2 = loadChain(x.x2 + t), v3 = loadChain(x.x3 + t)
        r0.add(loadChain(d), v0, v1, v2, v3)
        r1.add(loadChain(d + x.s1), v0, v1, v2, v3)
        #if ESPALIER_AVX512
            r2.add(loadChain(d + x.s2), v0, v1, v2, v3)
            r3.add(loadChain(d + x.s3), v0, v1, v2, v3)
            r4.add(loadChain(d + x.s4), v0, v1, v2, v3)
            r5.add(loadChain(d + x.s5), v0, v1, v2, v3)
        #endif
    }

    @inline(__always)
    func store(_ memory: UnsafeMutablePointer<Float>) {
        r0.store(memory)
        r1.store(memory + 16)
        #if ESPALIER_AVX512
            r2.store(memory + 32)
            r3.store(memory + 48)
            r4.store(memory + 64)
            r5.store(memory + 80)
        #endif
    }
}

/// The chains of one row of a tile.
private struct RowChains {
    private var c0 = ChainLanes.zero, c1 = ChainLanes.zero, c2 = ChainLanes.zero, c3 = ChainLanes.zero
    /// Floats from one column to the next.
    private static var step: Int { tileRows &* 16 }

    @inline(__always)
    init() {}

    @inline(__always)
    init(_ memory: UnsafePointer<Float>) {
        c0 = loadChain(memory)
        c1 = loadChain(memory + Self.step)
        c2 = loadChain(memory + 2 &* Self.step)
        c3 = loadChain(memory + 3 &* Self.step)
    }

    @inline(__always)
    mutating func add(_ dy: ChainLanes, _ v0: ChainLanes, _ v1: ChainLanes, _ v2: ChainLanes, _ v3: ChainLanes) {
        c0 = c0.plus(dy, times: v0)
        c1 = c1.plus(dy, times: v1)
        c2 = c2.plus(dy, times: v2)
        c3 = c3.plus(dy, times: v3)
    }

    @inline(__always)
    func store(_ memory: UnsafeMutablePointer<Float>) {
        storeChain(c0, memory)
        storeChain(c1, memory + Self.step)
        storeChain(c2, memory + 2 &* Self.step)
        storeChain(c3, memory + 3 &* Self.step)
    }
}
