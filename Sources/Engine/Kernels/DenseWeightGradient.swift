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
        if map.positions.isFlat {
            // Columns whose chunks of all panels stay in the first-level cache while the rows pass.
            let held = max(1, 16_384 / (panels * map.input.lanes * 4) / 4)
            for first in stride(from: 0, to: dots.tiles.count, by: held) {
                dots.whole(blocks: blocks, first..<min(dots.tiles.count, first + held))
            }
            rowSums(
                bias, sweep: map.positions, panels: panels,
                rows: blocks.lowerBound * 6..<min(map.rows, blocks.upperBound * 6),
                outputGradient: outputGradient, gradientRowFloats: map.outputGradientRowFloats)
        } else {
            // As many chains as leave the second-level cache room for what they read.
            let passes = (blocks.count + 4) / 5
            let held = (blocks.count + passes - 1) / max(passes, 1)
            let tiles = 8_192 / (max(held, 1) * 24)
            for block in stride(from: blocks.lowerBound, to: blocks.upperBound, by: max(held, 1)) {
                let blocks = block..<min(block + held, blocks.upperBound)
                for first in stride(from: 0, to: dots.tiles.count, by: tiles) {
                    let tiles = first..<min(dots.tiles.count, first + tiles)
                    // dy is read for all columns, the bias needs it once.
                    guard first == 0 else {
                        dots.segmented(blocks: blocks, tiles) { _ in }
                        continue
                    }
                    let rows = blocks.lowerBound * 6..<min(map.rows, blocks.upperBound * 6)
                    RowSums.run(bias, map: map, rows: rows, outputGradient: outputGradient) { sums in
                        dots.segmented(blocks: blocks, tiles) { for group in $0 { sums.add(group) } }
                    }
                }
            }
        }
    }
}

/// Four columns of W, or fewer, the last.
private struct ColumnTile {
    /// The first one.
    let column: Int
    let held: Int
    /// The row of the kernel that all of them are of; nil where they may be of several.
    let kernelRow: Int?
}

/// The columns of W in tiles of four: a tap of four channels after one another, so that a whole tile reads the border where
/// that tap does. Where channels do not come in fours, four columns after one another.
private struct ColumnTiles {
    private let columns: Int
    private let kernelWidth: Int
    private let kernelHeight: Int
    /// From a column of a tile to the next.
    let step: Int

    init(_ map: WeightMap) {
        columns = map.columns
        kernelWidth = map.kernelWidth
        kernelHeight = map.kernelHeight
        step = map.channelsPerGroup % 4 == 0 ? map.taps : 1
    }

    var count: Int { (columns + 3) / 4 }

    @inline(__always)
    func forEach(_ tiles: Range<Int>, _ body: (ColumnTile) -> Void) {
        guard step > 1 else {
            for tile in tiles {
                body(ColumnTile(column: tile &* 4, held: min(4, columns &- tile &* 4), kernelRow: nil))
            }
            return
        }
        var first = tiles.lowerBound / step &* step &* 4
        var row = tiles.lowerBound % step / kernelWidth, tap = tiles.lowerBound % step % kernelWidth
        for _ in tiles {
            body(ColumnTile(column: first &+ row &* kernelWidth &+ tap, held: 4, kernelRow: row))
            tap &+= 1
            if tap == kernelWidth { (row, tap) = (row &+ 1, 0) }
            if row == kernelHeight { (first, row) = (first &+ 4 &* step, 0) }
        }
    }

    /// The columns that some tiles lie among.
    func columns(_ tiles: Range<Int>) -> Range<Int> {
        let last = tiles.upperBound - 1
        return tiles.lowerBound / step * step * 4..<min(columns, (last / step + 1) * step * 4)
    }
}

private struct DenseDots {
    let map: WeightMap
    let gradient: UnsafeMutablePointer<Float>
    let groups: UnsafeBufferPointer<ChunkGroup>
    let input: UnsafePointer<Float>
    let outputGradient: UnsafePointer<Float>
    let tiles: ColumnTiles

    init(
        map: WeightMap, gradient: UnsafeMutablePointer<Float>, groups: UnsafeBufferPointer<ChunkGroup>,
        input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
    ) {
        self.map = map
        self.gradient = gradient
        self.groups = groups
        self.input = input
        self.outputGradient = outputGradient
        tiles = ColumnTiles(map)
    }

    /// Calls `body` with each tile's first row, its rows and its columns.
    @inline(__always)
    private func forEachTile(
        _ blocks: Range<Int>, _ tiles: Range<Int>, _ body: (_ row: Int, _ rows: Int, _ tile: ColumnTile) -> Void
    ) {
        for block in blocks {
            let end = min(block &* 6 &+ 6, map.rows)
            var row = block &* 6
            while row < end {
                self.tiles.forEach(tiles) { body(row, min(tileRows, end &- row), $0) }
                row &+= tileRows
            }
        }
    }

