import Terminal
import Training

/// Everything a person chose and everything that was answered: with a snapshot and a size, it is the picture.
package struct WorkbenchState: Sendable {
    package var view = ViewID.session
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

    package var session = SessionState()
    package var heat = HeatState()
    package var threshold = ThresholdState()

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

    package init() {}

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
        heat.clamp(to: snapshot.layers.first { $0.name == layer })
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

/// One sentence, and how much it matters.
package struct Notice: Sendable, Equatable {
    package var text: String
    package var kind: Message.Kind

    init(_ text: String, _ kind: Message.Kind = .note) {
        self.text = text
        self.kind = kind
    }
}

extension Message.Kind {
    /// A sign and a style: colour alone would not be seen everywhere.
    var sign: String {
        switch self {
        case .note: ""
        case .warning: "⚠ "
        case .error: "✗ "
        }
    }

    var style: Style {
        switch self {
        case .note: Style(.text)
        case .warning: Style(.warn)
        case .error: Style(.bad, bold: true)
        }
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
