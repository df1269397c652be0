import Terminal
import Training

/// What takes the keys while it stands in the last row.
package enum Prompt: Sendable, Equatable {
    /// A question where only `y` does it: Enter and Esc leave everything as it is.
    case confirm(String, [Effect])
    /// A line being typed, and what was wrong with it.
    case line(Subject, LineEditor, String?)

    var isLine: Bool {
        if case .line = self { true } else { false }
    }
}

extension Prompt {
    /// What a line is for. Each view has its own beside its commands.
    package struct Subject: Sendable, Equatable {
        typealias Accept = @Sendable (String, inout WorkbenchState, Scene) -> (effects: [Effect], problem: String?)

        let name: String
        /// What stands before the line.
        let prompt: String
        /// The row above it, for the text typed so far.
        let note: @Sendable (String, Scene) -> String
        /// Enter.
        let accept: Accept
        /// Tab: a longer text, where the line is one that completes.
        var complete: (@Sendable (String, Scene) -> String)?
        /// `?`: what can be said of the text typed so far; nil: the key is a letter of it.
        var explain: (@Sendable (String, Scene) -> [HelpRow]?)?
        /// After each key.
        var follow: @Sendable (String, inout WorkbenchState) -> Void = { _, _ in }

        package static func == (left: Subject, right: Subject) -> Bool { left.name == right.name }
    }
}
