import Training

/// The line of each scope, and the way back: consecutive moves of a line are one entry.
package struct Drafts: Sendable, Codable, Equatable {
    struct Entry: Sendable, Codable, Equatable {
        var scope: Draft.Scope
        var draft: Draft?
    }

    private(set) package var scope = Draft.Scope.global
    private var byScope: [Draft.Scope: Draft] = [:]
    private var undone: [Entry] = []
    private var done: [Entry] = []
    /// What was applied and is not yet seen in the network.
    private var sent: Entry?
    /// The line is being moved: the entry is open.
    private var isMoving = false

    package init() {}

    package var current: Draft? { byScope[scope] }
    var canUndo: Bool { !done.isEmpty }
    var canRedo: Bool { !undone.isEmpty }

    /// A move of the line; moves that follow each other are undone together.
    mutating func move(to draft: Draft?) {
        if !isMoving { begin() }
        isMoving = true
        byScope[scope] = draft
    }

    /// A target that was typed, or a draft that was dropped: an entry of its own.
    mutating func set(_ draft: Draft?) {
        begin()
        byScope[scope] = draft
    }

    private mutating func begin() {
        done.append(Entry(scope: scope, draft: current))
        if done.count > 100 { done.removeFirst() }
        undone = []
        isMoving = false
    }

    mutating func undo() {
        guard let entry = done.popLast() else { return }
        undone.append(Entry(scope: entry.scope, draft: byScope[entry.scope]))
        scope = entry.scope
        byScope[scope] = entry.draft
        isMoving = false
    }

    mutating func redo() {
        guard let entry = undone.popLast() else { return }
        done.append(Entry(scope: entry.scope, draft: byScope[entry.scope]))
        scope = entry.scope
        byScope[scope] = entry.draft
        isMoving = false
    }

    /// After the cut was sent: the draft is the network now, and what led to it is the session's history.
    mutating func applied() {
        sent = current.map { Entry(scope: scope, draft: $0) }
        byScope = [:]
        done = []
        undone = []
        isMoving = false
    }

    /// The session says whether the cut was made; where it was refused, the draft stands as before.
    mutating func settle(wasCut: Bool, wasRefused: Bool) {
        guard let entry = sent, wasCut || wasRefused else { return }
        sent = nil
        guard wasRefused, !wasCut, byScope.isEmpty else { return }
        choose(entry.scope)
        byScope[scope] = entry.draft
    }

    mutating func choose(_ scope: Draft.Scope) {
        self.scope = scope
        isMoving = false
    }

    /// A scope of one layer goes along with the selected layer; the draft of the other layer waits there.
    mutating func follow(layer: String?) {
        if case .layer(let name) = scope, let layer, name != layer { choose(.layer(layer)) }
    }
}
