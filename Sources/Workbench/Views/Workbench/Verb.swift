import Terminal
import Training

/// One thing a person can do: what it is called, its keys, and when it can be done. Dispatch, the footer, `?` and
/// `:` all read the one list of these, so none of them can show what the others do not know.
package struct Verb: Sendable {
    typealias Run = @Sendable (inout WorkbenchState, Scene) -> [Effect]
    /// Does the verb with words behind it (`:keep net.safetensors`); returns a sentence where they make no sense.
    typealias RunWords = @Sendable (inout WorkbenchState, Scene, String) -> (effects: [Effect], problem: String?)

    /// For `:`.
    package var name: String
    package var keys: [Key]
    /// A sentence for `?`.
    package var title: String
    /// For the footer, with its keys: "jk layer". Verbs that are told by a neighbour have none.
    package var hint: String?
    /// What is typed behind the name, or nil.
    package var words: String?
    /// The view it belongs to; nil: every view.
    package var view: ViewID?
    package var applies: @Sendable (Scene) -> Bool
    var run: Run
    var runWords: RunWords?

    init(
        _ name: String, _ keys: [Key], _ title: String, hint: String? = nil, in view: ViewID? = nil,
        when applies: @escaping @Sendable (Scene) -> Bool = { _ in true }, _ run: @escaping Run
    ) {
        self.name = name
        self.keys = keys
        self.title = title
        self.hint = hint
        self.view = view
        self.applies = applies
        self.run = run
    }

    /// The same with words typed behind its name.
    func taking(_ words: String, _ run: @escaping RunWords) -> Verb {
        var verb = self
        verb.words = words
        verb.runWords = run
        return verb
    }

    /// All there are: a view's own first, for they are what its footer tells.
    package static let all: [Verb] = ViewID.commands + everyView

    /// Those of a view, done or not at the moment. Where a view has a key of its own, the verb of every view gives it
    /// up there and is left to `:` (in Heat, `K` pans as HJKL do).
    package static func of(_ view: ViewID) -> [Verb] { byView[view]! }

    private static let byView: [ViewID: [Verb]] = {
        Dictionary(
            uniqueKeysWithValues: ViewID.allCases.map { view in
                let own = all.filter { $0.view == view }
                let taken = Set(own.flatMap(\.keys))
                let every = everyView.map { verb in
                    var verb = verb
                    verb.keys.removeAll(where: taken.contains)
                    if verb.keys.isEmpty { verb.hint = nil }
                    return verb
                }
                return (view, own + every)
            })
    }()

    /// Those that can be done now.
    package static func applying(in scene: Scene) -> [Verb] { of(scene.state.view).filter { $0.applies(scene) } }

    static func on(_ key: Key, in scene: Scene) -> Verb? {
        applying(in: scene).first { $0.keys.contains(key) }
    }
}

extension [Key] {
    /// The keys of these letters.
    static func of(_ letters: String) -> [Key] { letters.map { Key.character($0) } }
}
