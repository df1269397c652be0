/// How the rows of a gather kernel begin where they are not added to: those of the first tile in registers, and those that
/// have nothing in it are filled before. Where these are many, all are filled, and none begins.
struct RowBeginnings {
    private let pattern: TiledRows
    private let blocks: Range<Int>
    private let rows: Range<Int>
    let bias: UnsafePointer<Float>?
    /// Whether the first tile's rows begin from the bias, or zero without one.
    let begin: Bool
    /// Whether all rows are filled, or else only those that have nothing in the first tile.
    private let fillsAll: Bool

    init(_ pattern: TiledRows, blocks: Range<Int>, rows: Range<Int>, start: RowStart) {
        self.pattern = pattern
        self.blocks = blocks
        self.rows = rows
        switch start {
        case .added: (bias, begin, fillsAll) = (nil, false, false)
        case .zero, .bias:
            if case .bias(let given) = start { bias = given } else { bias = nil }
            fillsAll = pattern.rowsOutsideFirstTile[blocks].contains { $0 == nil }
            begin = !fillsAll
        }
    }

    /// Fills one group, before its first tile.
    func fill(_ group: ChunkGroup, sweep: Sweep, y: UnsafeMutablePointer<Float>, rowFloats: Int) {
        guard begin || fillsAll else { return }
        withUnsafePointer(to: group) { group in
            let group = UnsafeBufferPointer(start: group, count: 1)
            func fill(_ row: Int) {
                fillRow(bias?[row] ?? 0, sweep: sweep, groups: group, line: y + row &* rowFloats)
            }
            if fillsAll {
                for row in rows { fill(row) }
            } else {
                for block in blocks {
                    for row in pattern.rowsOutsideFirstTile[block] ?? [] { fill(Int(row)) }
                }
            }
        }
    }
}
