import Terminal

extension CellGrid {
    /// Text in as many rows above the last as it takes, but for half the picture.
    mutating func putAboveFooter(_ text: String, _ style: Style) {
        // Wrapping sets one blank between words, so what fits keeps its columns.
        let lines = (Glyphs.width(text) < width ? [text] : text.wrapped(width - 2)).prefix(height / 2)
        for (index, line) in lines.enumerated() {
            let y = height - 1 - lines.count + index
            fill(Rect(x: 0, y: y, width: width, height: 1))
            put(" \(line)", at: 0, y, style, width: width)
        }
    }
}

extension String {
    /// Broken at blanks into lines of at most so many columns; a word that is longer, within it.
    func wrapped(_ width: Int) -> [String] {
        let width = max(1, width)
        var lines: [String] = []
        var line = ""
        for word in split(separator: " ") {
            if !line.isEmpty, Glyphs.width(line) + 1 + Glyphs.width(String(word)) > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
            while Glyphs.width(line) > width {
                var rest = line[...]
                var head = ""
                while let character = rest.first, Glyphs.width(head + String(character)) <= width || head.isEmpty {
                    head.append(rest.removeFirst())
                }
                lines.append(head)
                line = String(rest)
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
