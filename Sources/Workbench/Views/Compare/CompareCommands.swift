import Terminal
import Training

extension CompareView {
    static let commands: [Verb] = entries + [CompareDeletion.verb, export]

    private static let entries: [Verb] = [
        verb(
            "row-down", [.character("j"), .down], "next entry; next run where those have the focus", hint: "entry",
            of: ["row-down", "row-up"]
        ) { step(&$0, $1, 1) },
        verb("row-up", [.character("k"), .up], "entry or run before") { step(&$0, $1, -1) },
        verb("page-down", [.pageDown, .shiftDown], "a page of entries down") { state, scene in
            step(&state, scene, EntriesPane.lines(CompareLayout(scene).entries))
        },
        verb("page-up", [.pageUp, .shiftUp], "a page of entries up") { state, scene in
            step(&state, scene, -EntriesPane.lines(CompareLayout(scene).entries))
        },
        verb("first", .of("g"), "first entry or run") { step(&$0, $1, -100_000) },
        verb("last", .of("G"), "last entry or run") { step(&$0, $1, 100_000) },
        verb("mark", .of(" "), "mark an entry, two to compare; show a run where those have the focus", hint: "mark") {
            state, scene in
            if state.focusedPane == 1 {
                let runs = RunsPane.lettered(scene)
                guard runs.indices.contains(state.compare.run) else { return }
                toggle(runs[state.compare.run].run, &state)
            } else if let entry = scene.selectedEntry {
                state.compare.mark(entry.event)
            }
        },
        verb("difference", [.enter], "the two marked entries layer by layer, or the list again", hint: "diff") {
            state, scene in
            if state.compare.marked.count == 1, let entry = scene.selectedEntry,
                entry.event != state.compare.marked[0]
            {
                state.compare.mark(entry.event)
            }
            guard state.compare.marked.count == 2 else {
                state.notice = Notice("mark two entries first: \(scene.key("mark"))")
                return
            }
            state.compare.showsDifference.toggle()
        },
        verb("axis", .of("x"), "against zeros, bytes of the file, multiply-adds, time for one image", hint: "axis") {
            state, _ in
            state.compare.cost = state.compare.cost.next
        },
        verb("second-axis", .of("m"), "the same of the second chart") { state, _ in
            state.compare.second = state.compare.second.next
        },
        verb("zoom-in", .of("+="), "zoom to the small networks", hint: "zoom", of: ["zoom-in", "zoom-out"]) {
            state, _ in
            state.compare.zoom = min(CompareState.mostZoom, state.compare.zoom + 1)
        },
        verb("zoom-out", .of("-"), "zoom out") { state, _ in state.compare.zoom = max(0, state.compare.zoom - 1) },
        verb("zoom-all", .of("0"), "the whole axis") { state, _ in state.compare.zoom = 0 },
        Verb(
            "revert", .of("R"), "go back to the entry: as many undos as lie between", hint: "revert", in: .compare,
            when: { $0.isOpen && $0.hasNetwork }
        ) { state, scene in
            switch way(to: scene.selectedEntry, scene) {
            case .failure(let reason): state.notice = Notice(reason.sentence, .warning)
            case .success(let way):
                guard way.count != 0 else {
                    state.notice = Notice("the network is there already")
                    break
                }
                let back = way.count > 0
                let effects = Array(repeating: Effect.send(back ? .undo : .redo), count: abs(way.count))
                let redo = back ? " \(scene.key("redo")) brings it again." : ""
                state.prompt = .confirm("Go \(back ? "back" : "on") to \(way.place)?" + redo, effects)
            }
            return []
        },
        Verb(
            "branch", .of("b"), "copy the run to a folder of its own, from the entry on", hint: "branch", in: .compare,
            when: { $0.isOpen && $0.hasNetwork }
        ) { state, scene in
            switch way(to: scene.selectedEntry, scene) {
            case .failure(let reason): state.notice = Notice(reason.sentence, .warning)
            case .success(let way) where way.count < 0:
                state.notice = Notice(
                    "what was undone is no place to branch from: \(scene.key("redo")) first", .warning)
            case .success(let way):
                state.notice = Notice("branching at \(way.place)…")
                return [.send(.branch(undos: way.count))]
            }
            return []
        },
    ]

    struct NoWay: Error {
        var sentence: String
    }

