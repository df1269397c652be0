import Sparsity
import Training

/// The line of each scope, and the way back: consecutive moves of a line are one entry.
package struct Drafts: Sendable, Codable, Equatable {
    struct Entry: Sendable, Codable, Equatable {
        var scope: Draft.Scope
        var draft: Draft?

        var isSound: Bool { draft.map { $0.isSound && $0.scope == scope } ?? true }
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

    package init(from decoder: any Decoder) throws {
        let saved = try decoder.container(keyedBy: CodingKeys.self)
        scope = saved.value(.scope, or: .global)
        byScope = try Self.pairs(saved.nestedUnkeyedContainer(forKey: .byScope))
        undone = saved.list(.undone, of: Entry.self)
        done = saved.list(.done, of: Entry.self)
        sent = saved.value(.sent, or: nil)
        isMoving = saved.value(.isMoving, or: false)
        byScope = byScope.filter { $0.value.isSound && $0.value.scope == $0.key }
        undone = undone.filter(\.isSound).suffix(Self.most)
        done = done.filter(\.isSound).suffix(Self.most)
        if sent?.isSound == false { sent = nil }
    }

    /// A dictionary with such keys is written as a list, key and value in turn. One that cannot be read is left out.
    private static func pairs(_ list: any UnkeyedDecodingContainer) throws -> [Draft.Scope: Draft] {
        var list = list
        var pairs: [Draft.Scope: Draft] = [:]
        while !list.isAtEnd {
            let scope = try list.decode(Lenient<Draft.Scope>.self).value
            let draft = list.isAtEnd ? nil : try list.decode(Lenient<Draft>.self).value
            if let scope { pairs[scope] = draft }
        }
        return pairs
    }

    /// Moves that can be taken back.
    private static let most = 100

    /// Drafts of another network go; what they keep is no more than there is here.
    mutating func fit(_ snapshot: Snapshot) {
        func fits(_ scope: Draft.Scope) -> Bool { scope.total(snapshot) > 0 }
        if !fits(scope) { choose(.global) }
        byScope = byScope.compactMapValues { $0.fitted(to: snapshot) }
        func fitted(_ entries: [Entry]) -> [Entry] {
            entries.filter { fits($0.scope) }.map {
                Entry(scope: $0.scope, draft: $0.draft.flatMap { $0.fitted(to: snapshot) })
            }
        }
        (undone, done) = (fitted(undone), fitted(done))
        sent = sent.flatMap { fitted([$0]).first }
    }

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
        if done.count > Self.most { done.removeFirst() }
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
        passed()
    }

    /// Something else happened to the network: what is undone next is that, not a move from before it.
    mutating func passed() {
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
