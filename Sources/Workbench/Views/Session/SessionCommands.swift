import Terminal
import Training

extension SessionView {
    static let commands: [Verb] = [
        verb(
            "row-down", [.character("j"), .down], "next layer, or event where events have the focus", hint: "layer",
            of: ["row-down", "row-up"]
        ) {
            state, scene in step(&state, scene, 1)
        },
        verb("row-up", [.character("k"), .up], "layer or event before") { state, scene in step(&state, scene, -1) },
        verb("threshold-of", [.enter], "open the threshold of the layer", hint: "threshold") { state, _ in
            state.view = .threshold
        },
        verb("cursor-left", [.character("h"), .left], "chart cursor to the left") { state, scene in
            state.session.moveCursor(by: -1, scene.snapshot.curve)
        },
        verb("cursor-right", [.character("l"), .right], "chart cursor to the right") { state, scene in
            state.session.moveCursor(by: 1, scene.snapshot.curve)
        },
        verb("pan-left", [.character("H"), .shiftLeft], "earlier in the chart") { state, scene in
            state.session.pan(by: -0.25, scene.snapshot.curve)
        },
        verb("pan-right", [.character("L"), .shiftRight], "later in the chart") { state, scene in
            state.session.pan(by: 0.25, scene.snapshot.curve)
        },
        verb("page-down", [.pageDown, .shiftDown], "a page of layers down") { state, scene in
            state.moveRow(by: LayersPane.lines(SessionLayout(scene).layers), scene)
        },
        verb("page-up", [.pageUp, .shiftUp], "a page of layers up") { state, scene in
            state.moveRow(by: -LayersPane.lines(SessionLayout(scene).layers), scene)
        },
        verb("next-layer", .of("]"), "next layer") { state, scene in state.moveLayer(by: 1, scene) },
        verb("previous-layer", .of("["), "layer before") { state, scene in state.moveLayer(by: -1, scene) },
        verb("chart", .of("m"), "figure, loss or speed", hint: "chart") { state, _ in
            let all = Curve.allCases
            state.session.curve = all[(all.firstIndex(of: state.session.curve)! + 1) % all.count]
        },
        verb("zoom-in", .of("+="), "a shorter span of the chart", hint: "zoom", of: ["zoom-in", "zoom-out"]) {
            state, scene in
            state.session.zoom(by: 1, scene.snapshot.curve)
        },
        verb("zoom-out", .of("-"), "a longer span") { state, scene in
            state.session.zoom(by: -1, scene.snapshot.curve)
        },
        verb("zoom-all", .of("0"), "the whole curve, following training") { state, _ in
            state.session.zoom = 0
            state.session.end = nil
        },
        verb("axis", .of("x"), "steps or time") { state, _ in
            state.session.byTime.toggle()
            state.session.end = nil
        },
        verb("first", .of("g"), "first step; first layer or event where those have the focus") { state, scene in
            ends(&state, scene, first: true)
        },
        verb("last", .of("G"), "now; last layer or event where those have the focus") { state, scene in
            ends(&state, scene, first: false)
        },
    ]

    private static func verb(
        _ name: String, _ keys: [Key], _ title: String, hint: String? = nil, of hintOf: [String] = [],
        _ run: @escaping @Sendable (inout WorkbenchState, Scene) -> Void
    ) -> Verb {
        Verb(name, keys, title, hint: hint, of: hintOf, in: .session, when: { $0.hasNetwork }) { state, scene in
            run(&state, scene)
            return []
        }
    }

    private static func step(_ state: inout WorkbenchState, _ scene: Scene, _ distance: Int) {
        if state.focusedPane == 2 {
            let most = max(0, scene.snapshot.messages.count - 1)
            state.scroll[.session] = max(0, min(most, (state.scroll[.session] ?? 0) + distance))
        } else {
            state.moveRow(by: distance, scene)
        }
    }

    private static func ends(_ state: inout WorkbenchState, _ scene: Scene, first: Bool) {
        switch state.focusedPane {
        case 0:
            state.session.cursor = first ? scene.snapshot.curve.first?.step : nil
            state.session.end = first ? -Double.greatestFiniteMagnitude : nil
        case 1: state.moveRow(by: first ? -100_000 : 100_000, scene)
        default: state.scroll[.session] = first ? max(0, scene.snapshot.messages.count - 1) : 0
        }
    }
}
