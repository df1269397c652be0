import Terminal
import Training

/// One thing a person can do: what it is called, its keys, and when it can be done.
package struct Verb: Sendable {
    typealias Run = @Sendable (inout WorkbenchState, Scene) -> [Effect]
    /// Does the verb with words behind it (`:keep net.safetensors`); returns a sentence where they make no sense.
    typealias RunWords = @Sendable (inout WorkbenchState, Scene, String) -> (effects: [Effect], problem: String?)

    /// For `:` and for the configuration file.
    package var name: String
    package var keys: [Key]
    /// A sentence for `?`.
    package var title: String
    /// For the footer, the words behind the keys. Verbs that are told by a neighbour have none.
    package var hint: String?
    /// The hint stands before all others.
    private(set) var leads = false
    /// When the footer tells of it.
    private(set) var isHinted: @Sendable (Scene) -> Bool = { _ in true }
    /// Names of the verbs whose keys stand before the hint, in their order.
    var hintOf: [String]
    /// What is typed behind the name, or nil.
    package var words: String?
    /// The view it belongs to; nil: every view.
    package var view: ViewID?
    /// The phases it is for. Verbs of different phases may share a key, as pausing and training on do.
    var phases: Phases
    /// Whether it makes sense now, within its phases.
    private var applies: @Sendable (Scene) -> Bool
    var run: Run
    var runWords: RunWords?
    /// What helps while its words are typed.
    var typing: Typing?

    struct Typing: Sendable {
        /// Tab: a longer text.
        var complete: @Sendable (String) -> String
        /// The row above.
        var note: @Sendable (String) -> String
        /// `?`: all there is to say.
        var explain: @Sendable (String) -> [HelpRow]
    }

    init(
        _ name: String, _ keys: [Key], _ title: String, hint: String? = nil, of hintOf: [String] = [],
        in view: ViewID? = nil, during phases: Phases = .all,
        when applies: @escaping @Sendable (Scene) -> Bool = { _ in true }, _ run: @escaping Run
    ) {
        self.name = name
        self.keys = keys
        self.title = title
        self.hint = hint
        self.hintOf = hintOf.isEmpty ? [name] : hintOf
        self.view = view
        self.phases = phases
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

    /// The same with its hint before all others: what it does is what the moment is about.
    var first: Verb {
        var verb = self
        verb.leads = true
        return verb
    }

    /// The same, told by the footer only where that helps.
    func hinted(when isHinted: @escaping @Sendable (Scene) -> Bool) -> Verb {
        var verb = self
        verb.isHinted = isHinted
        return verb
    }

    package func applies(in scene: Scene) -> Bool { phases.contains(scene.snapshot.phase.kind) && applies(scene) }

    struct Phases: OptionSet, Sendable {
        let rawValue: Int
        static let running = Phases(rawValue: 1)
        static let paused = Phases(rawValue: 2)
        static let outOfSteps = Phases(rawValue: 4)
        static let others = Phases(rawValue: 8)
        static let all: Phases = [.running, .paused, .outOfSteps, .others]
    }
}

extension Snapshot.Phase {
    var kind: Verb.Phases {
        switch self {
        case .training, .retraining: .running
        case .paused: .paused
        case .outOfSteps: .outOfSteps
        default: .others
        }
    }
}

extension [Key] {
    /// The keys of these letters.
    static func of(_ letters: String) -> [Key] { letters.map { Key.character($0) } }
}
