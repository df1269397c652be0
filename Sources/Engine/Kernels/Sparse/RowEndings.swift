/// How the rows of a gather kernel end where a tail follows: those of a group's last tile as they leave the registers, and
/// those that have nothing in it behind that.
struct RowEndings {
    let tail: ForwardTail
    private let pattern: TiledRows
    private let blocks: Range<Int>
    private let rows: Range<Int>
    /// By row: whether it has something in `lastTile`.
    private let isInLast: UnsafeMutableBufferPointer<Bool>
    /// The tile that these flags are of, -1 at first. In memory of the caller: a variable that nested functions share would be
    /// allocated anew in each call.
    private let lastTile: UnsafeMutablePointer<Int>

    /// - Parameter scratch: (rows).
    init(
        _ pattern: TiledRows, blocks: Range<Int>, rows: Range<Int>, tail: ForwardTail,
        scratch: UnsafeMutableBufferPointer<Bool>, lastTile: UnsafeMutablePointer<Int>
    ) {
        self.lastTile = lastTile
        lastTile.initialize(to: -1)
        self.tail = tail
        self.pattern = pattern
        self.blocks = blocks
        self.rows = rows
        isInLast = scratch
        isInLast.update(repeating: false)
    }

    /// Ends the rows that the last of these tiles did not, of one group.
    /// - Parameters:
    ///   - output: the first float of all.
    ///   - y: of the unit.
    func end(
        _ group: ChunkGroup, tiles: Range<Int>, sweep: Sweep, output: UnsafeMutablePointer<Float>,
        y: UnsafeMutablePointer<Float>, rowFloats: Int
    ) {
        look(at: tiles.last)
        for row in rows where !isInLast[row &- rows.lowerBound] {
            tail.finish(row, group, sweep: sweep, y: output, line: y + row &* rowFloats)
        }
    }

    /// Groups after one another mostly end with the same tile.
    private func look(at tile: Int?) {
        guard (tile ?? -1) != lastTile.pointee else { return }
        lastTile.pointee = tile ?? -1
        isInLast.update(repeating: false)
        guard let tile else { return }
        for entry in pattern.entries(tile: tile, blocks: blocks) {
            isInLast[Int(pattern.entryRows.pointer[entry]) &- rows.lowerBound] = true
        }
    }
}
