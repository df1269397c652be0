/// Which layers a person wants to see: those whose name holds these letters, or, where there is a `*` or `?` among them,
/// those whose whole name is of that form. Capital letters are as good as small ones.
struct LayerFilter: Sendable {
    private let pattern: [Unicode.Scalar]
    let isForm: Bool

    init(_ text: String) {
        pattern = Array(text.lowercased().unicodeScalars)
        isForm = pattern.contains { $0 == "*" || $0 == "?" }
    }

    /// - Parameter name: in small letters.
    func admits(_ name: [Unicode.Scalar]) -> Bool { isForm ? hasForm(name) : holdsLetters(name) }

    private func holdsLetters(_ name: [Unicode.Scalar]) -> Bool {
        guard let first = pattern.first else { return true }
        guard pattern.count <= name.count else { return false }
        for start in 0...(name.count - pattern.count) where name[start] == first {
            if name[start..<(start + pattern.count)].elementsEqual(pattern) { return true }
        }
        return false
    }

    /// Where it fails behind a `*`, that takes one letter more; an earlier one never has to, so that no pattern takes
    /// longer than its length times the name's.
    private func hasForm(_ name: [Unicode.Scalar]) -> Bool {
        var (at, place) = (0, 0)
        var star: (pattern: Int, place: Int)?
        while place < name.count {
            if at < pattern.count, pattern[at] == "*" {
                star = (at, place)
                at += 1
            } else if at < pattern.count, pattern[at] == "?" || pattern[at] == name[place] {
                at += 1
                place += 1
            } else if let last = star {
                star = (last.pattern, last.place + 1)
                (at, place) = (last.pattern + 1, last.place + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == "*" }
    }
}
