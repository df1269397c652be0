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