    func whole(blocks: Range<Int>, _ tiles: Range<Int>) {
        withScratch(of: Float.self, capacity: 2 * tileFloats) { chains in
            let chains = chains.baseAddress!
            forEachTile(blocks, tiles) { row, rows, tile in
                dots(row, rows, tile, groups, chains, isFirst: true)
                store(chains, chains + tileFloats, row, rows, tile)
            }
        }
    }

    /// Calls `body` with each segment before the tiles pass over it.
    func segmented(
        blocks: Range<Int>, _ tiles: Range<Int>, _ body: (UnsafeBufferPointer<ChunkGroup>) -> Void
    ) {
        let sweep = map.positions
        let count = blocks.count * (6 / tileRows) * tiles.count
        let rows = blocks.lowerBound * 6..<min(blocks.upperBound * 6, map.rows)
        let rowFloats = map.outputGradientRowFloats
        var reach = map.reach(ofRows: rows)
        let columns = self.tiles.columns(tiles)
        reach.planes = columns.lowerBound / map.taps..<(columns.upperBound - 1) / map.taps + 1
        let pieces = PieceWalk(
            sweep: sweep, groups: groups, reach: reach, x: input, y: outputGradient + rows.lowerBound * rowFloats,
            rows: rows.count, outputRowFloats: rowFloats)
        withScratch(of: Float.self, capacity: (count + 1) * tileFloats) { scratch in
            let chains = scratch.baseAddress!
            var start = 0
            while start < groups.count {
                let end = min(groups.count, start + sweep.groupsPerSegment)
                let here = UnsafeBufferPointer(rebasing: groups[start..<end])
                var ahead = pieces.ahead(of: start, count: sweep.groupsPerSegment, calls: count)
                body(here)
                withGroupsInside(here) { inside in
                    var place = chains
                    forEachTile(blocks, tiles) { row, rows, tile in
                        let groups = tile.kernelRow.map { inside($0) } ?? here
                        dots(row, rows, tile, groups, place, isFirst: start == 0)
                        ahead.next()
                        place += tileFloats
                    }
                }
                start = end
            }
            var place = chains
            forEachTile(blocks, tiles) { row, rows, tile in
                store(place, chains + count * tileFloats, row, rows, tile)
                place += tileFloats
            }
        }
    }

    /// Calls `body` with what gives, for a row of the kernel, those groups for which it reads the image, not its border alone.
    /// It is not asked where tiles are of several rows.
    @inline(__always)
    private func withGroupsInside(
        _ groups: UnsafeBufferPointer<ChunkGroup>,
        _ body: (_ inside: (_ kernelRow: Int) -> UnsafeBufferPointer<ChunkGroup>) -> Void
    ) {
        guard tiles.step > 1 else { return body { _ in groups } }
        withScratch(of: ChunkGroup.self, capacity: map.kernelHeight * groups.count) { kept in
            withScratch(of: Int.self, capacity: map.kernelHeight) { counts in
                for row in 0..<map.kernelHeight { counts[row] = 0 }
                let layout = map.outputGradient
                for group in groups {
                    let y = group.output % layout.panelFloats / (layout.pitch * layout.lanes) - layout.border
                    for row in map.kernelRowsInside(outputRow: y) {
                        kept[row * groups.count + counts[row]] = group
                        counts[row] += 1
                    }
                }
                body { row in
                    let first = row &* groups.count
                    return UnsafeBufferPointer(rebasing: kept[first..<first &+ counts[row]])
                }
            }
        }
    }

    /// Writes the sums of a tile's chains, [column][row], to packed order.
    @inline(__always)
    private func store(
        _ chains: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>, _ row: Int, _ rows: Int, _ tile: ColumnTile
    ) {
        let place = gradient + DensePacking.position(row: row, column: tile.column, columns: map.columns)
        let count = tileRows * 4
        if tileRows == 6, rows == 6, tile.held == 4, tiles.step == 1 {
            for first in stride(from: 0, to: count, by: 8) { treeSums(chains + first &* 16, to: place + first) }
            return
        }
        for first in stride(from: 0, to: count, by: 8) { treeSums(chains + first &* 16, to: sums + first) }
        for column in 0..<tile.held {
            for row in 0..<rows { place[column &* tiles.step &* 6 &+ row] = sums[column &* tileRows &+ row] }
        }
    }

    /// The chains of a tile, over some groups.
    @inline(__always)
    private func dots(
        _ row: Int, _ rows: Int, _ tile: ColumnTile, _ groups: UnsafeBufferPointer<ChunkGroup>,
        _ chains: UnsafeMutablePointer<Float>, isFirst: Bool
    ) {
        let rowFloats = map.outputGradientRowFloats
        let inputs = TileInputs(
            input, map.columnOffsets.pointer + tile.column, step: tiles.step, held: tile.held, rows: rows,
            rowFloats: rowFloats)
        dotsOfTile(
            rows: rows, inputs, map.positions, groups, outputGradient + row &* rowFloats, chains, isFirst: isFirst)
    }
}
