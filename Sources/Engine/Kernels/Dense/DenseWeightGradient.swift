// dW in register tiles of `tileRows` × 4 terms. A linear layer's tile goes over all positions at once. An image does not
// stay in the first-level cache meanwhile: there all tiles of some rows and terms go over one segment of an image before
// the next, and their chains wait in memory, as those of the sampled dot do.

/// dW and db for the row blocks in `blocks`, all panels; overwritten, dW packed as the weights are.
/// - Parameters:
///   - bias: nil: db is not asked for.
///   - tiles: of `denseTermTiles` those that are summed; nil: all. Others are not written.
package func denseWeightGradient(
    _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>?, map: WeightMap, panels: Int,
    blocks: Range<Int>, tiles some: Range<Int>? = nil, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
) {
    map.positions.withAllGroups(panels: panels) { groups in
        let dots = DenseDots(
            map: map, gradient: gradient, groups: groups, input: input, outputGradient: outputGradient)
        if map.positions.isFlat {
            // Terms whose chunks of all panels stay in the first-level cache while the rows pass.
            let held = max(1, map.caches.denseTermsBytes / (panels * map.input.lanes * 4) / 4)
            let some = some ?? 0..<dots.tiles.count
            for first in stride(from: some.lowerBound, to: some.upperBound, by: held) {
                dots.whole(blocks: blocks, first..<min(some.upperBound, first + held))
            }
            guard let bias else { return }
            rowSums(
                bias, sweep: map.positions, panels: panels,
                rows: blocks.lowerBound * 6..<min(map.rows, blocks.upperBound * 6),
                outputGradient: outputGradient, gradientRowFloats: map.outputGradientRowFloats)
        } else {
            // As many chains as leave the second-level cache room for what they read.
            let passes = (blocks.count + 4) / 5
            let held = (blocks.count + passes - 1) / max(passes, 1)
            let tiles = max(1, map.caches.chains / (max(held, 1) * 24))
            let some = some ?? 0..<dots.tiles.count
            for block in stride(from: blocks.lowerBound, to: blocks.upperBound, by: max(held, 1)) {
                let blocks = block..<min(block + held, blocks.upperBound)
                for first in stride(from: some.lowerBound, to: some.upperBound, by: tiles) {
                    let tiles = first..<min(some.upperBound, first + tiles)
                    // dy is read for all terms, the bias needs it once.
                    guard let bias, first == some.lowerBound else {
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

extension WeightMap {
    /// Whether terms are columns and every one reads one chunk of each panel.
    package var hasPlainTerms: Bool { positions.isFlat && taps == 1 && groups == 1 }
}

/// Tiles of up to four terms that W has, each summed by itself.
package func denseTermTiles(_ map: WeightMap) -> Int { (map.columns + 3) / 4 }

/// Four terms of W, or fewer, the last.
private struct TermTile {
    /// The first one.
    let term: Int
    let held: Int
    /// The row of the kernel that all of them are of; nil where they may be of several.
    let kernelRow: Int?
}

/// The terms of W in tiles of four of one row of the kernel, so that a whole tile reads the border where that row does. All
/// rows of the kernel of four channels stand after one another: they read the same points. Where channels do not come in fours,
/// four terms after one another.
private struct TermTiles {
    private let terms: Int
    private let kernelWidth: Int
    private let kernelHeight: Int
    private let perKernelRow: Int
    private let channels: Int
    /// Whether each tile is of one row of the kernel.
    let areOfOneRow: Bool

    init(_ map: WeightMap) {
        terms = map.columns
        kernelWidth = map.kernelWidth
        kernelHeight = map.kernelHeight
        perKernelRow = map.termsPerKernelRow
        channels = map.channelsPerGroup
        areOfOneRow = map.channelsPerGroup % 4 == 0 && map.kernelHeight > 1
    }

    var count: Int { (terms + 3) / 4 }
    /// Tiles of four channels.
    private var perFour: Int { kernelHeight * kernelWidth }

    @inline(__always)
    func forEach(_ tiles: Range<Int>, _ body: (TermTile) -> Void) {
        guard areOfOneRow else {
            for tile in tiles { body(TermTile(term: tile &* 4, held: min(4, terms &- tile &* 4), kernelRow: nil)) }
            return
        }
        var first = tiles.lowerBound / perFour &* kernelWidth &* 4
        var row = tiles.lowerBound % perFour / kernelWidth, four = tiles.lowerBound % kernelWidth
        for _ in tiles {
            body(TermTile(term: row &* perKernelRow &+ first &+ four &* 4, held: 4, kernelRow: row))
            four &+= 1
            if four == kernelWidth { (row, four) = (row &+ 1, 0) }
            if row == kernelHeight { (first, row) = (first &+ 4 &* kernelWidth, 0) }
        }
    }

    /// The channels that some tiles read.
    func channels(_ tiles: Range<Int>) -> Range<Int> {
        if areOfOneRow { return tiles.lowerBound / perFour * 4..<(tiles.upperBound - 1) / perFour * 4 + 4 }
        if kernelHeight > 1 { return 0..<channels }
        return tiles.lowerBound * 4 / kernelWidth..<min(terms - 1, tiles.upperBound * 4 - 1) / kernelWidth + 1
    }
}

private struct DenseDots {
    let map: WeightMap
    let gradient: UnsafeMutablePointer<Float>
    let groups: UnsafeBufferPointer<ChunkGroup>
    let input: UnsafePointer<Float>
    let outputGradient: UnsafePointer<Float>
    let tiles: TermTiles

    init(
        map: WeightMap, gradient: UnsafeMutablePointer<Float>, groups: UnsafeBufferPointer<ChunkGroup>,
        input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
    ) {
        self.map = map
        self.gradient = gradient
        self.groups = groups
        self.input = input
        self.outputGradient = outputGradient
        tiles = TermTiles(map)
    }

    /// Calls `body` with each tile's first row, its rows and its terms.
    @inline(__always)
    private func forEachTile(
        _ blocks: Range<Int>, _ tiles: Range<Int>, _ body: (_ row: Int, _ rows: Int, _ tile: TermTile) -> Void
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
        reach.planes = self.tiles.channels(tiles)
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
        guard tiles.areOfOneRow else { return body { _ in groups } }
        withScratch(of: ChunkGroup.self, capacity: map.kernelHeight * groups.count) { kept in
            withScratch(of: Int.self, capacity: map.kernelHeight) { counts in
                for row in 0..<map.kernelHeight { counts[row] = 0 }
                for group in groups {
                    for row in group.kernelRows {
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

    /// Writes the sums of a tile's chains, [term][row], to packed order.
    @inline(__always)
    private func store(
        _ chains: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>, _ row: Int, _ rows: Int, _ tile: TermTile
    ) {
        let place = gradient + DensePacking.position(row: row, term: tile.term, terms: map.columns)
        let count = tileRows * 4
        if tileRows == 6, rows == 6, tile.held == 4 {
            for first in stride(from: 0, to: count, by: 8) { treeSums(chains + first &* 16, to: place + first) }
            return
        }
        for first in stride(from: 0, to: count, by: 8) { treeSums(chains + first &* 16, to: sums + first) }
        for term in 0..<tile.held {
            for row in 0..<rows { place[term &* 6 &+ row] = sums[term &* tileRows &+ row] }
        }
    }

    /// The chains of a tile, over some groups.
    @inline(__always)
    private func dots(
        _ row: Int, _ rows: Int, _ tile: TermTile, _ groups: UnsafeBufferPointer<ChunkGroup>,
        _ chains: UnsafeMutablePointer<Float>, isFirst: Bool
    ) {
        let rowFloats = map.outputGradientRowFloats
        let inputs = TileInputs(
            input, map.termOffsets.pointer + tile.term, held: tile.held, rows: rows, rowFloats: rowFloats)
        dotsOfTile(
            rows: rows, inputs, map.positions, groups, outputGradient + row &* rowFloats, chains, isFirst: isFirst)
    }
}
