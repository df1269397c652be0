/// Where a part of a recipe stands.
package enum RecipePlace: Sendable, Equatable {
    /// Counted from 1.
    case line(Int)
    /// It came from a person's change, which was given by these words: `--set`, `--criterion`, `:method`.
    case change(by: String)

    var isChange: Bool {
        if case .change = self { true } else { false }
    }
}

/// Where the parts of a recipe stand in what it was read from, so that an error found later names the line.
package struct RecipeLines: Sendable, Equatable {
    /// Empty: the recipe was not read from a text.
    package var file = ""
    /// Of keys as `--set` names them: `network`, `schedule.end`, `distribution.layers.fc1`.
    var keys: [String: RecipePlace] = [:]
    /// Of the nodes of a graph, in its order.
    var nodes: [RecipePlace?] = []

    /// Keys that a person changed, as `--set` names them.
    var changed: [String] = []
    /// What was written for a change, where that was not `--set`.
    var origins: [String: String] = [:]
    /// Whether the text is one that people see with its lines, and not a part of another file.
    var isCounted = true

    package init() {}

    /// Where a thing stands does not make a recipe another one.
    package static func == (left: RecipeLines, right: RecipeLines) -> Bool { true }

    /// An error at the first of these keys that stands anywhere, of which any may be the one at fault.
    func error(at keys: String..., message: String) -> RecipeError {
        error(keys.lazy.compactMap { self.keys[$0] }.first, message, of: keys)
    }

    /// An error at a line. Where a person changed one of these keys, or a part of one, that is what does not fit.
    func error(_ place: RecipePlace?, _ message: String, of keys: [String]) -> RecipeError {
        let changes = changed.filter { change in keys.contains { change == $0 || change.hasPrefix($0 + ".") } }
        guard place?.isChange != true, !changes.isEmpty else { return error(place, message) }
        let words = changes.map { origins[$0] ?? "--set " + $0 }
        return error(place, message + " (as changed by \(words.joined(separator: ", ")))")
    }

    func error(_ place: RecipePlace?, _ message: String) -> RecipeError {
        switch place {
        case .line(let line): RecipeError(file: file, line: isCounted ? line : nil, message: message)
        case .change(let words): RecipeError(file: "\(file), as changed by \(words)", line: nil, message: message)
        case nil: RecipeError(file: file, line: nil, message: message)
        }
    }

    // MARK: Counting

    /// The line on which a text goes on after these bytes, and how many of them stand on it: `\n`, `\r\n` and `\r` end a line,
    /// as editors have it.
    static func line(after bytes: some Collection<UInt8>) -> (line: Int, bytes: Int) {
        var line = 1, count = 0
        var last: UInt8 = 0
        for byte in bytes {
            if last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") && byte != UInt8(ascii: "\n") {
                (line, count) = (line + 1, 0)
            }
            count += 1
            last = byte
        }
        return last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") ? (line + 1, 0) : (line, count)
    }
}