    /// How many undos lead to an entry (redos, where negative), and where they end: before the first cut by hand after it.
    static func way(to entry: ComparedEntry?, _ scene: Scene) -> Result<(count: Int, place: String), NoWay> {
        guard let entry else { return .failure(NoWay(sentence: "there is no entry")) }
        let byHand = Set(scene.snapshot.cuts.filter(\.byHand).map(\.event))
        let history = scene.snapshot.history
        guard entry.isCurrent else {
            // Redone in the order in which they were made.
            let undone = history.filter { !$0.isCurrent }.map(\.event).sorted()
            let count = (undone.firstIndex(of: entry.event) ?? 0) + 1
            guard count <= scene.snapshot.redoDepth else {
                return .failure(NoWay(sentence: "it cannot be redone any more"))
            }
            return .success((-count, "#\(entry.event) \(entry.label)"))
        }
        let after = history.filter { $0.isCurrent && $0.event > entry.event && byHand.contains($0.event) }
        guard let next = after.min(by: { $0.event < $1.event }) else {
            guard !entry.isLive else { return .success((0, "#\(entry.event) \(entry.label)")) }
            return .failure(
                NoWay(sentence: "no state of #\(entry.event) was saved: states are saved before cuts by hand"))
        }
        guard after.count <= scene.snapshot.undoDepth else {
            return .failure(NoWay(sentence: "the states before #\(next.event) are gone: undo has no more room"))
        }
        let before = history.last { $0.isCurrent && $0.event < next.event }
        let isThere = before?.event == entry.event
        let place =
            isThere ? "#\(entry.event) \(entry.label)" : "the state before #\(next.event), the nearest that was saved"
        return .success((after.count, place))
    }

    private static func verb(
        _ name: String, _ keys: [Key], _ title: String, hint: String? = nil, of hintOf: [String] = [],
        _ run: @escaping @Sendable (inout WorkbenchState, Scene) -> Void
    ) -> Verb {
        Verb(name, keys, title, hint: hint, of: hintOf, in: .compare, when: { $0.hasNetwork }) { state, scene in
            run(&state, scene)
            return []
        }
    }

    private static func step(_ state: inout WorkbenchState, _ scene: Scene, _ by: Int) {
        if state.focusedPane == 1 {
            let last = RunsPane.lettered(scene).count - 1
            state.compare.run = max(0, min(last, state.compare.run + by))
            return
        }
        let entries = scene.compared
        guard !entries.isEmpty else { return }
        let at = entries.firstIndex { $0.event == scene.selectedEntry?.event } ?? 0
        state.compare.selected = entries[max(0, min(entries.count - 1, at + by))].event
    }

    private static func toggle(_ run: RunFigures, _ state: inout WorkbenchState) {
        if let difference = run.otherData {
            state.compare.shown.removeAll { $0 == run.name }
            state.notice = Notice("\(run.name.visible) is on other data, not to be compared: \(difference)", .warning)
        } else if let at = state.compare.shown.firstIndex(of: run.name) {
            state.compare.shown.remove(at: at)
        } else {
            state.compare.shown.append(run.name)
        }
    }

    /// A click chooses an entry, in the list or in a chart, or shows a run; the wheel zooms charts and goes through lists.
    static func mouse(_ event: MouseEvent, _ state: inout WorkbenchState, _ scene: Scene) -> [Effect] {
        let layout = CompareLayout(scene)
        let compare = state.compare
        if let index = layout.charts.firstIndex(where: { $0.contains(event.x, event.y) }) {
            switch event.kind {
            case .wheelUp: state.compare.zoom = min(CompareState.mostZoom, compare.zoom + 1)
            case .wheelDown: state.compare.zoom = max(0, compare.zoom - 1)
            case .press:
                // Where the points are depends on labels: only drawing tells.
                var grid = CellGrid(width: scene.size.width, height: scene.size.height)
                let cost = index == 0 ? compare.cost : compare.second
                let entries = scene.compared
                let plot = FrontPane.draw(entries, cost, scene, layout.charts[index], isFirst: index == 0, into: &grid)
                if let entry = plot.flatMap({ FrontPane.entry(at: event.x, event.y, $0, entries, cost) }) {
                    state.focus[.compare] = 0
                    state.compare.selected = entry.event
                }
            case .drag, .release: break
            }
        } else if layout.runs.contains(event.x, event.y) {
            guard event.kind == .press else { return [] }
            state.focus[.compare] = 1
            if let row = RunsPane.row(at: event.y, scene, layout.runs) {
                state.compare.run = row
                toggle(RunsPane.lettered(scene)[row].run, &state)
            }
        } else if layout.entries.contains(event.x, event.y), layout.difference != nil || !compare.showsDifference {
            switch event.kind {
            case .wheelUp: step(&state, scene, -1)
            case .wheelDown: step(&state, scene, 1)
            case .press:
                state.focus[.compare] = 0
                if let entry = EntriesPane.entry(at: event.y, scene.compared, scene, layout.entries) {
                    state.compare.selected = entry.event
                }
            case .drag, .release: break
            }
        }
        return []
    }
}
