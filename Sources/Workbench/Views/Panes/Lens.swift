/// One side of a map: how many weights a cell holds, and which are in view.
struct Lens: Equatable, Sendable {
    /// Weights a cell holds.
    var perCell: Int
    /// Weights in view.
    var range: Range<Int>
    var total: Int

    /// Cells it takes.
    var cells: Int { max(1, (range.count + perCell - 1) / perCell) }

    /// - Parameters:
    ///   - cells: Room for so many.
    ///   - zoom: Levels below the one that shows all.
    ///   - origin: First weight wished for; moved so that the view stays full.
    ///   - stops: Weights a cell may hold below the level that shows all, ascending; nil: powers of two.
    ///   - unit: Levels that show more than the stops hold whole units (channels).
    init(total: Int, cells: Int, zoom: Int, origin: Int, stops: [Int] = [], unit: Int = 1) {
        let cells = max(1, cells)
        let levels = Lens.levels(total: total, cells: cells, stops: stops, unit: unit)
        perCell = levels[levels.count - 1 - max(0, min(levels.count - 1, zoom))]
        self.total = total
        let visible = min(total, perCell * cells)
        var start = max(0, min(origin, total - visible))
        if start > 0 { start -= start % perCell }
        range = start..<max(start, min(total, start + visible))
    }

    /// One weight a cell, and these in view.
    init(_ range: Range<Int>, of total: Int) {
        perCell = 1
        self.range = range
        self.total = total
    }

    /// Weights a cell may hold, from one weight to the first level that shows all.
    static func levels(total: Int, cells: Int, stops: [Int] = [], unit: Int = 1) -> [Int] {
        let fit = max(1, (total + cells - 1) / cells)
        var levels = [1]
        for stop in stops where stop > levels.last! && levels.last! < fit { levels.append(stop) }
        while levels.last! < fit {
            let next = levels.last! * 2
            // The last level is as fine as all allows: no power of two, or half the room would stay empty.
            levels.append(next >= fit ? (fit + unit - 1) / unit * unit : (next + unit - 1) / unit * unit)
        }
        return levels
    }
}
