/// Which names are meant: `*` stands for any text, `?` for one character, `!` in front takes names out again. The last pattern that
/// a name fits decides; where the first one takes out, all others are in.
package struct NamePatterns: Sendable, Equatable {
    package let patterns: [String]

    package init(_ patterns: [String]) { self.patterns = patterns }

    package func contains(_ name: String) -> Bool {
        var isIn = patterns.first?.hasPrefix("!") ?? false
        for pattern in patterns {
            let takesOut = pattern.hasPrefix("!")
            if Self.fits(Array(name), Array(takesOut ? pattern.dropFirst() : pattern[...])) { isIn = !takesOut }
        }
        return isIn
    }

    /// The patterns that fit none of the names: somebody meant something else.
    package func unused(among names: [String]) -> [String] {
        patterns.filter { pattern in
            let text = Array(pattern.hasPrefix("!") ? pattern.dropFirst() : pattern[...])
            return !names.contains { Self.fits(Array($0), text) }
        }
    }

    // Goes back to the latest star alone: no pattern takes longer than its length times the name's.
    private static func fits(_ name: [Character], _ pattern: [Character]) -> Bool {
        var at = 0, place = 0
        var star: (pattern: Int, name: Int)?
        while at < name.count {
            if place < pattern.count, pattern[place] == "*" {
                star = (place, at)
                place += 1
            } else if place < pattern.count, pattern[place] == "?" || pattern[place] == name[at] {
                at += 1
                place += 1
            } else if let held = star {
                star = (held.pattern, held.name + 1)
                (place, at) = (held.pattern + 1, held.name + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }
}
