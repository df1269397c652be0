import Terminal
import Training

extension Verb {
    /// What can be done in every view.
    static let everyView: [Verb] =
        ofLayers + running + ofParts + [ThresholdRemoval.shrink, SizeView.opening] + moving + asking

    private static let running: [Verb] = [
        Verb("pause", .of("p"), "pause after this step", hint: "pause", during: .running) { _, _ in
            [.send(.pause)]
        },
        Verb("resume", .of("pT"), "train on after the pause", hint: "train on", during: .paused) { _, _ in
            [.send(.trainOn(steps: nil))]
        },
        Verb("train", .of("T"), "out of steps: one epoch more", hint: "train on", during: .outOfSteps) { _, _ in
            [.send(.trainOn(steps: nil))]
        }.taking("steps") { _, _, words in
            guard let steps = TypedNumber.whole(words), steps > 0 else {
                return ([], TypedNumber.commaProblem(words) ?? "steps are a whole number, 1 or more")
            }
            return ([.send(.trainOn(steps: steps))], nil)
        },
        Verb(
            "undo", .of("u"), "undo: the draft's last move, then the last event", hint: "undo",
            when: { $0.isOpen && ($0.snapshot.undoDepth > 0 || $0.state.drafts.canUndo) }
        ) { state, scene in
            if state.drafts.canUndo {
                state.drafts.undo()
                state.notice = Notice("the draft is as it was; \(scene.key("redo")) brings it back")
                return []
            }
            return undo(&state, scene)
        },
        Verb("redo", [.control("r")], "redo what was undone", when: { $0.isOpen }) { state, scene in
            if state.drafts.canRedo {
                state.drafts.redo()
                return []
            }
            guard scene.snapshot.redoDepth > 0 else {
                state.notice = Notice("nothing to redo")
                return []
            }
            return [.send(.redo)]
        },
        Verb("keep", .of("K"), "write the network as safetensors", hint: "keep", when: { $0.hasNetwork }) {
            state, _ in
            state.notice = Notice("keeping the network…")
            return [.send(.keep(path: nil))]
        }.taking("path") { state, _, words in
            state.notice = Notice("keeping the network…")
            return ([.send(.keep(path: words))], nil)
        },
        Verb("finish", .of("F"), "measure the test set once, seal the run", hint: "finish", when: { $0.isOpen }) {
            state, _ in
            state.prompt = .confirm("Finish? The test set is looked at once and the run is sealed.", [.send(.finish)])
            return []
        },
        Verb("checkpoint", [], "write a checkpoint now", when: { $0.hasNetwork }) { _, _ in [.send(.checkpoint)] },
        Verb("floor", [], "set what the figure must keep; 0 clears it", when: { $0.hasNetwork }) {
            state, _ in
            state.notice = Notice("say how high: :floor 90; :floor 0 clears it")
            return []
        }.taking("per cent") { _, scene, words in
            let text = words.hasSuffix("%") ? String(words.dropLast()).trimmingBlanks : words
            let figure = scene.figure
            guard let floor = TypedNumber.decimal(text), figure.floors.contains(floor) else {
                let accepted = figure.isAccuracy ? "0 to 100" : figure.acceptedFloors
                return ([], TypedNumber.commaProblem(words) ?? "a \(figure.floorWord) is \(accepted)")
            }
            return ([.send(.setFloor(floor == 0 ? nil : floor))], nil)
        },
        Verb("recover", [], "what makes up for each large cut from here on", when: { $0.hasNetwork }) { state, _ in
            state.notice = Notice(
                "say what: :recover \(recoveries.joined(separator: " ")); :recover none; :recover recipe")
            return []
        }.taking("names") { _, _, words in
            let names = words.split { $0 == " " || $0 == "," }.map(String.init)
            if names == ["recipe"] { return ([.send(.choose(part: Recipe.recover.key, value: ""))], nil) }
            if names == ["none"] { return ([.send(.choose(part: Recipe.recover.key, value: "[]"))], nil) }
            if let wrong = names.first(where: { !recoveries.contains($0) }) {
                return ([], "no “\(wrong)”: \(recoveries.joined(separator: " ")), none, recipe")
            }
            return ([.send(.choose(part: Recipe.recover.key, value: "[\(names.joined(separator: ", "))]"))], nil)
        },
    ]

