import Sparsity
import Terminal
import Training

/// Everything a person chose and everything that was answered: with a snapshot and a size, it is the picture.
package struct WorkbenchState: Sendable {
    package var view: ViewID
    /// Name of the selected layer; nil until one is chosen.
    package var layer: String?
    /// The pane with the bright border, for each view.
    package var focus: [ViewID: Int] = [:]
    /// Rows a long list was scrolled by, for each view.
    package var scroll: [ViewID: Int] = [:]
    /// Layers that do not hold these letters are not listed.
    package var filter = ""
    /// Beginnings of names whose layers stand in one row.
    package var folded: Set<String> = []
    /// Of the network that was seen last.
    private(set) var names = LayerNames()

    /// What was chosen in each view, by its name.
    private(set) var states: [ViewID: any ViewState]

    package var drafts = Drafts()
    package var answers = Answers()

    package var prompt: Prompt?
    package var help: HelpState?
    /// One sentence for the person, until the next key.
    package var notice: Notice?
    /// Whole seconds that the session has been prepared for.
    package var waitedSeconds = 0
    /// And that an answer has been waited for, where it takes longer than one.
    package var askedSeconds: [Query.Kind: Int] = [:]
    /// The snapshot that `z` holds.
    package var frozen: Snapshot?
    /// False until a restored layout was fitted to the network that it now shows.
    var isFitted = true
    private var seenMessages: Int?
    private var seenCut: Int?

    init(view: ViewID, _ states: [any ViewState]) {
        self.view = view
        self.states = Dictionary(uniqueKeysWithValues: states.map { (type(of: $0).view, $0) })
    }

    /// What was chosen in one view.
    package subscript<State: ViewState>(_ type: State.Type) -> State {
        get { states[State.view] as? State ?? State() }
        set { states[State.view] = newValue }
    }

    mutating func changeStates(_ change: (inout any ViewState) -> Void) {
        for view in states.keys { change(&states[view]!) }
    }

    package var draft: Draft? { drafts.current }
    var focusedPane: Int { focus[view] ?? 0 }

    /// Takes up what the session said of itself: a message once, as it appears.
    package mutating func observe(_ snapshot: Snapshot) {
        if !names.isOf(snapshot.layers) { names = LayerNames(snapshot.layers) }
        if layer == nil || !snapshot.layers.contains(where: { $0.name == layer }) {
            layer = snapshot.layers.first?.name
        }
        if !isFitted, !snapshot.layers.isEmpty {
            isFitted = true
            drafts.fit(snapshot)
        }
        drafts.follow(layer: layer)
        let selected = snapshot.layers.first { $0.name == layer }
        changeStates { $0.follow(snapshot, layer: selected) }
        let wasCut = seenCut != nil && seenCut != snapshot.cutStamp
        if wasCut { answers.networkChanged() }
        answers.follow(isMoving: snapshot.phase.kind == .running)
        seenCut = snapshot.cutStamp
        // Warnings show at once; a note only where one is waited for, such as that the network was kept.
        let newest = snapshot.messages.last
        let stamp = snapshot.messages.count &+ (newest.map { $0.text.count &+ $0.step &* 131 } ?? 0)
        if let newest, let seenMessages, stamp != seenMessages, newest.kind != .note || notice != nil {
            // Nothing takes the place of an error that was not read yet, but another one.
            if notice?.kind != .error || newest.kind == .error { notice = Notice(newest.text, newest.kind) }
        }
        let isRefusal = newest?.kind == .error && seenMessages != nil && stamp != seenMessages
        drafts.settle(wasCut: wasCut, wasRefused: isRefusal)
        seenMessages = stamp
    }
}

extension WorkbenchState {
    /// An answer in; scales and axes that are held learn from it.
    package mutating func receive(_ answer: Answer, to query: Query) {
        answers.receive(answer, to: query)
        if let deleted = answer.reply as? DeletedRun { tell(deleted) }
        changeStates { $0.learn(answer) }
    }
}

extension Snapshot {
    /// Differs where the network was cut or restored. While paused a cut leaves the step as it is.
    var cutStamp: Int {
        layers.reduce(undoDepth &+ 31 &* redoDepth) { $0 &* 1_000_003 &+ $1.kept }
    }

    /// Differs where an answer of before is no longer true.
    package var weightsStamp: Int { cutStamp &* 1_000_003 &+ step }
}
