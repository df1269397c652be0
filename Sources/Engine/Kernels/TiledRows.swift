/// The nonzeros of a weight in the order a gather kernel reads them: tile by tile, in a tile row by row, in a row
/// ascending. A tile is a range of inputs that stays in the first-level cache while all rows pass over it.
///
///     tileStarts   [ 0        2      3 ]              entries of tile t: tileStarts[t] ..< tileStarts[t + 1]
///     entryRows    [ 0    7   0 ]                     only rows that have nonzeros in the tile
///     entryStarts  [ 0    3   4   9 ]                 nonzeros of entry e: entryStarts[e] ..< entryStarts[e + 1]
///     offsets      [ a b c  d  e f g h i ]            input of a nonzero, in chunks of 16 floats
///
/// What it holds follows nnz and never rows × columns.
package struct TiledRows: Sendable {
    package let tileStarts: [Int]
    package let entryRows: IndexBuffer
    package let entryStarts: IndexBuffer
    package let offsets: IndexBuffer

    package var tiles: Int { tileStarts.count - 1 }
    package var entries: Int { entryRows.count }
    package var nnz: Int { offsets.count }
    package var bytes: Int { 4 * (entryRows.count + entryStarts.count + offsets.count) + 8 * tileStarts.count }

    /// - Precondition: (tile, row) ascending, one element a nonzero.
    init(tiles: Int, tileOf: [UInt32], rowOf: [UInt32], offsets: [UInt32]) {
        var starts = [0]
        starts.reserveCapacity(tiles + 1)
        var rows: [UInt32] = []
        var entryStarts: [UInt32] = []
        for index in offsets.indices {
            let startsTile = index == 0 || tileOf[index] != tileOf[index - 1]
            if startsTile || rowOf[index] != rowOf[index - 1] {
                while starts.count <= Int(tileOf[index]) { starts.append(rows.count) }
                rows.append(rowOf[index])
                entryStarts.append(UInt32(index))
            }
        }
        while starts.count <= tiles { starts.append(rows.count) }
        entryStarts.append(UInt32(offsets.count))
        tileStarts = starts
        entryRows = IndexBuffer(rows)
        self.entryStarts = IndexBuffer(entryStarts)
        self.offsets = IndexBuffer(offsets)
    }

    /// Entries of a tile whose rows lie in `rows`.
    @inline(__always)
    func entries(tile: Int, rows: Range<Int>) -> Range<Int> {
        let end = tileStarts[tile + 1]
        let first = firstEntry(in: tileStarts[tile]..<end, row: rows.lowerBound)
        return first..<firstEntry(in: first..<end, row: rows.upperBound)
    }

    private func firstEntry(in entries: Range<Int>, row: Int) -> Int {
        var low = entries.lowerBound
        var high = entries.upperBound
        while low < high {
            let middle = (low + high) / 2
            if Int(entryRows[middle]) < row { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// How many inputs a tile spans: what it touches stays within 20 KiB, but a row has at least 8 nonzeros in it on
/// average, for below that the pointers and the reloading of sums cost more than the cache brings.
func tileWidth(inputs: Int, bytesPerInput: Int, nonzerosPerRowAndInput: Double) -> Int {
    let fitting = max(1, 20_480 / max(bytesPerInput, 1))
    let worthwhile = nonzerosPerRowAndInput > 0 ? 8 / nonzerosPerRowAndInput : Double(inputs)
    return worthwhile >= Double(inputs) ? max(inputs, 1) : min(inputs, max(fitting, Int(worthwhile.rounded(.up))))
}
