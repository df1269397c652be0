import Text

package struct Cell: Equatable, Sendable {
    package var glyph: Unicode.Scalar
    package var style: Style

    package init(glyph: Unicode.Scalar, style: Style = .plain) {
        self.glyph = glyph
        self.style = style
    }

    package static let blank = Cell(glyph: " ")
}

/// A picture in cells: what every view draws into, and what tests compare.
///
/// Each glyph takes one column. What would take another number of columns, or command the terminal, does not get in.
package struct CellGrid: Equatable, Sendable {
    package let width, height: Int
    /// Row by row.
    private(set) package var cells: [Cell]

    package init(width: Int, height: Int) {
        self.width = max(0, width)
        self.height = max(0, height)
        cells = Array(repeating: .blank, count: self.width * self.height)
    }

    /// Outside the grid reads blank, and writes are ignored, so that no view needs to clip.
    package subscript(x: Int, y: Int) -> Cell {
        get { x >= 0 && x < width && y >= 0 && y < height ? cells[y * width + x] : .blank }
        set {
            guard x >= 0, x < width, y >= 0, y < height else { return }
            cells[y * width + x] = newValue
        }
    }

    /// Writes one line of text, with what is not seen made visible, and returns the column after it.
    ///
    /// - Parameter limit: At most so many columns; a longer text ends in `…`.
    @discardableResult
    package mutating func put(
        _ text: String, at x: Int, _ y: Int, _ style: Style = .plain, width limit: Int? = nil
    ) -> Int {
        var column = x
        let end = limit.map { x + max(0, $0) } ?? Int.max
        for scalar in text.visible.unicodeScalars {
            guard let glyph = Glyphs.oneColumn(scalar) else { continue }
            guard column < end else {
                if end > x { self[end - 1, y].glyph = "…" }
                return end
            }
            self[column, y] = Cell(glyph: glyph, style: style)
            column += 1
        }
        return column
    }

    /// Writes one line so that it ends before column `end`.
    package mutating func put(_ text: String, endingAt end: Int, _ y: Int, _ style: Style = .plain) {
        put(text, at: end - Glyphs.width(text), y, style)
    }

    package mutating func fill(_ rect: Rect, _ glyph: Unicode.Scalar = " ", _ style: Style = .plain) {
        for y in max(0, rect.y)..<max(0, rect.y, min(height, rect.maxY)) {
            for x in max(0, rect.x)..<max(0, rect.x, min(width, rect.maxX)) {
                cells[y * width + x] = Cell(glyph: glyph, style: style)
            }
        }
    }

    /// Changes the style of what is there, as for a selected row.
    package mutating func restyle(_ rect: Rect, _ change: (Style) -> Style) {
        for y in rect.y..<rect.maxY {
            for x in rect.x..<rect.maxX { self[x, y].style = change(self[x, y].style) }
        }
    }

    /// A border with words in it: `┌ title ─── right ┐`, and `└ footer ───┘`.
    package mutating func box(
        _ rect: Rect, title: String, right: String = "", focused: Bool = false, footer: String = ""
    ) {
        guard rect.width >= 2, rect.height >= 2 else { return }
        let line = focused ? Style(.focus, bold: true) : Style(.border)
        let (x, y, last, bottom) = (rect.x, rect.y, rect.maxX - 1, rect.maxY - 1)
        for column in (x + 1)..<last {
            self[column, y] = Cell(glyph: "─", style: line)
            self[column, bottom] = Cell(glyph: "─", style: line)
        }
        for row in (y + 1)..<max(y + 1, bottom) {
            self[x, row] = Cell(glyph: "│", style: line)
            self[last, row] = Cell(glyph: "│", style: line)
        }
        self[x, y] = Cell(glyph: "┌", style: line)
        self[last, y] = Cell(glyph: "┐", style: line)
        self[x, bottom] = Cell(glyph: "└", style: line)
        self[last, bottom] = Cell(glyph: "┘", style: line)
        let words = focused ? Style(.focus, bold: true) : Style(.title)
        let room = rect.width - 2
        var taken = 0
        if !title.isEmpty, room > 2 {
            taken = put(" \(title) ", at: x + 1, y, words, width: room) - x - 1
        }
        if !right.isEmpty, Glyphs.width(right) + 2 <= room - taken {
            put(" \(right) ", endingAt: last, y, words)
        }
        if !footer.isEmpty, room > 2 { put(" \(footer) ", at: x + 1, bottom, words, width: room) }
    }

    /// The rows as text, trailing blanks trimmed.
    package var text: String {
        (0..<height).map { y in
            var scalars = String.UnicodeScalarView(cells[y * width..<(y + 1) * width].map(\.glyph))
            while scalars.last == " " { scalars.removeLast() }
            return String(scalars)
        }.joined(separator: "\n")
    }

    mutating func mapGlyphs(_ transform: (Unicode.Scalar) -> Unicode.Scalar) {
        for index in cells.indices { cells[index].glyph = transform(cells[index].glyph) }
    }
}
