extension TiledRows {
    /// The same as `make` of sums over one row of the kernel, in which a row's tiles ascend with its inputs: one pass finds where the
    /// tiles begin, one writes.
    /// - Parameters:
    ///   - starts: of each row among the nonzeros, and their count.
    ///   - inputs: of each nonzero, ascending in a row.
    ///   - team: that the work is shared among.
    ///   - offsetOf: of an input, in chunks.
    /// - Returns: the pattern, and the number of each nonzero in the pattern's order.
    @inline(__always)
    static func ascending(
        rows: Int, rowsPerBlock: Int, tiling: Tiling, starts: [UInt32], inputs: [UInt32], team: Team?,
        offsetOf: (_ input: Int) -> UInt32
    ) -> (pattern: TiledRows, order: [UInt32]) {
        let tiles = tiling.count, blocks = max(1, (rows + rowsPerBlock - 1) / rowsPerBlock), cells = tiles * blocks
        func rowsOf(_ block: Int) -> Range<Int> { block * rowsPerBlock..<min((block + 1) * rowsPerBlock, rows) }
        let firsts = tileStarts(rows, tiling, starts, inputs, team)
        // Of each tile and block where its entries and its nonzeros begin.
        var blockStarts = [0], nonzeroStarts = [0]
        for cell in 0..<cells {
            let tile = cell / blocks
            var entries = 0, nonzeros = 0
            for row in rowsOf(cell % blocks) {
                let first = row * (tiles + 1) + tile
                let count = Int(firsts[first + 1] - firsts[first])
                entries += count > 0 ? 1 : 0
                nonzeros += count
            }
            blockStarts.append(blockStarts[cell] + entries)
            nonzeroStarts.append(nonzeroStarts[cell] + nonzeros)
        }
        let entries = blockStarts[cells]
        var order: [UInt32] = [], entryStarts: IndexBuffer?, offsets: IndexBuffer?
        let entryRows = IndexBuffer(count: entries) { entryRows in
            entryStarts = IndexBuffer(count: entries + 1) { entryStarts in
                offsets = IndexBuffer(count: inputs.count) { offsets in
                    order = [UInt32](unsafeUninitializedCapacity: max(1, inputs.count)) { order, initialized in
                        let order = order.baseAddress!
                        entryStarts[0] = 0
                        // Behind pointers: threads that count references to one array wait for each other.
                        firsts.withUnsafeBufferPointer { firsts in
                            blockStarts.withUnsafeBufferPointer { blockStarts in
                                nonzeroStarts.withUnsafeBufferPointer { nonzeroStarts in
                                    inputs.withUnsafeBufferPointer { inputs in
                                        let least = max(1, cells * 4096 / max(1, inputs.count))
                                        share(cells, atLeast: least, among: team) { cells in
                                            withScratch(of: UInt64.self, capacity: rowsPerBlock) { members in
                                                for cell in cells {
                                                    let tile = cell / blocks, members = members.baseAddress!
                                                    var count = 0
                                                    // Count and row in one number, so that they sort by both.
                                                    for row in rowsOf(cell % blocks) {
                                                        let first = row &* (tiles &+ 1) &+ tile
                                                        let nonzeros = firsts[first &+ 1] &- firsts[first]
                                                        members[count] = UInt64(nonzeros) << 32 | UInt64(row)
                                                        count &+= nonzeros > 0 ? 1 : 0
                                                    }
                                                    var sorted = UnsafeMutableBufferPointer(
                                                        start: members, count: count)
                                                    sorted.sort()
                                                    var place = nonzeroStarts[cell], entry = blockStarts[cell]
                                                    for member in sorted {
                                                        let row = Int(member & 0xFFFF_FFFF),
                                                            nonzeros = Int(member >> 32)
                                                        let first = Int(firsts[row &* (tiles &+ 1) &+ tile])
                                                        for nonzero in 0..<nonzeros {
                                                            offsets[place &+ nonzero] = offsetOf(
                                                                Int(inputs[first &+ nonzero]))
                                                            order[place &+ nonzero] = UInt32(
                                                                truncatingIfNeeded: first &+ nonzero)
                                                        }
                                                        place &+= nonzeros
                                                        entryRows[entry] = UInt32(truncatingIfNeeded: row)
                                                        entryStarts[entry &+ 1] = UInt32(truncatingIfNeeded: place)
                                                        entry &+= 1
                                                    }
                                                }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                        initialized = inputs.count
                    }
                }
            }
        }
        let outside = (0..<blocks).map { block in
            rowsOutside((blockStarts[block]..<blockStarts[block + 1]).map { entryRows[$0] }, of: rowsOf(block))
        }
        let pattern = TiledRows(
            tiling: tiling, blocks: blocks, blockStarts: blockStarts, entryRows: entryRows,
            entryStarts: entryStarts!, offsets: offsets!, rowsOutsideFirstTile: outside)
        return (pattern, order)
    }

    /// (rows, tiles + 1): the first nonzero of each row in each tile, and where the row ends.
    private static func tileStarts(
        _ rows: Int, _ tiling: Tiling, _ starts: [UInt32], _ inputs: [UInt32], _ team: Team?
    ) -> [UInt32] {
        let tiles = tiling.count
        return [UInt32](unsafeUninitializedCapacity: rows * (tiles + 1)) { firsts, initialized in
            let firsts = firsts.baseAddress
            starts.withUnsafeBufferPointer { starts in
                inputs.withUnsafeBufferPointer { inputs in
                    share(rows, atLeast: max(1, rows * 4096 / max(1, inputs.count)), among: team) { rows in
                        guard let firsts else { return }
                        for row in rows {
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
                }
            }
            initialized = rows * (tiles + 1)
        }
    }

    /// Rows of a block without nonzeros in the first tile; nil where they are more than half.
    static func rowsOutside(_ here: some Collection<UInt32>, of block: Range<Int>) -> [UInt32]? {
        guard 2 * here.count >= block.count else { return nil }
        if here.count == block.count { return [] }
        var isHere = [Bool](repeating: false, count: block.count)
        for row in here { isHere[Int(row) - block.lowerBound] = true }
        return block.filter { !isHere[$0 - block.lowerBound] }.map { UInt32($0) }
    }
}
