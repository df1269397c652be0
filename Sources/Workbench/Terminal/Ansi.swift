extension CellGrid {
    /// The picture with escape sequences, for `--render ansi`; rows end with the colours reset.
    package func ansi(palette: Palette = Palette()) -> String {
        var result = ""
        for y in 0..<height {
            var current = ""
            for x in 0..<width {
                let cell = self[x, y]
                let sequence = palette.escape(cell.style)
                if sequence != current {
                    result += sequence
                    current = sequence
                }
                result.unicodeScalars.append(cell.glyph)
            }
            result += "\u{1B}[0m" + (y + 1 < height ? "\n" : "")
        }
        return result
    }

    /// The picture as SVG, for `--render svg`: one `text` a run of cells of one style.
    package func svg(palette: Palette = Palette()) -> String {
        let (cellWidth, cellHeight) = (8, 17)
        let dark = palette.theme == .dark
        let (text, paper) = (RGB(dark ? 0xD7D7D7 : 0x202020), RGB(dark ? 0x161616 : 0xFCFCFC))
        func fill(_ ink: Ink?, _ other: RGB) -> String {
            "#" + hexadecimal((palette.depth == .mono ? nil : ink.flatMap(palette.rgb)) ?? other)
        }
        let (total, tall) = (width * cellWidth, height * cellHeight)
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(total)\" height=\"\(tall)\""
                + " font-family=\"monospace\" font-size=\"13\" xml:space=\"preserve\">",
            "<rect width=\"\(total)\" height=\"\(tall)\" fill=\"#\(hexadecimal(paper))\"/>",
        ]
        for y in 0..<height {
            var x = 0
            while x < width {
                let style = self[x, y].style
                var end = x + 1
                while end < width, self[end, y].style == style { end += 1 }
                let run = String(String.UnicodeScalarView((x..<end).map { self[$0, y].glyph }))
                var (ink, back) = (fill(style.ink, text), style.paper.map { fill($0, paper) })
                if style.reverse { (ink, back) = (back ?? "#\(hexadecimal(paper))", ink) }
                if let back {
                    lines.append(
                        "<rect x=\"\(x * cellWidth)\" y=\"\(y * cellHeight)\" width=\"\((end - x) * cellWidth)\""
                            + " height=\"\(cellHeight)\" fill=\"\(back)\"/>")
                }
                if run.contains(where: { $0 != " " }) {
                    let weight = style.bold ? " font-weight=\"bold\"" : ""
                    // The length is fixed, so that boxes close with a font of any width.
                    lines.append(
                        "<text x=\"\(x * cellWidth)\" y=\"\(y * cellHeight + 13)\" fill=\"\(ink)\"\(weight)"
                            + " textLength=\"\((end - x) * cellWidth)\">\(escaped(run))</text>")
                }
                x = end
            }
        }
        return (lines + ["</svg>"]).joined(separator: "\n")
    }

    private func hexadecimal(_ colour: RGB) -> String {
        let digits = String(colour.hex, radix: 16, uppercase: true)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    private func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
    }
}

extension Palette {
    /// The escape sequence that sets a style from any other.
    func escape(_ style: Style) -> String {
        let style = weight(style)
        var codes = ["0"]
        if style.bold { codes.append("1") }
        if style.dim { codes.append("2") }
        if style.underline { codes.append("4") }
        if style.reverse { codes.append("7") }
        if let code = colourCode(style.ink, base: 30) { codes.append(code) }
        if let paper = style.paper, let code = colourCode(paper, base: 40) { codes.append(code) }
        return "\u{1B}[" + codes.joined(separator: ";") + "m"
    }

    private func colourCode(_ ink: Ink, base: Int) -> String? {
        let number = number(ink)
        guard number >= 0 else { return nil }
        switch depth {
        case .mono: return nil
        case .eight, .sixteen: return number < 8 ? "\(base + number)" : "\(base + 52 + number)"
        case .indexed: return "\(base + 8);5;\(number)"
        case .trueColour: return "\(base + 8);2;\(number >> 16);\(number >> 8 & 255);\(number & 255)"
        }
    }
}
