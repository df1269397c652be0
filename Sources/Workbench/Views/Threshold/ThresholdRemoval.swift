import Descriptors
import Sparsity
import Terminal
import Training

/// What is to leave the network for good, as it is typed: `channels share=0.5`.
enum RemovalForm {
    static let form = PartForm(key: "shrink", options: Shrinking.descriptors)

    static func shrinking(_ words: String) throws(PartForm.Problem) -> Shrinking {
        let (name, arguments) = try form.arguments(words)
        guard let target = Shrinking.Target(rawValue: name) else { throw PartForm.Problem(sentence: form.note(words)) }
        return Shrinking(arguments, for: target)
    }
}

extension Prompt.Subject {
    /// What the network would shrink to is shown while it is typed; Enter does it.
    static var removal: Prompt.Subject {
        Prompt.Subject(
            name: "shrink", prompt: " shrink: ", note: { words, _ in RemovalForm.form.note(words) },
            accept: { words, state, scene in ThresholdRemoval.accept(words, &state, scene) },
            complete: { words, _ in RemovalForm.form.complete(words) },
            explain: { words, _ in RemovalForm.form.explain(words) })
    }
}

/// Units that leave for good: `X` shows what would be left, Enter takes the rest out, `u` brings it back.
enum ThresholdRemoval {
    static let commands: [Verb] = [
        Verb(
            "remove", .of("X"), "what units could leave for good: shows what is left, Enter takes them out",
            hint: "shrink", in: .threshold, when: { $0.hasNetwork && $0.isOpen }
        ) { state, _ in
            state.prompt = .line(.removal, LineEditor("idle"), nil)
            return []
        }
    ]

    /// In every view.
    static let shrink: Verb = {
        var verb = Verb(
            "shrink", [], "take units out for good; Tab completes, ? explains", when: { $0.hasNetwork && $0.isOpen }
        ) { state, _ in
            state.view = .threshold
            state.prompt = .line(.removal, LineEditor("idle"), nil)
            return []
        }.taking("what key=value …") { state, scene, words in accept(words, &state, scene) }
        verb.typing = Verb.Typing(
            complete: RemovalForm.form.complete, note: RemovalForm.form.note, explain: RemovalForm.form.explain)
        return verb
    }()

    static func accept(
        _ words: String, _ state: inout WorkbenchState, _ scene: Scene
    ) -> (effects: [Effect], problem: String?) {
        guard scene.isOpen else { return ([], "the run takes no changes now") }
        do {
            var shrinking = try RemovalForm.shrinking(words)
            // Measured once: what was shown is what is done.
            if let shown = state.answers.reply(to: ShrinkQuery(shrinking)) { shrinking = shown.shrinking }
            state.drafts.passed()
            state.notice = Notice("shrunk at the next step boundary; \(scene.key("undo")) takes it back")
            return ([.send(.shrink(shrinking)), .cancel(.shrink), .cancel(.measure)], nil)
        } catch {
            return ([], error.sentence)
        }
    }

    /// What is being typed; nil: nothing that could be done.
    static func typed(_ scene: Scene) -> Shrinking? {
        guard isOpen(scene), case .line(_, let editor, _) = scene.state.prompt else { return nil }
        return try? RemovalForm.shrinking(editor.text)
    }

    static func isOpen(_ scene: Scene) -> Bool {
        if case .line(let subject, _, _)? = scene.state.prompt { subject == .removal } else { false }
    }
}
