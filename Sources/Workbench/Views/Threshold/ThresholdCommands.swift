import Sparsity
import Terminal
import Training

extension Prompt.Subject {
    /// Where the line is to stand.
    static var target: Prompt.Subject {
        Prompt.Subject(
            name: "target", prompt: " zeros: ",
            note: { _, _ in
                "\(Target.forms)   (zeros, threshold, compression, weights kept, deviations)   Esc leaves it"
            },
            accept: { text, state, scene in ([], ThresholdView.type(text, &state, scene)) })
    }
}

extension ThresholdView {
    static let commands: [Verb] = lines + drafts + looking + ranking + ThresholdRemoval.commands

    private static let lines: [Verb] = [
        verb(
            "line-left", [.left, .character("h")], "fewer zeros: 0, 10 … 90, 92, 94, 95 … %", hint: "line",
            of: ["line-left", "line-right"]
        ) {
            move(&$0, $1) { LineSteps.next(from: $0, up: false) }
        },
        verb("line-right", [.right, .character("l")], "more zeros") {
            move(&$0, $1) { LineSteps.next(from: $0, up: true) }
        },
        verb(
            "fine-left", [.character("H"), .shiftLeft], "0.1 % fewer, above 99 % 0.01", hint: "fine",
            of: ["fine-left", "fine-right"]
        ) {
            move(&$0, $1) { LineSteps.fine(from: $0, up: false) }
        },
        verb("fine-right", [.character("L"), .shiftRight], "0.1 % more, above 99 % 0.01") {
            move(&$0, $1) { LineSteps.fine(from: $0, up: true) }
        },
        verb("column-left", .of("<"), "the line one column left") { column(&$0, $1, -1) },
        verb("column-right", .of(">"), "the line one column right") { column(&$0, $1, 1) },
        verb("target", [.character("e"), .enter], "type a target: \(Target.forms)", hint: "type") { state, _ in
            state.prompt = .line(.target, LineEditor(), nil)
        }.taking("90%") { state, scene, words in ([], type(words, &state, scene)) },
        verb("lock", .of(" "), "the layer stays as it is in drafts, or not") { state, scene in
            guard let name = scene.layer?.name else { return }
            if let at = state.threshold.locked.firstIndex(of: name) {
                state.threshold.locked.remove(at: at)
            } else {
                state.threshold.locked.append(name)
            }
            renew(&state, scene)
            let isLocked = state.threshold.locked.contains(name)
            state.notice = Notice(
                isLocked ? "\(name) is locked: drafts leave it as it is" : "\(name) is not locked any more")
        },
        verb("budget", .of("B"), "the total stays: other layers give way to this one's line, or not") { state, scene in
            state.threshold.keepsTotal.toggle()
            renew(&state, scene)
            state.notice = Notice(
                state.threshold.keepsTotal
                    ? "the total stays where one layer's line moves: layers that are not locked give way"
                    : "the total goes with the line")
        },
        verb("scope", .of("s"), "all layers or this one", hint: "scope") { state, scene in
            let isGlobal = state.drafts.scope == .global
            state.drafts.choose(isGlobal ? scene.layer.map { .layer($0.name) } ?? .global : .global)
        },
    ]

    private static let drafts: [Verb] = [
        draftVerb("try", .of("t"), "train a copy some steps, measure it, throw it away", hint: "try") {
            state, scene, draft in
            state.answers.trying = draft
            return [.ask(.attempt(draft, steps: scene.options.attemptSteps))]
        },
        draftVerb("apply", .of("a"), "cut at the next step boundary", hint: "apply") { state, scene, draft in
            state.drafts.applied()
            state.notice = Notice("cut at the next step boundary; \(scene.key("undo")) takes it back")
            return [.send(.cut(draft)), .cancel(.measure)]
        },
        draftVerb("retrain", .of("A"), "cut, retrain, pause and report", hint: "+retrain") { state, scene, draft in
            state.drafts.applied()
            state.notice = Notice("cut at the next step boundary, then retraining; \(scene.key("undo")) takes it back")
            return [.send(.cutAndRetrain(draft)), .cancel(.measure)]
        },
        draftVerb("drop", .of("r"), "drop the draft", hint: "drop") { state, _, _ in
            state.drafts.set(nil)
            state.answers.trying = nil
            return [.cancel(.measure), .cancel(.attempt)]
        },
    ]

    private static let looking: [Verb] = [
        verb("layer-down", [.character("j"), .down], "next layer; history where it has the focus") {
            step(&$0, $1, 1)
        },
        verb("layer-up", [.character("k"), .up], "layer before") { step(&$0, $1, -1) },
        verb("page-down", [.pageDown], "a page of layers down") { page(&$0, $1, 1) },
        verb("page-up", [.pageUp], "a page of layers up") { page(&$0, $1, -1) },
        verb("next-layer", .of("]"), "next layer") { $0.moveLayer(by: 1, $1) },
        verb("previous-layer", .of("["), "layer before") { $0.moveLayer(by: -1, $1) },
        verb("histogram", .of("m"), "weights of the layer, or of all layers") { state, _ in
            state.threshold.ofAll.toggle()
        },
        verb("log", .of("x"), "|w| linear or logarithmic") { state, _ in state.threshold.logarithmic.toggle() },
        verb("zoom-in", .of("+="), "small weights larger") { state, _ in
            state.threshold.zoom = min(ThresholdState.most, state.threshold.zoom + 1)
        },
        verb("zoom-out", .of("-"), "the axis longer") { state, _ in
            state.threshold.zoom = max(0, state.threshold.zoom - 1)
        },
        verb("zoom-all", .of("0"), "the whole axis") { state, _ in state.threshold.zoom = 0 },
        verb("first", .of("g"), "first layer; newest of the history") { jump(&$0, $1, -100_000) },
        verb("last", .of("G"), "last layer; oldest of the history") { jump(&$0, $1, 100_000) },
    ]

