import Descriptors
import Terminal
import Training

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
        guard let verb = found.first else {
            return ([], "no command “\(name)” here" + didYouMean(name, among: verbs.map(\.name)))
        }
        guard found.count == 1 else { return ([], found.prefix(6).map(\.name).joined(separator: " ") + " ?") }
        guard parts.count > 1 else { return (verb.run(&state, scene), nil) }
        guard let runWords = verb.runWords else { return ([], "\(verb.name) takes no words") }
        return runWords(&state, scene, parts[1].trimmingBlanks)
    }

    /// The verb behind whose name words are being typed, where something helps with them.
    private static func form(_ text: String, _ scene: Scene) -> (typing: Verb.Typing, name: String, words: String)? {
        guard let blank = text.firstIndex(of: " ") else { return nil }
        let name = text[..<blank]
        guard let typing = scene.commands.applying(in: scene).first(where: { $0.name == name })?.typing else {
            return nil
        }
        return (typing, String(name), String(text[text.index(after: blank)...]))
    }

    /// Of a choice, what it does, and what its values mean.
    static func explain(_ text: String, _ scene: Scene) -> [HelpRow]? {
        form(text, scene).map { $0.typing.explain($0.words) }
    }

    /// As far as the names that begin so agree.
    static func complete(_ text: String, _ scene: Scene) -> String {
        if let form = form(text, scene) { return form.name + " " + form.typing.complete(form.words) }
        let names = scene.commands.applying(in: scene).map(\.name).filter { $0.hasPrefix(text) }
        guard var common = names.first else { return text }
        for name in names { common = String(zip(common, name).prefix { $0 == $1 }.map(\.0)) }
        return names.count == 1 ? common + " " : common
    }

    /// What could follow, for the row above.
    static func candidates(_ text: String, _ scene: Scene) -> String {
        if let form = form(text, scene) { return form.typing.note(form.words) }
        let name = text.prefix { $0 != " " }
        let verbs = scene.commands.applying(in: scene).filter { $0.name.hasPrefix(name) }
        if verbs.count == 1 || text.contains(" "), let verb = verbs.first {
            return verb.name + (verb.words.map { " <\($0)>" } ?? "") + ": " + verb.title
        }
        return verbs.map(\.name).joined(separator: " ")
    }
}
