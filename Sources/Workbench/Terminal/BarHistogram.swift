import Foundation

/// Columns of counts on a log scale, each shared out among segments (cut, would go, would return, stays).
package struct BarHistogram: Sendable {
    package struct Segment: Sendable {
        package var glyph: Unicode.Scalar
        package var style: Style

        package init(_ glyph: Unicode.Scalar, _ style: Style) {
            self.glyph = glyph
            self.style = style
        }

        package static let cut = Segment("░", Style(.dim))
        package static let wouldGo = Segment("▒", Style(.draft))
        package static let wouldReturn = Segment("▚", Style(.good))
        package static let stays = Segment("█", Style(.accent))
    }

    /// A vertical line at a column; a fraction is rounded. Dim `┊` for what is applied, bold `┃` for a draft.
    package struct Line: Sendable {
        package var column: Double
        package var label: String
        package var bold: Bool
        package var style: Style

        package init(column: Double, label: String = "", bold: Bool) {
            self.column = column
            self.label = label
            self.bold = bold
            style = bold ? Style(.draft, bold: true) : Style(.applied, dim: true)
        }
    }

    /// A point of a curve behind the columns: 0 at their foot, 1 at the top.
    package struct CurvePoint: Sendable {
        package var column: Double
        package var share: Double

        package init(column: Double, share: Double) {
            self.column = column
            self.share = share
        }
    }

    package var segments: [Segment]
    /// For each column its count in each segment, in their order, from the bottom.
    package var columns: [[Int]]
    package var lines: [Line]
    /// By rising column; seen where no column and no line is.
    package var behind: [CurvePoint] = []
    /// Labels below, by column.
    package var ticks: [(column: Int, label: String)]

    package init(
        segments: [Segment] = [.cut, .wouldGo, .wouldReturn, .stays], columns: [[Int]], lines: [Line] = [],
        ticks: [(column: Int, label: String)] = []
    ) {
        self.segments = segments
        self.columns = columns
        self.lines = lines
        self.ticks = ticks
    }

    private static let labels = 5

    /// How many columns fit, so that the counts can be made for just so many.
    package static func columnCount(in rect: Rect) -> Int { max(0, rect.width - labels) }

    /// Draws and returns where the columns are: column i is at `x + i`.
    @discardableResult
    package func draw(into grid: inout CellGrid, _ rect: Rect) -> Rect {
        // The top row is for the names of the lines, the two lowest for the axis.
        let plot = Rect(
            x: rect.x + BarHistogram.labels, y: rect.y + 1, width: rect.width - BarHistogram.labels,
            height: rect.height - 3)
        guard !plot.isEmpty else { return plot }
        let totals = columns.prefix(plot.width).map { $0.reduce(0, +) }
        let greatest = max(1, totals.max() ?? 1)
        drawAxis(into: &grid, plot, greatest)
        for (index, total) in totals.enumerated() where total > 0 {
            let height = BarHistogram.height(total, of: greatest, rows: plot.height)
            var row = plot.maxY - 1
            for (segment, cells) in zip(segments, BarHistogram.share(columns[index], cells: height)) {
                for _ in 0..<cells {
                    grid[plot.x + index, row] = Cell(glyph: segment.glyph, style: segment.style)
                    row -= 1
                }
            }
        }
        drawLines(into: &grid, plot)
        drawCurve(into: &grid, plot)
        drawTicks(into: &grid, plot, limit: rect.maxX)
        return plot
    }

    /// Rows for a count: at least one for one, all for the greatest.
    static func height(_ count: Int, of greatest: Int, rows: Int) -> Int {
        guard count > 0 else { return 0 }
        let share = Foundation.log(1 + Double(count)) / Foundation.log(1 + Double(greatest))
        return max(1, min(rows, Int((share * Double(rows)).rounded())))
    }

    /// Cells for each segment in proportion to its count, each that holds something getting one while there are any.
    static func share(_ counts: [Int], cells: Int) -> [Int] {
        let total = counts.reduce(0, +)
        guard total > 0, cells > 0 else { return counts.map { _ in 0 } }
        var shares = counts.map { $0 == 0 ? 0 : max(1, Int(Double($0) / Double(total) * Double(cells))) }
        while shares.reduce(0, +) > cells {
            let widest = shares.indices.max { (shares[$0], counts[$0]) < (shares[$1], counts[$1]) } ?? 0
            shares[widest] -= 1
        }
        if let most = counts.indices.max(by: { counts[$0] < counts[$1] }) {
            shares[most] += cells - shares.reduce(0, +)
        }
        return shares
    }

    private func drawAxis(into grid: inout CellGrid, _ plot: Rect, _ greatest: Int) {
        let axis = plot.x - 1
        let line = Style(.border)
        for row in plot.y..<plot.maxY { grid[axis, row] = Cell(glyph: "│", style: line) }
        var power = 1
        while power <= greatest {
            let row = plot.maxY - BarHistogram.height(power, of: greatest, rows: plot.height)
            if grid[axis, row].glyph == "│" {
                grid.put(Format.compact(Double(power)), endingAt: axis, row, Style(.dim))
                grid[axis, row] = Cell(glyph: "┤", style: line)
            }
            power *= 10
        }
        grid[axis, plot.maxY] = Cell(glyph: "└", style: line)
        for column in plot.x..<plot.maxX { grid[column, plot.maxY] = Cell(glyph: "─", style: line) }
    }

    private func drawLines(into grid: inout CellGrid, _ plot: Rect) {
        var free = plot.x
        // From left to right, so that a name pushed aside by its neighbour stays on its side.
        for line in lines.sorted(by: { $0.column < $1.column }) {
            guard line.column.isFinite else { continue }
            let column = plot.x + max(0, min(plot.width - 1, Int(line.column.rounded())))
            for row in plot.y..<plot.maxY {
                // Columns hide a dim line, a bold one is seen through them.
                guard line.bold || grid[column, row].glyph == " " else { continue }
                grid[column, row] = Cell(glyph: line.bold ? "┃" : "┊", style: line.style)
            }
            let width = Glyphs.width(line.label)
            let start = max(free, min(column - width / 2, plot.maxX - width))
            guard width > 0, start + width <= plot.maxX else { continue }
            free = grid.put(line.label, at: start, plot.y - 1, line.style) + 1
        }
    }

    private func drawCurve(into grid: inout CellGrid, _ plot: Rect) {
        var braille = Braille(plot)
        var previous: (x: Int, y: Int)?
        for point in behind where point.column.isFinite && point.share.isFinite {
            let share = max(0, min(1, point.share))
            let dot = (
                x: Int((max(0, min(Double(plot.width) - 0.5, point.column)) * 2).rounded()),
                y: Int(((1 - share) * Double(braille.height - 1)).rounded())
            )
            braille.line(from: previous ?? dot, to: dot)
            previous = dot
        }
        braille.draw(into: &grid, style: Style(.dim), onBlanksAlone: true)
    }

    private func drawTicks(into grid: inout CellGrid, _ plot: Rect, limit: Int) {
        var free = plot.x
        for tick in ticks.sorted(by: { $0.column < $1.column }) {
            let width = Glyphs.width(tick.label)
            let start = max(free, min(plot.x + tick.column, limit - width))
            guard tick.column < plot.width, start + width <= limit else { continue }
            // A blank between, or 0 and .018 would read as one number.
            free = grid.put(tick.label, at: start, plot.maxY + 1, Style(.dim)) + 1
        }
    }
}
