/// The name that a wrong one was probably meant to be; nil where none is near.
///
/// Near is a third of its letters, and three at most, that are wrong, missing, too many or the wrong way round; or the beginning of
/// one name alone. Large letters, `_` and spaces are taken for small letters and `-`.
/// - Complexity: O(letters of the word · letters of all names).
package func nearestName(to word: String, among names: [String]) -> String? {
    let wanted = plainLetters(word)
    guard (2...64).contains(wanted.count) else { return nil }
    let most = min(3, max(1, wanted.count / 3))
    var nearest: (name: String, distance: Int)?
    for name in names where name != word {
        let letters = plainLetters(name)
        guard abs(letters.count - wanted.count) <= most else { continue }
        let distance = wrongLetters(wanted, letters)
        if distance <= most, distance < nearest?.distance ?? Int.max { nearest = (name, distance) }
    }
    if let nearest { return nearest.name }
    let beginnings = names.filter { $0 != word && plainLetters($0).starts(with: wanted) }
    return wanted.count >= 3 && beginnings.count == 1 ? beginnings[0] : nil
}

/// What a message adds behind the names that are accepted; empty where none is near.
package func didYouMean(_ word: String, among names: [String]) -> String {
    nearestName(to: word, among: names).map { "; did you mean '\($0)'?" } ?? ""
}

private func plainLetters(_ name: String) -> [Character] {
    name.prefix(100).map { $0 == "_" || $0 == " " ? "-" : Character($0.lowercased().prefix(1).description) }
}

/// Letters to change, to add, to leave out, and neighbours to exchange, until one word is the other.
private func wrongLetters(_ from: [Character], _ to: [Character]) -> Int {
    var older: [Int] = [], old = Array(0...to.count)
    for (row, letter) in from.enumerated() {
        var new = [row + 1]
        for (column, other) in to.enumerated() {
            // Another digit is mostly another thing: fc9 is not fc1.
            let change = letter == other ? 0 : letter.isNumber && other.isNumber ? 2 : 1
            var least = min(old[column] + change, old[column + 1] + 1, new[column] + 1)
            if row > 0, column > 0, letter == to[column - 1], from[row - 1] == other {
                least = min(least, older[column - 1] + 1)
            }
            new.append(least)
        }
        (older, old) = (old, new)
    }
    return old[to.count]
}

extension Accepted {
    /// The description, with the name that a word was probably meant to be.
    func description(for value: Value) -> String {
        guard case .text(let word) = value else { return description }
        switch self {
        case .choice(let names), .choiceOrNumbers(let names, _): return description + didYouMean(word, among: names)
        default: return description
        }
    }

    /// What a list of choosable things accepts where a word is none of their names.
    package static func names(_ all: [Descriptor], for word: String) -> String { names(all.map(\.name), for: word) }

    /// The same, of names alone.
    package static func names(_ all: [String], for word: String) -> String {
        Accepted.choice(all).description(for: .text(word))
    }
}
