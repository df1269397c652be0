extension TiledRows {
    /// The same as `make` of sums over one row of the kernel, in which a row's tiles ascend with its inputs: one pass finds where the
    /// tiles begin, one writes.
    /// - Parameters:
    ///   - starts: of each row among the nonzeros, and their count.
    ///   - inputs: of each nonzero, ascending in a row.
    ///   - offsetOf: of an input, in chunks.
    /// - Returns: the pattern, and the number of each nonzero in the pattern's order.
    @inline(__always)
    static func ascending(
        rows: Int, rowsPerBlock: Int, tiling: Tiling, starts: [UInt32], inputs: [UInt32],
        offsetOf: (_ input: Int) -> UInt32
    ) -> (pattern: TiledRows, order: [UInt32]) {
        let tiles = tiling.count, blocks = max(1, (rows + rowsPerBlock - 1) / rowsPerBlock)
        func rowsOf(_ block: Int) -> Range<Int> { block * rowsPerBlock..<min((block + 1) * rowsPerBlock, rows) }
        let firsts = tileStarts(rows, tiling, starts, inputs)
        var blockStarts = [0], entryRows: [UInt32] = [], entryStarts: [UInt32] = [0], order: [UInt32] = []
        // Count and row in one number, so that they sort by both.
        var members: [UInt64] = []
        let offsets = IndexBuffer(count: inputs.count) { offsets in
            order = [UInt32](unsafeUninitializedCapacity: inputs.count) { order, initialized in
                inputs.withUnsafeBufferPointer { inputs in
                    var place = 0
                    for tile in 0..<tiles {
                        for block in 0..<blocks {
                            members.removeAll(keepingCapacity: true)
                            for row in rowsOf(block) {
                                let first = row * (tiles + 1) + tile, count = firsts[first + 1] - firsts[first]
                                if count > 0 { members.append(UInt64(count) << 32 | UInt64(row)) }
                            }
                            members.sort()
                            for member in members {
                                let row = Int(member & 0xFFFF_FFFF), count = Int(member >> 32)
                                let first = Int(firsts[row * (tiles + 1) + tile])
                                for nonzero in 0..<count {
                                    offsets[place &+ nonzero] = offsetOf(Int(inputs[first &+ nonzero]))
                                    order[place &+ nonzero] = UInt32(truncatingIfNeeded: first &+ nonzero)
                                }
                                place &+= count
                                entryRows.append(UInt32(row))
                                entryStarts.append(UInt32(place))
                            }
                            blockStarts.append(entryRows.count)
                        }
                    }
                    initialized = place
                }
            }
        }
        let outside = (0..<blocks).map { block in
            rowsOutside(entryRows[blockStarts[block]..<blockStarts[block + 1]], of: rowsOf(block))
        }
        let pattern = TiledRows(
            tiling: tiling, blocks: blocks, blockStarts: blockStarts, entryRows: IndexBuffer(entryRows),
            entryStarts: IndexBuffer(entryStarts), offsets: offsets, rowsOutsideFirstTile: outside)
        return (pattern, order)
    }

    /// (rows, tiles + 1): the first nonzero of each row in each tile, and where the row ends.
    private static func tileStarts(_ rows: Int, _ tiling: Tiling, _ starts: [UInt32], _ inputs: [UInt32]) -> [UInt32] {
        let tiles = tiling.count
        return [UInt32](unsafeUninitializedCapacity: rows * (tiles + 1)) { firsts, initialized in
            inputs.withUnsafeBufferPointer { inputs in
                for row in 0..<rows {
                    let end = Int(starts[row + 1])
                    var nonzero = Int(starts[row])
                    for tile in 0..<tiles {
                        firsts[row * (tiles + 1) + tile] = UInt32(nonzero)
                        let limit = tile == tiles - 1 ? Int.max : (tile + 1) * tiling.inputsPerTile
                        if limit == .max { break }
                        while nonzero < end, Int(inputs[nonzero]) < limit { nonzero &+= 1 }
                    }
                    firsts[row * (tiles + 1) + tiles] = UInt32(end)
                }
            }
            initialized = rows * (tiles + 1)
        }
    }

    /// Rows of a block without nonzeros in the first tile; nil where they are more than half.
    static func rowsOutside(_ here: ArraySlice<UInt32>, of block: Range<Int>) -> [UInt32]? {
        guard 2 * here.count >= block.count else { return nil }
        if here.count == block.count { return [] }
        var isHere = [Bool](repeating: false, count: block.count)
        for row in here { isHere[Int(row) - block.lowerBound] = true }
        return block.filter { !isHere[$0 - block.lowerBound] }.map { UInt32($0) }
    }
}
