import Terminal
import Training

/// What takes the keys while it stands in the last row.
package enum Prompt: Sendable, Equatable {
    package enum Deed: Sendable, Equatable { case undo, finish, quit }
    package enum Subject: Sendable, Equatable { case target, find, cell, command }

    /// A question where only `y` does it: Enter and Esc leave everything as it is.
    case confirm(String, Deed)
    /// A line being typed, and what was wrong with it.
    case line(Subject, LineEditor, String?)

    var isLine: Bool {
        if case .line = self { true } else { false }
    }
}

extension WorkbenchState {
    mutating func answerPrompt(_ key: Key, _ scene: Scene) -> [Effect] {
        switch prompt {
        case .confirm(_, let deed):
            // A resize is no answer; anything else that is not a yes is a no.
            if case .mouse = key { return [] }
            prompt = nil
            guard key == .character("y") else { return [] }
            switch deed {
            case .undo: return [.send(.undo)]
            case .finish: return [.send(.finish)]
            case .quit: return [.quit]
            }
        case .line(let subject, var editor, _):
            if key == .tab, subject == .command {
                editor.text = CommandLine.complete(editor.text, scene)
                prompt = .line(subject, editor, nil)
                return []
            }
            // Backspace in an empty line leaves it, as in other programs with such a line.
            if key == .backspace, editor.text.isEmpty {
                prompt = nil
                return []
            }
            switch editor.handle(key) {
            case .accepted(let text): return accept(text, subject, editor, scene)
            case .cancelled:
                prompt = nil
                if subject == .find { filter = "" }
            case .editing:
                prompt = .line(subject, editor, nil)
                if subject == .find { filter = editor.text }
            case .ignored: break
            }
            return []
        case nil: return []
        }
    }

    private mutating func accept(_ text: String, _ subject: Prompt.Subject, _ editor: LineEditor, _ scene: Scene)
        -> [Effect]
    {
        prompt = nil
        var result: (effects: [Effect], problem: String?) = ([], nil)
        switch subject {
        case .find:
            result.problem = find(text, scene)
        case .target: result.problem = ThresholdView.type(text, &self, scene)
        case .cell: result.problem = HeatView.go(to: text, &self, scene)
        case .command: result = CommandLine.run(text, &self, scene)
        }
        if let problem = result.problem { prompt = .line(subject, editor, problem) }
        return result.effects
    }
}

/// The `:` line: every verb by its name.
enum CommandLine {
    static func run(_ text: String, _ state: inout WorkbenchState, _ scene: Scene) -> (
        effects: [Effect], problem: String?
    ) {
        let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
        guard let name = parts.first else { return ([], nil) }
        let verbs = scene.commands.applying(in: scene)
        let named = verbs.filter { $0.name == name }
        let found = named.isEmpty ? verbs.filter { $0.name.hasPrefix(name) } : named
        guard let verb = found.first else { return ([], "no command “\(name)” here") }
        guard found.count == 1 else { return ([], found.prefix(6).map(\.name).joined(separator: " ") + " ?") }
        guard parts.count > 1 else { return (verb.run(&state, scene), nil) }
        guard let runWords = verb.runWords else { return ([], "\(verb.name) takes no words") }
        return runWords(&state, scene, parts[1].trimmingBlanks)
    }

    /// As far as the names that begin so agree.
    static func complete(_ text: String, _ scene: Scene) -> String {
        let names = scene.commands.applying(in: scene).map(\.name).filter { $0.hasPrefix(text) }
        guard var common = names.first else { return text }
        for name in names { common = String(zip(common, name).prefix { $0 == $1 }.map(\.0)) }
        return names.count == 1 ? common + " " : common
    }

    /// What could follow, for the row above.
    static func candidates(_ text: String, _ scene: Scene) -> String {
        let name = text.prefix { $0 != " " }
        let verbs = scene.commands.applying(in: scene).filter { $0.name.hasPrefix(name) }
        if verbs.count == 1 || text.contains(" "), let verb = verbs.first {
            return verb.name + (verb.words.map { " <\($0)>" } ?? "") + ": " + verb.title
        }
        return verbs.map(\.name).joined(separator: " ")
    }
}

extension String {
    var trimmingBlanks: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
