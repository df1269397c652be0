import Text

/// What may stand in a cell, and what stands for it where the locale has only ASCII.
package enum Glyphs {
    /// The glyph that takes exactly one column for a scalar; `nil` for those that take none.
    ///
    /// A control character would command the terminal, and a wide one would shift the row: both show as `?`. (Text gets
    /// here with control characters as their pictures.)
    package static func oneColumn(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        let value = scalar.value
        if value >= 0x20 && value < 0x7F { return scalar }
        switch value {
        case 0..<0x20, 0x7F..<0xA0: return "?"
        case 0xA0: return " "
        case 0xA1..<0x300: return value == 0xAD ? nil : scalar
        case 0x2000..<0x200B, 0x2028, 0x2029: return " "
        case 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFE00...0xFE0F: return nil
        // Lines, blocks and dots, which a map asks for by the thousand.
        case 0x2500..<0x25A0, 0x2800..<0x2900: return scalar
        // Two columns, or letters that join to blocks of two.
        case 0x1100...0x11FF, 0x2329, 0x232A, 0x2E80...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7FF, 0xF900...0xFAFF,
            0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF,
            0x1F000...0x1FAFF, 0x20000...0x3FFFD:
            return "?"
        default: break
        }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return nil
        case .unassigned, .surrogate, .privateUse, .control, .spacingMark: return "?"
        default: break
        }
        // What is younger than terminals are has whatever width they give it; pictures have two columns.
        guard let age = properties.age, age.major <= 13, !properties.isEmojiPresentation else { return "?" }
        return scalar
    }

    /// Columns a text takes in a grid.
    package static func width(_ text: String) -> Int {
        text.isPlain ? text.utf8.count : text.visible.unicodeScalars.reduce(0) { $0 + (oneColumn($1) == nil ? 0 : 1) }
    }

    /// One ASCII character for each glyph the workbench draws with; `?` for any other.
    ///
    /// Grades of a ramp stay different from each other: ` .:*#` for blank to full.
    package static func ascii(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar.value < 0x7F { return scalar }
        if (0x2800...0x28FF).contains(scalar.value) { return braille(UInt8(scalar.value - 0x2800)) }
        return table[scalar] ?? "?"
    }

    /// Dots 1-3 and 7 are the left column downwards, 4-6 and 8 the right one.
    private static func braille(_ dots: UInt8) -> Unicode.Scalar {
        if dots == 0 { return " " }
        let high = dots & 0b0001_1011 != 0
        let low = dots & 0b1110_0100 != 0
        return high && low ? ":" : high ? "'" : "."
    }

    private static let table: [Unicode.Scalar: Unicode.Scalar] = {
        var table: [Unicode.Scalar: Unicode.Scalar] = [:]
        func add(_ glyphs: String, _ plain: String) {
            for (glyph, ascii) in zip(glyphs.unicodeScalars, plain.unicodeScalars) { table[glyph] = ascii }
        }
        add("─┄┅╌╴╶━═│┃┊┋╎╵╷║", "------==|H::|','H")
        add("┌┐└┘├┤┬┴┼╭╮╯╰", "+++++++++++++")
        add("╱╲╳", "/\\x")
        add("░▒▓█▀▄▌▐▚▞■□▏▎▍▋▊▉", ".:*#^_[]%%#o||||##")
        add("▁▂▃▅▆▇", "..-=+*")
        add("●○◆◇◉◌▲▼▸▹▶◀▾▴‖↻⟳✗✓✔✕★☆⚠", "@o%<0.^v>>><v^H@@xvvx*+!")
        add("←→↑↓↔↕⇧⏎", "<>^v-|^<")
        add("·•…–—−×÷±≤≥≠≈≡∞∘", ".*~---x/~<>!~%8o")
        add("°µσΔ²³√‘’“”ᵀ", "ousd23v''\"\"T")
        add("①②③④⑤⑥⑦⑧⑨", "123456789")
        return table
    }()
}

extension CellGrid {
    /// The same picture in ASCII alone, for `--ascii` and for locales that are not UTF-8.
    package func asciiOnly() -> CellGrid {
        var grid = self
        grid.mapGlyphs(Glyphs.ascii)
        return grid
    }
}
