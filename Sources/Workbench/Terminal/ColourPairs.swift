import CNcurses

/// The numbers ncurses knows a pair of colours by, made when a pair is first used and never changed:
/// changing one would repaint every cell that has it.
struct ColourPairs {
    private var palette: Palette
    /// Ink slot × paper slot to pair, -1 where not asked for yet: a heat map asks for thousands in a frame.
    private var bySlots: [Int32]
    private var byColours: [Int: Int32] = [:]
    private var next: Int32 = 1
    private let limit: Int32

    init(palette: Palette) {
        self.palette = palette
        limit = Int32(clamping: espalier_pairs())
        bySlots = Array(repeating: -1, count: Ink.slots * Ink.slots)
    }

    /// With other colours the pairs made so far stay: they are known by colour, not by meaning.
    mutating func use(_ palette: Palette) {
        self.palette = palette
        bySlots = Array(repeating: -1, count: Ink.slots * Ink.slots)
    }

    mutating func pair(_ style: Style) -> Int32 {
        guard palette.depth > .mono else { return 0 }
        let slot = style.ink.slot * Ink.slots + (style.paper?.slot ?? 0)
        if bySlots[slot] < 0 { bySlots[slot] = make(style) }
        return bySlots[slot]
    }

    private mutating func make(_ style: Style) -> Int32 {
        let ink = palette.number(style.ink)
        let paper = style.paper.map(palette.number) ?? -1
        if ink < 0 && paper < 0 { return 0 }
        let key = (ink + 1) << 32 | (paper + 1)
        if let known = byColours[key] { return known }
        // All pairs in use, as on a terminal with 64: the ink alone, then the terminal's own.
        guard next < limit else { return paper >= 0 ? pair(Style(ink: style.ink)) : 0 }
        guard init_extended_pair(next, Int32(clamping: ink), Int32(clamping: paper)) == OK else { return 0 }
        defer { next += 1 }
        byColours[key] = next
        return next
    }
}
