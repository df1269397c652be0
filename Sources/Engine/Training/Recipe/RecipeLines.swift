/// Where a part of a recipe stands.
package enum RecipePlace: Sendable, Equatable {
    /// Counted from 1.
    case line(Int)
    /// It came from the command line.
    case change
}

/// Where the parts of a recipe stand in what it was read from, so that an error found later names the line.
package struct RecipeLines: Sendable, Equatable {
    /// Empty: the recipe was not read from a text.
    package var file = ""
    /// Of keys as `--set` names them: `network`, `schedule.end`, `distribution.layers.fc1`.
    var keys: [String: RecipePlace] = [:]
    /// Of the nodes of a graph, in its order.
    var nodes: [RecipePlace?] = []

    package init() {}

    /// Where a thing stands does not make a recipe another one.
    package static func == (left: RecipeLines, right: RecipeLines) -> Bool { true }

    /// An error at the first of these keys that stands anywhere.
    func error(at keys: String..., message: String) -> RecipeError {
        error(keys.lazy.compactMap { self.keys[$0] }.first, message)
    }

    func error(_ place: RecipePlace?, _ message: String) -> RecipeError {
        switch place {
        case .line(let line): RecipeError(file: file, line: line, message: message)
        case .change: RecipeError(file: "\(file), as changed by --set", line: nil, message: message)
        case nil: RecipeError(file: file, line: nil, message: message)
        }
    }
}
