/// What a piece of text means; the palette gives it a colour. Colour never carries a meaning alone.
package enum Role: UInt8, CaseIterable, Sendable {
    case text, dim, title, border, focus, accent, good, warn, bad, draft, applied
    case series1, series2, series3, reference, cursor, hint, key
}

/// A colour by its meaning, not by its number.
///
/// `level` is 0...63 in the sequential palette; `signed` is 0...63 in the diverging one, 32 being zero.
package enum Ink: Hashable, Sendable {
    case role(Role), level(UInt8), signed(UInt8)

    /// How many different inks there are, and one above: slot 0 is the terminal's own colour.
    static let slots = 1 + Role.allCases.count + 64 + 64

    /// A dense number, so that tables by ink are arrays.
    var slot: Int {
        switch self {
        case .role(let role): 1 + Int(role.rawValue)
        case .level(let level): 1 + Role.allCases.count + Int(min(level, 63))
        case .signed(let level): 1 + Role.allCases.count + 64 + Int(min(level, 63))
        }
    }
}

package struct Style: Hashable, Sendable {
    package var ink: Ink
    /// The background; `nil` is the terminal's own.
    package var paper: Ink?
    package var bold, dim, reverse, underline: Bool

    package init(
        _ role: Role = .text, bold: Bool = false, dim: Bool = false, reverse: Bool = false, underline: Bool = false
    ) {
        self.init(ink: .role(role))
        self.bold = bold
        self.dim = dim
        self.reverse = reverse
        self.underline = underline
    }

    package init(ink: Ink, paper: Ink? = nil) {
        self.ink = ink
        self.paper = paper
        bold = false
        dim = false
        reverse = false
        underline = false
    }

    package static let plain = Style()

    /// The same with other weight, for a row that is selected or a figure that is out of date.
    package func with(bold: Bool? = nil, dim: Bool? = nil, reverse: Bool? = nil, underline: Bool? = nil) -> Style {
        var style = self
        style.bold = bold ?? self.bold
        style.dim = dim ?? self.dim
        style.reverse = reverse ?? self.reverse
        style.underline = underline ?? self.underline
        return style
    }
}
