/// How the rows of a gather kernel begin where they are not added to: those of the first tile in registers, and those that
/// have nothing in it are filled before. Where these are many, or the first tile is left out, all are filled, and none begins.
struct RowBeginnings {
    private let pattern: TiledRows
    private let blocks: Range<Int>
    private let rows: Range<Int>
    let bias: UnsafePointer<Float>?
    /// Whether rows are begun at all.
    private let isWanted: Bool
    /// Whether the first tile's rows begin from the bias, or zero without one.
    private let inRegisters: Bool

    init(_ pattern: TiledRows, blocks: Range<Int>, rows: Range<Int>, start: RowStart) {
        self.pattern = pattern
        self.blocks = blocks
        self.rows = rows
        switch start {
        case .added: (bias, isWanted, inRegisters) = (nil, false, false)
        case .zero, .bias:
            if case .bias(let given) = start { bias = given } else { bias = nil }
            isWanted = true
            inRegisters = !pattern.rowsOutsideFirstTile[blocks].contains { $0 == nil }
        }
    }

    /// Fills one group before the tiles that are about to pass over it.
    /// - Returns: whether the rows of the first of these begin in registers.
    func begin(
        _ group: ChunkGroup, tiles: Range<Int>, sweep: Sweep, y: UnsafeMutablePointer<Float>, rowFloats: Int
    ) -> Bool {
        guard isWanted else { return false }
        let inRegisters = inRegisters && tiles.lowerBound == 0 && !tiles.isEmpty
        withUnsafePointer(to: group) { group in
            let group = UnsafeBufferPointer(start: group, count: 1)
            func fill(_ row: Int) {
                fillRow(bias?[row] ?? 0, sweep: sweep, groups: group, line: y + row &* rowFloats)
            }
            if inRegisters {
                for block in blocks {
                    for row in pattern.rowsOutsideFirstTile[block] ?? [] { fill(Int(row)) }
                }
            } else {
                for row in rows { fill(row) }
            }
        }
        return inRegisters
    }
}
