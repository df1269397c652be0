/// Curves over one x axis, with reference lines, marked places and a cursor.
package struct Chart: Sendable {
    package struct Series: Sendable {
        package enum Line: Sendable {
            case braille
            /// One `┄` a column: for a curve that is only to be compared with.
            case dashed
        }

        package var name: String
        /// In order of x; NaN in y leaves a gap.
        package var points: [(x: Double, y: Double)]
        package var style: Style
        package var line: Line

        package init(
            name: String, points: [(x: Double, y: Double)], style: Style = Style(.series1), line: Line = .braille
        ) {
            self.name = name
            self.points = points
            self.style = style
            self.line = line
        }
    }

    /// A horizontal line at a value, `··` or `──`, its label at the right.
    package struct Reference: Sendable {
        package var y: Double
        package var label: String
        package var style: Style
        package var dotted: Bool

        package init(y: Double, label: String = "", style: Style = Style(.reference), dotted: Bool = true) {
            self.y = y
            self.label = label
            self.style = style
            self.dotted = dotted
        }
    }

    /// A place on the x axis, `╵cut #1`.
    package struct Mark: Sendable {
        package var x: Double
        package var label: String
        package var style: Style

        package init(x: Double, label: String, style: Style = Style(.applied)) {
            self.x = x
            self.label = label
            self.style = style
        }
    }

    package var series: [Series]
    package var references: [Reference] = []
    package var marks: [Mark] = []
    /// A vertical line for reading values.
    package var cursor: Double?
    /// Without one, the range of the data with round labels.
    package var x: Axis?
    package var y: Axis?

    package init(
        series: [Series], references: [Reference] = [], marks: [Mark] = [], cursor: Double? = nil, x: Axis? = nil,
        y: Axis? = nil
    ) {
        self.series = series
        self.references = references
        self.marks = marks
        self.cursor = cursor
        self.x = x
        self.y = y
    }

    /// Draws into a rectangle, without a border, and returns where the curves are.
    @discardableResult
    package func draw(into grid: inout CellGrid, _ rect: Rect) -> Plot {
        let names = series.filter { !$0.points.isEmpty }.map(\.name) + references.map(\.label)
        let margin = (names.map(Glyphs.width).max() ?? 0) + (names.contains { !$0.isEmpty } ? 1 : 0)
        let plot = Frame.draw(
            into: &grid, rect, x: x ?? defaultX(rect.width), y: y ?? defaultY(rect.height),
            rightMargin: margin < rect.width / 3 ? margin : 0)
        guard !plot.rect.isEmpty else { return plot }
        var taken: Set<Int> = []
        for reference in references {
            guard let row = plot.row(ofY: reference.y) else { continue }
            for column in plot.rect.x..<plot.rect.maxX {
                grid[column, row] = Cell(glyph: reference.dotted ? "·" : "─", style: reference.style)
            }
            name(reference.label, near: row, reference.style, plot, &taken, into: &grid)
        }
        for mark in marks { draw(mark, plot, into: &grid) }
        if let cursor, let column = plot.column(ofX: cursor) {
            for row in plot.rect.y..<plot.rect.maxY {
                grid[column, row] = Cell(glyph: "│", style: Style(.cursor))
            }
            grid[column, plot.rect.maxY] = Cell(glyph: "┴", style: Style(.cursor))
        }
        for curve in series {
            let last = curve.points.last { $0.y.isFinite && plot.column(ofX: $0.x) != nil }
            switch curve.line {
            case .braille: drawBraille(curve, plot, into: &grid)
            case .dashed: drawDashed(curve, plot, into: &grid)
            }
            if let last, let share = plot.y.share(of: last.y) {
                let row = plot.rect.maxY - 1 - Int((min(1, max(0, share)) * Double(plot.rect.height - 1)).rounded())
                name(curve.name, near: row, curve.style, plot, &taken, into: &grid)
            }
        }
        return plot
    }

    private func defaultX(_ width: Int) -> Axis {
        let values = series.flatMap { $0.points.map(\.x) }
        guard let low = values.min(), let high = values.max(), high > low else {
            return Axis(range: 0...1)
        }
        // Steps are counted from where they begin: no rounding outwards, or the curve would not fill the width.
        let count = max(2, width / 9)
        var ticks = Axis.around([low, high], count: count) { Format.count($0) }.ticks
        ticks.removeAll { $0.value < low || $0.value > high }
        return Axis(range: low...high, ticks: ticks)
    }

    private func defaultY(_ height: Int) -> Axis {
        let values = series.flatMap { $0.points.map(\.y) } + references.map(\.y)
        return Axis.around(values, count: max(2, (height - 2) / 2))
    }

    /// Writes a name in the right margin, in the free row nearest to where its line ends.
    private func name(
        _ name: String, near row: Int, _ style: Style, _ plot: Plot, _ taken: inout Set<Int>,
        into grid: inout CellGrid
    ) {
        guard !name.isEmpty else { return }
        let rows = (plot.rect.y..<plot.rect.maxY).filter { !taken.contains($0) }
        guard let free = rows.min(by: { (abs($0 - row), $0) < (abs($1 - row), $1) }) else { return }
        taken.insert(free)
        grid.put(name, at: plot.rect.maxX + 1, free, style)
    }

    private func draw(_ mark: Mark, _ plot: Plot, into grid: inout CellGrid) {
        guard let column = plot.column(ofX: mark.x) else { return }
        let row = plot.rect.maxY - 1
        grid[column, row] = Cell(glyph: "╵", style: mark.style)
        let width = Glyphs.width(mark.label)
        // At the right end the label stands before its tick.
        let fits = column + 1 + width <= plot.rect.maxX
        grid.put(mark.label, at: fits ? column + 1 : max(plot.rect.x, column - width), row, mark.style)
    }

    private func drawBraille(_ curve: Series, _ plot: Plot, into grid: inout CellGrid) {
        var braille = Braille(plot.rect)
        var previous: (x: Int, y: Int)?
        for point in curve.points {
            guard let x = plot.x.share(of: point.x), let y = plot.y.share(of: point.y) else {
                previous = nil
                continue
            }
            // Far outside, a dot's number would not fit an Int, and nothing there is seen anyway.
            let dot = (
                x: Int((max(-1, min(2, x)) * Double(braille.width - 1)).rounded()),
                y: Int(((1 - max(-1, min(2, y))) * Double(braille.height - 1)).rounded())
            )
            braille.line(from: previous ?? dot, to: dot)
            previous = dot
        }
        braille.draw(into: &grid, style: curve.style)
    }

    private func drawDashed(_ curve: Series, _ plot: Plot, into grid: inout CellGrid) {
        var previous: (x: Int, y: Int)?
        for point in curve.points {
            guard let column = plot.column(ofX: point.x), let row = plot.row(ofY: point.y) else {
                previous = nil
                continue
            }
            let start = previous ?? (column, row)
            for x in min(start.x + 1, column)...column {
                let share = column > start.x ? Double(x - start.x) / Double(column - start.x) : 1
                let y = start.y + Int((share * Double(row - start.y)).rounded())
                grid[x, y] = Cell(glyph: "┄", style: curve.style)
            }
            previous = (column, row)
        }
    }
}
