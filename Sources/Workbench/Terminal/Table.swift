/// Rows under headers, one of them selected; scrolls so that the selection is seen.
package struct Table: Sendable {
    package enum Alignment: Sendable { case left, right }

    package struct Column: Sendable {
        package var header: String
        package var width: Int
        package var alignment: Alignment

        package init(_ header: String, width: Int, _ alignment: Alignment = .left) {
            self.header = header
            self.width = width
            self.alignment = alignment
        }
    }

    package struct Row: Sendable {
        package var cells: [String]
        package var style: Style
        /// Styles of single cells, by column.
        package var styles: [Int: Style]
        package var isMarked: Bool

        package init(
            _ cells: [String], style: Style = .plain, styles: [Int: Style] = [:], isMarked: Bool = false
        ) {
            self.cells = cells
            self.style = style
            self.styles = styles
            self.isMarked = isMarked
        }
    }

    package var columns: [Column]
    package var rows: [Row]
    package var selected: Int?
    /// The first row shown; moved by `draw` only as far as the selection asks.
    package var offset: Int
    /// Blanks between columns.
    package var gap: Int
    package var showsHeader: Bool

    package init(
        columns: [Column], rows: [Row], selected: Int? = nil, offset: Int = 0, gap: Int = 1, showsHeader: Bool = true
    ) {
        self.columns = columns
        self.rows = rows
        self.selected = selected
        self.offset = offset
        self.gap = gap
        self.showsHeader = showsHeader
    }

    /// The first row to show in so many lines, the selection among them.
    package static func offset(_ offset: Int, showing selected: Int?, of count: Int, lines: Int) -> Int {
        var first = max(0, min(offset, count - lines))
        if let selected {
            if selected < first { first = max(0, selected) }
            if lines > 0, selected >= first + lines { first = selected - lines + 1 }
        }
        return first
    }

    /// Draws and returns the first row shown, to be kept as `offset`. A line begins with `▸`, `*` or a blank.
    @discardableResult
    package func draw(into grid: inout CellGrid, _ rect: Rect) -> Int {
        var y = rect.y
        if showsHeader, rect.height > 0 {
            line(columns.map(\.header), at: y, rect, into: &grid) { _ in Style(.title) }
            y += 1
        }
        let lines = rect.maxY - y
        let first = Table.offset(offset, showing: selected, of: rows.count, lines: lines)
        for index in first..<max(first, min(rows.count, first + max(0, lines))) {
            let row = rows[index]
            let isSelected = index == selected
            if isSelected {
                grid.put("▸", at: rect.x, y, Style(.focus, bold: true), width: rect.width)
            } else if row.isMarked {
                grid.put("*", at: rect.x, y, Style(.accent, bold: true), width: rect.width)
            }
            line(row.cells, at: y, rect, into: &grid) { column in
                let style = row.styles[column] ?? row.style
                return isSelected ? style.with(bold: true) : style
            }
            y += 1
        }
        return first
    }

    /// The row drawn at a line of the screen.
    package func row(atY y: Int, in rect: Rect) -> Int? {
        let top = rect.y + (showsHeader ? 1 : 0)
        let first = Table.offset(offset, showing: selected, of: rows.count, lines: rect.maxY - top)
        let index = first + y - top
        return y >= top && y < rect.maxY && index < rows.count ? index : nil
    }

    private func line(
        _ cells: [String], at y: Int, _ rect: Rect, into grid: inout CellGrid, _ style: (Int) -> Style
    ) {
        var x = rect.x + 1
        for (index, column) in columns.enumerated() where index < cells.count {
            let width = min(column.width, rect.maxX - x)
            guard width > 0 else { return }
            let pad = column.alignment == .right ? max(0, width - Glyphs.width(cells[index])) : 0
            grid.put(cells[index], at: x + pad, y, style(index), width: width - pad)
            x += column.width + gap
        }
    }
}