    private static let recoveries = Recipe.recover.options.map(\.name)

    private static func undo(_ state: inout WorkbenchState, _ scene: Scene) -> [Effect] {
        let snapshot = scene.snapshot
        guard snapshot.undoDepth > 0 else {
            state.notice = Notice("nothing to undo")
            return []
        }
        let cut = snapshot.history.last { $0.kind == .cut && $0.isCurrent }
        let event = cut.map { "#\($0.event) \($0.label)" } ?? "the last event"
        let steps = snapshot.stepsLostByUndo
        let back = "\(Format.count(steps)) steps go back, \(scene.key("redo")) brings them again."
        let loss = steps > 0 ? back : "No step is lost."
        state.prompt = .confirm("Undo \(event)? \(loss)", [.send(.undo)])
        return []
    }

    private static let moving: [Verb] =
        ViewID.tabs.map { view in
            let verb = Verb(view.rawValue, .of("\(view.number)"), "open \(view.title)") { state, _ in
                state.view = view
                return []
            }
            // Typed behind its name, another schedule is followed from the next step on.
            return view == .schedule ? verb.form(PartForm("schedule")) : verb
        } + [
            Verb("next-pane", [.tab], "next pane", when: { $0.state.view.view.panes($0) > 1 }) { state, scene in
                state.focus[state.view] = (state.focusedPane + 1) % state.view.view.panes(scene)
                return []
            },
            Verb("previous-pane", [.backTab], "pane before", when: { $0.state.view.view.panes($0) > 1 }) {
                state, scene in
                let count = state.view.view.panes(scene)
                state.focus[state.view] = (state.focusedPane + count - 1) % count
                return []
            },
            Verb(
                "back", [.escape], "back: cursor, pane, Session; the draft stays", when: { $0.state.filter.isEmpty }
            ) { state, _ in
                if state.view.view.back(&state) { return [] }
                if state.focusedPane != 0 {
                    state.focus[state.view] = 0
                } else {
                    state.view = Views.home
                }
                return []
            },
        ]

    private static let asking: [Verb] = [
        Verb(
            "copy", .of("y"), "copy what is selected: by OSC 52, under tmux to its buffer", when: { $0.hasNetwork }
        ) { state, scene in
            let text = state.view.view.selected(scene)
            guard scene.options.canCopy else {
                state.notice = Notice(text, .failed("the terminal takes no copies"))
                return []
            }
            return [.copy(text)]
        },
        Verb("freeze", .of("z"), "freeze the picture; training goes on", hint: "freeze", when: { $0.hasNetwork }) {
            state, scene in
            state.frozen = state.frozen == nil ? scene.snapshot : nil
            return []
        },
        Verb("colours", .of("c"), "maps in cividis, viridis, grey", when: { $0.hasColour }) { _, _ in [.nextPalette] },
        Verb("redraw", [.control("l")], "draw every cell again") { _, _ in [.redraw] },
        Verb("suspend", [.control("z")], "to the shell; fg comes back") { _, _ in [.suspend] },
        Verb("commands", .of(":"), "type a command; Tab completes") { state, _ in
            state.prompt = .line(.command, LineEditor(), nil)
            return []
        },
        Verb("quit", .of("q"), "leave; a checkpoint is written") { state, scene in
            // Nothing was done that could be lost.
            if scene.snapshot.phase == .preparing, !scene.hasNetwork { return [.quit] }
            let isSealed = scene.snapshot.phase == .finished
            state.prompt = .confirm(
                isSealed
                    ? "Leave? The run is finished and sealed."
                    : "Leave? A checkpoint is written and the run can go on later.",
                [.quit])
            return []
        },
        Verb("help", .of("?"), "all keys") { state, _ in
            state.help = HelpState()
            return []
        },
    ]
}

extension Scene {
    var isRunning: Bool {
        switch snapshot.phase {
        case .training, .retraining: true
        default: false
        }
    }
    /// There are weights to look at.
    var hasNetwork: Bool { !snapshot.layers.isEmpty }
    /// Commands still change the network: not before the first step, nor after the seal.
    var isOpen: Bool {
        switch snapshot.phase {
        case .preparing, .finished, .failed: false
        default: true
        }
    }
}
