import Terminal
import Training

/// The one table of commands. Dispatch, the footer, `?`, `:` and the configuration file all read it, so none of them
/// can show what the others do not know.
package struct CommandTable: Sendable {
    private var verbs: [Verb]
    private let views: [ViewID]
    /// A view's own verbs first, for they are what its footer tells.
    private var byView: [ViewID: [Verb]] = [:]

    init(_ verbs: [Verb], views: [ViewID]) {
        self.verbs = verbs
        self.views = views
        for view in views {
            let own = verbs.filter { $0.view == view }
            let taken = Set(own.flatMap(\.keys))
            // Where a view has a key of its own, the verb of every view gives it up there and is left to `:`
            // (in Heat, `K` pans as HJKL do).
            // A verb of every view gives way to the view's own of its name: one word, one meaning.
            let names = Set(own.map(\.name))
            let every = verbs.filter { $0.view == nil && !names.contains($0.name) }.map { verb in
                var verb = verb
                verb.keys.removeAll(where: taken.contains)
                return verb
            }
            byView[view] = own + every
        }
    }

    /// Those of a view, whether they can be done at the moment or not.
    package func of(_ view: ViewID) -> [Verb] { byView[view]! }

    /// Those that can be done now.
    package func applying(in scene: Scene) -> [Verb] { of(scene.state.view).filter { $0.applies(in: scene) } }

    func on(_ key: Key, in scene: Scene) -> Verb? { applying(in: scene).first { $0.keys.contains(key) } }

    /// How a sentence calls a command: by its key, or as it is typed where it has none.
    func key(_ name: String, in view: ViewID) -> String {
        of(view).first { $0.name == name }?.keys.first?.title ?? ":\(name)"
    }

    // MARK: Other keys

    /// A line of the configuration file: `key.threshold.try = t`, or `key.pause = p` for a command of every view.
    struct Rebinding {
        var view: ViewID?
        var name: String
        var keys: [Key]
        var line: Int
    }

    struct Problem: Error {
        var line: Int
        var found: String
        var accepted: String
    }

    /// Without these a person could not find the way out, or back.
    private static let indispensable = ["quit", "help", "commands"]

    /// The table with other keys. All are taken together, so that two commands may exchange theirs.
    ///
    /// - Throws: `Problem` for a command that is not known, and for a key that another command has at the same time.
    func rebinding(_ changes: [Rebinding]) throws(Problem) -> CommandTable {
        var verbs = verbs
        var lines: [Int: Int] = [:]
        for change in changes {
            guard let index = verbs.firstIndex(where: { $0.view == change.view && $0.name == change.name }) else {
                let known = verbs.filter { $0.view == change.view }.map(\.name).joined(separator: " ")
                throw Problem(
                    line: change.line, found: "no command “\(change.name)” \(change.view.place)", accepted: known)
            }
            if change.keys.isEmpty, change.view == nil, Self.indispensable.contains(change.name) {
                throw Problem(line: change.line, found: "\(change.name) without a key", accepted: "at least one key")
            }
            verbs[index].keys = change.keys
            lines[index] = change.line
        }
        for (index, line) in lines.sorted(by: { $0.value < $1.value }) {
            for key in verbs[index].keys where !self.verbs[index].keys.contains(key) {
                guard let other = verbs.indices.first(where: { $0 != index && verbs[$0].meets(verbs[index], on: key) })
                else { continue }
                throw Problem(
                    line: line,
                    found: "\(key.title) for \(verbs[index].name), which is the key of \(verbs[other].name)"
                        + " \(verbs[other].view.place)",
                    accepted: "a key that is free, or another line that gives \(verbs[other].name) another key")
            }
        }
        return CommandTable(verbs, views: views)
    }
}

extension Verb {
    /// Both can be done at once, in some view, with one key.
    fileprivate func meets(_ other: Verb, on key: Key) -> Bool {
        keys.contains(key) && (view == nil || other.view == nil || view == other.view)
            && !phases.isDisjoint(with: other.phases)
    }
}

extension ViewID? {
    fileprivate var place: String { map { "in \($0.title)" } ?? "in every view" }
}
