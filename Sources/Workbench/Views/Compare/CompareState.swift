import Training

/// What was chosen in the Compare view.
package struct CompareState: ViewState {
    package static let view = ViewID.compare

    /// What the x axis of the front tells.
    package var cost = Cost.zeros
    /// What the second chart tells, where there is room for one.
    package var second = Cost.file
    /// The event of the entry under the cursor; nil: the newest.
    package var selected: Int?
    /// Events that are marked, the one marked first before all: two at most.
    package var marked: [Int] = []
    /// The pane below shows what lies between the marked entries.
    package var showsDifference = false
    /// Names of runs that are drawn beside this one.
    package var shown: [String] = []
    /// Row of the list of runs.
    package var run = 0
    /// The span shown is halved so many times, from the costly end.
    package var zoom = 0

    package init() {}

    package init(from decoder: any Decoder) throws {
        let saved = try decoder.container(keyedBy: CodingKeys.self)
        cost = saved.value(.cost, or: .zeros)
        second = saved.value(.second, or: .file)
        selected = saved.whole(.selected, within: 0...mostOfAnything)
        marked = Array(saved.list(.marked, of: Int.self).filter { (0...mostOfAnything).contains($0) }.prefix(2))
        showsDifference = saved.value(.showsDifference, or: false)
        shown = Array(saved.list(.shown, of: String.self).prefix(26))
        run = saved.whole(.run, within: 0...25) ?? 0
        zoom = saved.whole(.zoom, within: 0...Self.mostZoom) ?? 0
    }

    static let mostZoom = 5

    /// Entries that are no longer there are neither selected nor marked.
    package mutating func follow(_ snapshot: Snapshot, layer: LayerStatus?) {
        guard !snapshot.layers.isEmpty else { return }
        let events = Set(snapshot.history.map(\.event))
        if let event = selected, !events.contains(event) { selected = nil }
        marked.removeAll { !events.contains($0) }
        if marked.count < 2 { showsDifference = false }
    }

    /// Marks an entry, or takes its mark; of three the oldest mark goes.
    mutating func mark(_ event: Int) {
        if let known = marked.firstIndex(of: event) {
            marked.remove(at: known)
        } else {
            marked.append(event)
            if marked.count > 2 { marked.removeFirst() }
        }
        if marked.count < 2 { showsDifference = false }
    }
}

extension ViewID {
    package static let compare = ViewID("compare")
}

extension WorkbenchState {
    package var compare: CompareState {
        get { self[CompareState.self] }
        set { self[CompareState.self] = newValue }
    }
}
