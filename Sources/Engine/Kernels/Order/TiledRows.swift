/// The nonzeros of a weight in the order a gather kernel reads them: tile by tile, in a tile block of rows by block, in a
/// block row by row, in a row ascending. What a tile reads (`Tiling`) stays in the first-level cache while all rows pass over
/// it; a block of rows is what one task takes.
///
///     blockStarts  [ 0        2      3 ]              entries of (tile t, block b): at index t · blocks + b
///     entryRows    [ 7    0   0 ]                     only rows that have nonzeros in the tile
///     entryStarts  [ 0    1   4   9 ]                 nonzeros of entry e: entryStarts[e] ..< entryStarts[e + 1]
///     offsets      [ a  b c d  e f g h i ]            input of a nonzero, in chunks of 16 floats
///
/// In a block the rows stand by number of nonzeros, so that the kernel's inner loop keeps its trip count for many
/// rows and its exit is predicted: of few nonzeros a row and tile, a mispredicted exit costs as much as four of them.
/// Rows are independent, so their order changes no bit.
///
/// What it holds follows nnz and never rows × columns.
package struct TiledRows: Sendable {
    let tiling: Tiling
    package let blocks: Int
    package let blockStarts: [Int]
    package let entryRows: IndexBuffer
    package let entryStarts: IndexBuffer
    package let offsets: IndexBuffer
    /// For each block the rows without nonzeros in the first tile; nil where they are more than half of the block. The
    /// kernel begins the others from the bias and gives these the bias alone.
    let rowsOutsideFirstTile: [[UInt32]?]

    package var tiles: Int { tiling.count }
    package var entries: Int { entryRows.count }
    package var nnz: Int { offsets.count }
    package var bytes: Int {
        4 * (entryRows.count + entryStarts.count + offsets.count) + 8 * blockStarts.count
            + rowsOutsideFirstTile.reduce(0) { $0 + 4 * ($1?.count ?? 0) }
    }

    /// - Parameters:
    ///   - rowOf, tileOf: of each nonzero, in ascending (row, input) order.
    ///   - offsetOf: offset of a nonzero, asked for once each.
    /// - Returns: the pattern, and the number of each nonzero in the pattern's order.
    static func make(
        rows: Int, rowsPerBlock: Int, tiling: Tiling, rowOf: [UInt32], tileOf: [UInt32], offsetOf: (Int) -> UInt32
    ) -> (pattern: TiledRows, order: [UInt32]) {
        let tiles = tiling.count
        let byTile = tiles == 1 ? nil : stableOrder(of: tileOf, keys: tiles)
        func nonzero(_ place: Int) -> Int { byTile.map { Int($0[place]) } ?? place }

        // Runs of one row in one tile, in (tile, row) order.
        var runs: [(row: UInt32, tile: UInt32, start: Int)] = []
        for place in rowOf.indices {
            let index = nonzero(place)
            if let last = runs.last, last.row == rowOf[index], last.tile == tileOf[index] { continue }
            runs.append((rowOf[index], tileOf[index], place))
        }
        func count(_ run: Int) -> Int { (run + 1 < runs.count ? runs[run + 1].start : rowOf.count) - runs[run].start }

        let blocks = max(1, (rows + rowsPerBlock - 1) / rowsPerBlock)
        var blockStarts = [0], entryRows: [UInt32] = [], entryStarts: [UInt32] = [0]
        var offsets: [UInt32] = [], order: [UInt32] = []
        offsets.reserveCapacity(rowOf.count)
        order.reserveCapacity(rowOf.count)
        var run = 0
        for tile in 0..<tiles {
            for block in 0..<blocks {
                let first = run
                let end = (block + 1) * rowsPerBlock
                while run < runs.count, runs[run].tile == UInt32(tile), Int(runs[run].row) < end { run += 1 }
                for member in (first..<run).sorted(by: { (count($0), $0) < (count($1), $1) }) {
                    entryRows.append(runs[member].row)
                    for place in runs[member].start..<runs[member].start + count(member) {
                        let index = nonzero(place)
                        offsets.append(offsetOf(index))
                        order.append(UInt32(index))
                    }
                    entryStarts.append(UInt32(offsets.count))
                }
                blockStarts.append(entryRows.count)
            }
        }
        let outside = (0..<blocks).map { block in
            rowsOutside(
                entryRows[blockStarts[block]..<blockStarts[block + 1]],
                of: block * rowsPerBlock..<min((block + 1) * rowsPerBlock, rows))
        }
        let pattern = TiledRows(
            tiling: tiling, blocks: blocks, blockStarts: blockStarts, entryRows: IndexBuffer(entryRows),
            entryStarts: IndexBuffer(entryStarts), offsets: IndexBuffer(offsets), rowsOutsideFirstTile: outside)
        return (pattern, order)
    }

    /// Of some blocks; those of one follow those of another.
    @inline(__always)
    func entries(tile: Int, blocks some: Range<Int>) -> Range<Int> {
        let first = tile &* blocks
        return blockStarts[first &+ some.lowerBound]..<blockStarts[first &+ some.upperBound]
    }
}

extension TiledRows {
    /// The nonzeros of some blocks in one tile.
    @inline(__always)
    func nonzeros(tile: Int, blocks: Range<Int>) -> Range<Int> {
        let entries = entries(tile: tile, blocks: blocks)
        return Int(entryStarts[entries.lowerBound])..<Int(entryStarts[entries.upperBound])
    }

    /// Entries of some blocks in some tiles.
    func entryCount(tiles: Range<Int>, blocks: Range<Int>) -> Int {
        tiles.reduce(0) { $0 + entries(tile: $1, blocks: blocks).count }
    }
}

/// Indices in ascending order of key, ties in their own order.
package func stableOrder(of keyOf: [UInt32], keys: Int) -> [UInt32] {
    var next = [UInt32](repeating: 0, count: keys + 1)
    for key in keyOf { next[Int(key) + 1] += 1 }
    for key in 0..<keys { next[key + 1] += next[key] }
    var order = [UInt32](repeating: 0, count: keyOf.count)
    for (index, key) in keyOf.enumerated() {
        order[Int(next[Int(key)])] = UInt32(index)
        next[Int(key)] += 1
    }
    return order
}