    private static func verb(
        _ name: String, _ keys: [Key], _ title: String, hint: String? = nil, of hintOf: [String] = [],
        _ run: @escaping @Sendable (inout WorkbenchState, Scene) -> Void
    ) -> Verb {
        Verb(name, keys, title, hint: hint, of: hintOf, in: .threshold, when: { $0.hasNetwork }) { state, scene in
            run(&state, scene)
            return []
        }
    }

    /// What needs a draft, and a network that may still be changed.
    private static func draftVerb(
        _ name: String, _ keys: [Key], _ title: String, hint: String,
        _ run: @escaping @Sendable (inout WorkbenchState, Scene, Draft) -> [Effect]
    ) -> Verb {
        Verb(name, keys, title, hint: hint, in: .threshold, when: { $0.state.draft != nil && $0.isOpen }) {
            state, scene in
            state.draft.map { run(&state, scene, $0) } ?? []
        }
    }

    private static func move(_ state: inout WorkbenchState, _ scene: Scene, _ next: (Double) -> Double) {
        // A threshold that is not counted yet: the line moves from where the network is cut.
        let scope = state.drafts.scope
        let total = scope.total(scene.snapshot)
        guard total > 0 else { return }
        let applied = 100 * (1 - Double(scope.kept(scene.snapshot)) / Double(total))
        let kept = LineSteps.kept(from: scene.linePercent ?? applied, of: total, next)
        // Back on the line that is applied there is nothing to draft.
        state.drafts.move(
            to: kept == scope.kept(scene.snapshot) ? nil : state.threshold.draft(scope, .kept(kept), scene.snapshot))
    }

    private static func column(_ state: inout WorkbenchState, _ scene: Scene, _ by: Int) {
        guard let answer = state.answers.histogram else { return }
        let at = (answer.draftThreshold ?? answer.appliedThreshold).flatMap { answer.column(of: $0) } ?? 0
        let column = by > 0 ? Int((at + 0.001).rounded(.down)) + 1 : Int((at - 0.001).rounded(.up)) - 1
        line(&state, scene, at: column, answer)
    }

    private static func line(_ state: inout WorkbenchState, _ scene: Scene, at column: Int, _ answer: HistogramAnswer) {
        let value = answer.value(atColumn: max(0, min(answer.bins - 1, column)))
        // Weights may be infinite, and so their axis; a draft is not.
        guard value.isFinite else { return }
        state.drafts.move(to: state.threshold.draft(state.drafts.scope, .threshold(value), scene.snapshot))
    }

    /// The draft with what is locked now.
    static func renew(_ state: inout WorkbenchState, _ scene: Scene) {
        guard let draft = state.draft else { return }
        state.drafts.set(state.threshold.draft(draft.scope, draft.anchor, scene.snapshot))
    }

    /// A typed target becomes the draft; returns what is wrong with it.
    static func type(_ text: String, _ state: inout WorkbenchState, _ scene: Scene) -> String? {
        let scope = state.drafts.scope
        let deviation = scene.summary?.deviation
        do {
            let anchor = try Target(text).anchor(total: scope.total(scene.snapshot), deviation: deviation)
            state.drafts.set(state.threshold.draft(scope, anchor, scene.snapshot))
            return nil
        } catch {
            return error.sentence
        }
    }

    private static func step(_ state: inout WorkbenchState, _ scene: Scene, _ by: Int) {
        if state.focusedPane == 1 {
            let most = max(0, HistoryPane.rows(scene).count - 1)
            state.scroll[.threshold] = max(0, min(most, (state.scroll[.threshold] ?? 0) + by))
        } else if ThresholdLayout(scene).layers == nil {
            // No row is seen: nothing that is folded is passed over.
            state.moveLayer(by: by, scene)
        } else {
            state.moveRow(by: by, scene)
        }
    }

    private static func page(_ state: inout WorkbenchState, _ scene: Scene, _ direction: Int) {
        step(&state, scene, direction * (ThresholdLayout(scene).layers.map(LinesPane.lines) ?? 5))
    }

    private static func jump(_ state: inout WorkbenchState, _ scene: Scene, _ by: Int) { step(&state, scene, by) }

    /// Dragging moves the line, the wheel zooms the axis, a click chooses a layer.
    static func mouse(_ event: MouseEvent, _ state: inout WorkbenchState, _ scene: Scene) -> [Effect] {
        let layout = ThresholdLayout(scene)
        if layout.histogram.contains(event.x, event.y) {
            switch event.kind {
            case .wheelUp: state.threshold.zoom = min(ThresholdState.most, state.threshold.zoom + 1)
            case .wheelDown: state.threshold.zoom = max(0, state.threshold.zoom - 1)
            case .press, .drag:
                state.focus[.threshold] = 0
                let plot = HistogramPane.plot(layout.histogram)
                guard plot.contains(event.x, event.y), let answer = state.answers.histogram else { return [] }
                line(&state, scene, at: event.x - plot.x, answer)
            case .release: break
            }
        } else if let layers = layout.layers, layers.contains(event.x, event.y) {
            switch event.kind {
            case .press:
                if let row = LinesPane.row(at: event.y, scene, layers) { state.select(row, scene) }
            case .wheelUp: state.moveRow(by: -1, scene)
            case .wheelDown: state.moveRow(by: 1, scene)
            default: break
            }
        } else if event.kind == .press, layout.history.contains(event.x, event.y) {
            state.focus[.threshold] = 1
        }
        return []
    }
}
