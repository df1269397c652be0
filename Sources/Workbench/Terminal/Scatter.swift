/// Points with glyphs, `●` `○` `◆`, on axes that may be bent, as for 80, 90, 95, 99 % of zeros.
package struct Scatter: Sendable {
    package struct Point: Sendable {
        package var x, y: Double
        package var glyph: Unicode.Scalar
        package var label: String
        package var style: Style

        package init(
            x: Double, y: Double, glyph: Unicode.Scalar = "●", label: String = "", style: Style = Style(.series1)
        ) {
            self.x = x
            self.y = y
            self.glyph = glyph
            self.label = label
            self.style = style
        }
    }

    /// Drawn in this order: the later one stays on top where two share a cell.
    package var points: [Point]
    package var references: [Chart.Reference]
    package var x, y: Axis
    package var cursor: Double?

    package init(points: [Point], x: Axis, y: Axis, references: [Chart.Reference] = [], cursor: Double? = nil) {
        self.points = points
        self.x = x
        self.y = y
        self.references = references
        self.cursor = cursor
    }

    @discardableResult
    package func draw(into grid: inout CellGrid, _ rect: Rect) -> Plot {
        let plot = Frame.draw(into: &grid, rect, x: x, y: y, tickMarks: true)
        guard !plot.rect.isEmpty else { return plot }
        for reference in references {
            guard let row = plot.row(ofY: reference.y) else { continue }
            for column in plot.rect.x..<plot.rect.maxX {
                grid[column, row] = Cell(glyph: reference.dotted ? "·" : "─", style: reference.style)
            }
            grid.put(reference.label, endingAt: plot.rect.maxX, row, reference.style)
        }
        if let cursor, let column = plot.column(ofX: cursor) {
            for row in plot.rect.y..<plot.rect.maxY {
                grid[column, row] = Cell(glyph: "┊", style: Style(.cursor))
            }
        }
        var places: [(column: Int, row: Int, point: Point)] = []
        for point in points {
            guard let column = plot.column(ofX: point.x), let row = plot.row(ofY: point.y) else { continue }
            places.append((column, row, point))
        }
        // Labels first: a word may give way to a point, never a point to a word.
        for (column, row, point) in places where !point.label.isEmpty {
            let width = Glyphs.width(point.label)
            let fits = column + 1 + width <= rect.maxX
            grid.put(point.label, at: fits ? column + 1 : max(plot.rect.x, column - width), row, point.style)
        }
        for (column, row, point) in places { grid[column, row] = Cell(glyph: point.glyph, style: point.style) }
        return plot
    }
}
