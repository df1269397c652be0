/// How many colours the terminal shows.
package enum ColourDepth: Int, Comparable, Sendable, CaseIterable {
    case mono = 0, eight = 8, sixteen = 16, indexed = 256, trueColour = 16_777_216

    package static func < (left: ColourDepth, right: ColourDepth) -> Bool { left.rawValue < right.rawValue }
}

package struct RGB: Hashable, Sendable {
    package var red, green, blue: UInt8
    package init(_ hex: UInt32) {
        red = UInt8(hex >> 16 & 255)
        green = UInt8(hex >> 8 & 255)
        blue = UInt8(hex & 255)
    }

    /// Nearer to white than to black, as an eye weighs the three.
    var isLight: Bool { 299 * Int(red) + 587 * Int(green) + 114 * Int(blue) > 127_500 }

    var hex: UInt32 { UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue) }

    /// Between two colours, `share` 0...1 of the way.
    static func mix(_ from: RGB, _ to: RGB, _ share: Double) -> RGB {
        func part(_ from: UInt8, _ to: UInt8) -> UInt32 {
            UInt32((Double(from) + (Double(to) - Double(from)) * share).rounded())
        }
        return RGB(part(from.red, to.red) << 16 | part(from.green, to.green) << 8 | part(from.blue, to.blue))
    }

    /// The nearest of the 240 fixed colours of a 256-colour terminal (the first 16 are the user's own).
    var indexed: Int {
        func distance(_ red: Int, _ green: Int, _ blue: Int) -> Int {
            let (r, g, b) = (red - Int(self.red), green - Int(self.green), blue - Int(self.blue))
            return 3 * r * r + 4 * g * g + 2 * b * b
        }
        let steps = [0, 95, 135, 175, 215, 255]
        func nearest(_ value: UInt8) -> Int {
            steps.indices.min { abs(steps[$0] - Int(value)) < abs(steps[$1] - Int(value)) } ?? 0
        }
        let (r, g, b) = (nearest(red), nearest(green), nearest(blue))
        let mean = (Int(red) + Int(green) + Int(blue)) / 3
        let grey = max(0, min(23, (mean - 3) / 10))
        let greyValue = 8 + grey * 10
        return distance(greyValue, greyValue, greyValue) < distance(steps[r], steps[g], steps[b])
            ? 232 + grey : 16 + 36 * r + 6 * g + b
    }
}

/// Gives each ink its colour, for a dark or a light terminal.
package struct Palette: Hashable, Sendable {
    package enum Theme: String, Sendable, CaseIterable { case dark, light }
    package enum Map: String, Sendable, CaseIterable { case cividis, viridis, grey }

    package var theme: Theme
    package var map: Map
    package var depth: ColourDepth

    package init(theme: Theme = .dark, map: Map = .cividis, depth: ColourDepth = .indexed) {
        self.theme = theme
        self.map = map
        self.depth = depth
    }

    /// Whether a heat map may speak by colour alone, as half-blocks do.
    package var showsLevels: Bool { depth >= .indexed }

    /// The colour in full; `nil` is the terminal's own text colour.
    package func rgb(_ ink: Ink) -> RGB? {
        switch ink {
        case .role(let role): Palette.roles[role].flatMap { RGB(theme == .dark ? $0.dark : $0.light) }
        case .level(let level): sequential(Double(min(level, 63)) / 63)
        case .signed(let level): diverging((Double(min(level, 63)) - 32) / (level < 32 ? 32 : 31))
        }
    }

    /// The number to ask the terminal for; -1 is its own colour.
    package func number(_ ink: Ink) -> Int {
        switch depth {
        case .mono: return -1
        case .eight, .sixteen:
            guard case .role(let role) = ink, let colour = Palette.roles[role]?.ansi else { return -1 }
            // Yellow and cyan are not to be read on white.
            return theme == .light && (colour == 3 || colour == 6) ? 4 : colour
        case .indexed: return ramp(ink) ?? rgb(ink)?.indexed ?? -1
        // Direct-colour terminals take the lowest 8, 16 or 256 numbers for colours of the user's own.
        case .trueColour: return rgb(ink).map { $0.hex < 256 ? Int($0.hex | 0x100) : Int($0.hex) } ?? -1
        }
    }

    /// Weight where there are few or no colours, so that a meaning never rests on hue alone.
    package func weight(_ style: Style) -> Style {
        guard depth < .indexed, case .role(let role) = style.ink else { return style }
        switch role {
        case .title, .focus, .accent, .key, .warn, .draft: return style.with(bold: true)
        case .bad: return style.with(bold: true, underline: true)
        case .dim, .hint, .border, .reference, .applied: return depth == .mono ? style.with(dim: true) : style
        default: return style
        }
    }

    // MARK: Colours

    private static let roles: [Role: (dark: UInt32, light: UInt32, ansi: Int)] = [
        .dim: (0x9A9A9A, 0x6A6A6A, -1), .title: (0xD7D7D7, 0x303030, -1), .border: (0x6C6C6C, 0x9E9E9E, -1),
        .focus: (0xFFD75F, 0x875F00, 3), .accent: (0x87AFD7, 0x005F87, 6), .good: (0x5FD7AF, 0x00704F, 2),
        .warn: (0xFFAF5F, 0xAF5F00, 3), .bad: (0xFF8787, 0xAF0000, 1), .draft: (0xFFD75F, 0x875F00, 3),
        .applied: (0x9A9A9A, 0x6A6A6A, -1), .series1: (0x87D7FF, 0x005FAF, 6), .series2: (0xFFAF5F, 0xAF5F00, 3),
        .series3: (0xD7AFFF, 0x87009F, 5), .reference: (0x9A9A9A, 0x6A6A6A, -1), .cursor: (0xFFFFFF, 0x000000, -1),
        .hint: (0x9A9A9A, 0x6A6A6A, -1), .key: (0xD7D7D7, 0x303030, -1),
    ]

    private static let anchors: [Map: [UInt32]] = [
        .cividis: [
            0x00204D, 0x00336F, 0x39486B, 0x575C6D, 0x707173, 0x8A8779, 0xA69D75, 0xC4B56C, 0xE4CF5B, 0xFFEA46,
        ],
        .viridis: [
            0x440154, 0x482878, 0x3E4A89, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6DCD59, 0xB4DE2C, 0xFDE725,
        ],
        .grey: [0x1C1C1C, 0xEEEEEE],
    ]

    /// Zero is the end nearest to the paper, so on a light terminal the map is turned round.
    private func sequential(_ share: Double) -> RGB {
        Palette.between(Palette.anchors[map] ?? [], theme == .dark ? share : 1 - share)
    }

    /// From blue, away from the paper, to orange, towards the light: lightness alone tells the order, the hue the sign.
    private func diverging(_ share: Double) -> RGB {
        let colours: [UInt32] = [0x28489E, 0x4F70B8, 0x7C86A0, 0xB09E84, 0xE2B266, 0xFFE596]
        return Palette.between(colours, (share + 1) / 2)
    }

    private static func between(_ colours: [UInt32], _ share: Double) -> RGB {
        guard let last = colours.last else { return RGB(0) }
        let place = max(0, min(1, share)) * Double(colours.count - 1)
        let index = Int(place)
        guard index + 1 < colours.count else { return RGB(last) }
        return RGB.mix(RGB(colours[index]), RGB(colours[index + 1]), place - Double(index))
    }
}
