import Terminal
import Training

extension WorkbenchState {
    mutating func answerPrompt(_ key: Key, _ scene: Scene) -> [Effect] {
        switch prompt {
        case .confirm(_, let effects):
            // A resize is no answer; anything else that is not a yes is a no.
            if case .mouse = key { return [] }
            prompt = nil
            return key == .character("y") ? effects : []
        case .line(let subject, var editor, _):
            if key == .tab, let complete = subject.complete {
                editor.text = complete(editor.text, scene)
                prompt = .line(subject, editor, nil)
                return []
            }
            if key == .character("?"), let rows = subject.explain?(editor.text, scene), !rows.isEmpty {
                help = HelpState(rows: rows)
                return []
            }
            // Backspace in an empty line leaves it, as in other programs with such a line.
            if key == .backspace, editor.text.isEmpty {
                prompt = nil
                return []
            }
            switch editor.handle(key) {
            case .accepted(let text):
                prompt = nil
                let result = subject.accept(text, &self, scene)
                if let problem = result.problem { prompt = .line(subject, editor, problem) }
                return result.effects
            case .cancelled:
                prompt = nil
                subject.follow("", &self)
            case .editing:
                prompt = .line(subject, editor, nil)
                subject.follow(editor.text, &self)
            case .ignored: break
            }
            return []
        case nil: return []
        }
    }
}

extension Prompt.Subject {
    /// Letters of layers' names; the list follows while they are typed.
    static var find: Prompt.Subject {
        Prompt.Subject(
            name: "find", prompt: " /",
            note: { _, _ in "letters of a name, or its form with * and ?; Enter keeps it, Esc shows all" },
            accept: { text, state, scene in ([], state.find(text, scene)) },
            follow: { text, state in state.filter = text })
    }

    /// Any command by its name.
    static var command: Prompt.Subject {
        Prompt.Subject(
            name: "command", prompt: " :", note: CommandLine.candidates, accept: CommandLine.run,
            complete: CommandLine.complete, explain: CommandLine.explain)
    }
}
