/// Weights whose rows have their columns in common, in groups of four, two or one row: what a block kernel reads. As in
/// `TiledRows` tile by tile, in a tile block of rows by block, and in a block groups by number of columns.
///
///     entry        a group of rows in a tile: rows [7, 8, 9, 10], columns [a, d, e]
///     its values   a7 a8 a9 a10  d7 d8 d9 d10  e7 e8 e9 e10
///
/// Groups one after the other with the same columns share one list, so that a matrix with whole rows and columns
/// removed has a single one.
package struct RowGroups: Sendable {
    package let tiles: Int
    package let blocks: Int
    /// Entries of (tile t, block b): at index t · blocks + b.
    let blockStarts: [Int]
    let entries: [Entry]
    /// Rows of all entries.
    let rows: IndexBuffer
    /// In chunks of 16 floats: the inputs of all lists.
    let offsets: IndexBuffer
    package let nnz: Int

    struct Entry: Sendable {
        private let numbers: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)

        /// In `rows`.
        @inline(__always) var firstRow: Int { Int(numbers.0) }
        /// 4, 2 or 1.
        @inline(__always) var rowCount: Int { Int(numbers.1) }
        /// In `offsets`.
        @inline(__always) var list: Int { Int(numbers.2) }
        @inline(__always) var count: Int { Int(numbers.3) }
        @inline(__always) var firstValue: Int { Int(numbers.4) }
        /// Items of the entries before it, shared lists counted each time.
        @inline(__always) var firstItem: Int { Int(numbers.5) }

        init(firstRow: Int, rowCount: Int, list: Int, count: Int, firstValue: Int, firstItem: Int) {
            numbers = (
                UInt32(firstRow), UInt32(rowCount), UInt32(list), UInt32(count), UInt32(firstValue), UInt32(firstItem)
            )
        }
    }

    package var bytes: Int {
        entries.count * MemoryLayout<Entry>.stride + 4 * (rows.count + offsets.count) + 8 * blockStarts.count
    }

    /// Rows with equal columns, and these.
    struct Piece {
        let rows: [Int]
        /// The number of each item of the first row, ascending in its input; those of the others stand likewise.
        let items: Range<Int>
    }

    /// - Parameters:
    ///   - pieces: ascending; none goes across two blocks of rows.
    ///   - itemTile, itemOffset: of an item: the tile of inputs it is in, ascending in a piece, and its offset.
    /// - Returns: also the piece of each entry, and its items in the tile.
    static func make(
        pieces: [Piece], rows: Int, rowsPerBlock: Int, tiles: Int, itemTile: (Int) -> Int, itemOffset: (Int) -> UInt32
    ) -> (groups: RowGroups, pieceOfEntry: [Int], itemsOfEntry: [Range<Int>]) {
        let blocks = max(1, (rows + rowsPerBlock - 1) / rowsPerBlock)
        var parts = [[(piece: Int, items: Range<Int>)]](repeating: [], count: tiles * blocks)
        for (number, piece) in pieces.enumerated() {
            var from = piece.items.lowerBound
            while from < piece.items.upperBound {
                let tile = itemTile(from)
                var to = from + 1
                while to < piece.items.upperBound, itemTile(to) == tile { to += 1 }
                parts[tile * blocks + piece.rows[0] / rowsPerBlock].append((number, from..<to))
                from = to
            }
        }
        var blockStarts = [0], entries: [Entry] = [], entryRows: [UInt32] = [], offsets: [UInt32] = []
        var pieceOfEntry: [Int] = [], itemsOfEntry: [Range<Int>] = []
        var values = 0, items = 0
        for part in parts {
            // Groups of four apart from those of two and of one, so that the kernels' branches stay predictable.
            func order(_ a: (piece: Int, items: Range<Int>)) -> (Int, Int, Int) {
                (-pieces[a.piece].rows.count, a.items.count, a.piece)
            }
            for (number, members) in part.sorted(by: { order($0) < order($1) }) {
                let list = members.map(itemOffset)
                var start = offsets.count
                if let last = entries.last, offsets[last.list..<last.list + last.count].elementsEqual(list) {
                    start = last.list
                } else {
                    offsets += list
                }
                let rows = pieces[number].rows
                entries.append(
                    Entry(
                        firstRow: entryRows.count, rowCount: rows.count, list: start, count: list.count,
                        firstValue: values, firstItem: items))
                entryRows += rows.map { UInt32($0) }
                values += rows.count * list.count
                items += list.count
                pieceOfEntry.append(number)
                itemsOfEntry.append(members)
            }
            blockStarts.append(entries.count)
        }
        let groups = RowGroups(
            tiles: tiles, blocks: blocks, blockStarts: blockStarts, entries: entries, rows: IndexBuffer(entryRows),
            offsets: IndexBuffer(offsets), nnz: values)
        return (groups, pieceOfEntry, itemsOfEntry)
    }

    /// Cuts the rows into pieces of four, two and one that stand after one another (rows without items not counted)
    /// and have equal items.
    /// - Parameters:
    ///   - items: of each row.
    ///   - areEqual: whether two rows have the same items.
    static func pieces(
        items: [Range<Int>], rowsPerBlock: Int, areEqual: (Int, Int) -> Bool
    ) -> [Piece] {
        var pieces: [Piece] = []
        var run: [Int] = []
        func close() {
            var left = run[...]
            while let first = left.first {
                let count = left.count >= 4 ? 4 : (left.count >= 2 ? 2 : 1)
                pieces.append(Piece(rows: Array(left.prefix(count)), items: items[first]))
                left = left.dropFirst(count)
            }
            run = []
        }
        for row in items.indices where !items[row].isEmpty {
            if let last = run.last, last / rowsPerBlock != row / rowsPerBlock || !areEqual(last, row) { close() }
            run.append(row)
        }
        close()
        return pieces
    }

    /// Of some blocks; those of one follow those of another.
    func entries(tile: Int, blocks some: Range<Int>) -> ArraySlice<Entry> {
        let first = tile * blocks
        return entries[blockStarts[first + some.lowerBound]..<blockStarts[first + some.upperBound]]
    }
}
