import Terminal
import Training

extension Prompt.Subject {
    /// A weight, by its numbers.
    static var cell: Prompt.Subject {
        Prompt.Subject(
            name: "cell", prompt: " go to out in: ",
            note: { _, _ in
                "output and input, counted from 0, as “178 373”; a layer's name before them goes to that layer"
            },
            accept: { text, state, scene in ([], HeatView.go(to: text, &state, scene)) })
    }
}

extension HeatView {
    static let commands: [Verb] = [
        verb(
            "cell-left", [.character("h"), .left], "cell to the left", hint: "cell",
            of: ["cell-left", "cell-down", "cell-up", "cell-right"]
        ) { move(&$0, $1, 0, -1) },
        verb("cell-down", [.character("j"), .down], "cell below; next layer where layers have the focus") {
            move(&$0, $1, 1, 0)
        },
        verb("cell-up", [.character("k"), .up], "cell above; layer before") { move(&$0, $1, -1, 0) },
        verb("cell-right", [.character("l"), .right], "cell to the right") { move(&$0, $1, 0, 1) },
        verb(
            "pan-left", [.character("H"), .shiftLeft], "pan left", hint: "pan",
            of: ["pan-left", "pan-down", "pan-up", "pan-right"]
        ) { pan(&$0, $1, 0, -1) },
        verb("pan-down", [.character("J"), .shiftDown], "pan down") { pan(&$0, $1, 1, 0) },
        verb("pan-up", [.character("K"), .shiftUp], "pan up") { pan(&$0, $1, -1, 0) },
        verb("pan-right", [.character("L"), .shiftRight], "pan right") { pan(&$0, $1, 0, 1) },
        verb(
            "zoom-in", [.character("+"), .character("="), .enter], "zoom in at the cursor", hint: "zoom",
            of: ["zoom-in", "zoom-out", "zoom-all"]
        ) {
            zoom(&$0, $1, 1)
        },
        verb("zoom-out", .of("-"), "zoom out") { zoom(&$0, $1, -1) },
        verb("zoom-all", .of("0"), "the whole layer; the scale anew") { state, _ in
            state.heat.zoom = 0
            state.heat.originRow = 0
            state.heat.originColumn = 0
            state.heat.scales = [:]
            for map in state.answers.maps { state.heat.hold(map.answer) }
        },
        verb("value", .of("m"), "kept, |w|, signed w, gradient, draft, last change, age", hint: "mode") { state, _ in
            let all = HeatState.quantities(state.draft != nil)
            let at = all.firstIndex(of: state.heat.quantity) ?? -1
            state.heat.quantity = all[(at + 1) % all.count]
        },
        Verb(
            "fold", .of("f"),
            "inputs as a picture, kernels as tiles, or the matrix; folds groups where layers have the focus",
            hint: "fold", in: .heat,
            when: { $0.state.focusedPane == 1 ? $0.hasGroups : $0.layer?.fold != nil || $0.layer?.hasKernels == true }
        ) {
            state, scene in
            if state.focusedPane == 1 {
                state.fold(scene)
            } else {
                state.heat.isFolded.toggle()
                state.heat.enter(scene.layer)
            }
            return []
        },
        verb(
            "goto", .of("/"), "go to a weight: output and input; list only some layers where those have the focus",
            hint: "goto"
        ) { state, _ in
            state.prompt = state.focusedPane == 1 ? .filter(state) : .line(.cell, LineEditor(), nil)
        }.taking("out in") { state, scene, words in ([], go(to: words, &state, scene)) },
        verb("next-layer", .of("]"), "next layer", hint: "layer", of: ["previous-layer", "next-layer"]) {
            $0.moveLayer(by: 1, $1)
        },
        verb("previous-layer", .of("["), "layer before") { $0.moveLayer(by: -1, $1) },
        verb("output-less", .of("<"), "output before") { state, scene in turn(&state, scene, -1) },
        verb("output-more", .of(">"), "next output") { state, scene in turn(&state, scene, 1) },
        verb("first", .of("g"), "first weight") { state, scene in jump(&state, scene, 0, 0) },
        verb("last", .of("G"), "last weight") { state, scene in
            jump(&state, scene, (scene.layer?.rows ?? 1) - 1, (scene.layer?.columns ?? 1) - 1)
        },
    ]

    private static func verb(
        _ name: String, _ keys: [Key], _ title: String, hint: String? = nil, of hintOf: [String] = [],
        _ run: @escaping @Sendable (inout WorkbenchState, Scene) -> Void
    ) -> Verb {
        Verb(name, keys, title, hint: hint, of: hintOf, in: .heat, when: { $0.hasNetwork }) { state, scene in
            run(&state, scene)
            return []
        }
    }

    /// By whole cells of the map, however many weights those hold.
    private static func move(_ state: inout WorkbenchState, _ scene: Scene, _ rows: Int, _ columns: Int) {
        guard let layer = scene.layer else { return }
        if state.focusedPane == 1 {
            state.moveRow(by: rows + columns, scene)
            return
        }
        let layout = HeatLayout(scene)
        let at = HeatLayout.cursor(state.heat, layer)
        if let tiles = layout.tiles {
            let place = tiles.moved(at, rows, columns)
            HeatLayout.place(
                max(0, min(layer.rows - 1, place.row)), max(0, min(layer.columns - 1, place.column)), &state.heat, layer
            )
            return follow(&state, scene)
        }
        HeatLayout.place(
            at.row + rows * layout.rows.perCell, max(0, at.column + columns * layout.columns.perCell), &state.heat,
            layer)
        follow(&state, scene)
    }

    /// Moves the view so that the cursor is in it.
    private static func follow(_ state: inout WorkbenchState, _ scene: Scene) {
        guard let layer = scene.layer else { return }
        let layout = HeatLayout(scene.with(state))
        let at = HeatLayout.cursor(state.heat, layer)
        state.heat.originRow = origin(layout.rows, at.row)
        state.heat.originColumn = origin(layout.columns, at.column)
        // Kernels are in view whole.
        if let area = layout.tiles?.area {
            let first = at.column / area * area
            state.heat.originColumn =
                at.column < layout.columns.range.lowerBound
                ? first
                : at.column >= layout.columns.range.upperBound
                    ? max(0, first + area - layout.columns.range.count) : layout.columns.range.lowerBound
        }
    }

    private static func origin(_ lens: Lens, _ at: Int) -> Int {
        if at < lens.range.lowerBound { return at }
        if at >= lens.range.upperBound { return max(0, at - lens.range.count + lens.perCell) }
        return lens.range.lowerBound
    }

    /// Half a view; the cursor stays where it is on the screen.
    private static func pan(_ state: inout WorkbenchState, _ scene: Scene, _ rows: Int, _ columns: Int) {
        guard let layer = scene.layer else { return }
        let layout = HeatLayout(scene)
        func shifted(_ lens: Lens, _ by: Int) -> Int {
            max(0, min(lens.total - lens.range.count, lens.range.lowerBound + by * max(1, lens.range.count / 2)))
        }
        let before = (layout.rows.range.lowerBound, layout.columns.range.lowerBound)
        state.heat.originRow = shifted(layout.rows, rows)
        state.heat.originColumn = shifted(layout.columns, columns)
        let at = HeatLayout.cursor(state.heat, layer)
        HeatLayout.place(
            at.row + state.heat.originRow - before.0, at.column + state.heat.originColumn - before.1, &state.heat, layer
        )
    }

    static func zoom(_ state: inout WorkbenchState, _ scene: Scene, _ by: Int) {
        guard let layer = scene.layer else { return }
        let before = HeatLayout(scene)
        // One weight a cell is the end.
        if by > 0, before.tiles == nil, before.rows.perCell == 1, before.columns.perCell == 1 { return }
        state.heat.zoom = max(0, min(HeatState.most, state.heat.zoom + by))
        let after = HeatLayout(scene.with(state))
        let at = HeatLayout.cursor(state.heat, layer)
        state.heat.originRow = max(0, at.row - after.rows.range.count / 2)
        state.heat.originColumn = max(0, at.column - after.columns.range.count / 2)
    }

    private static func turn(_ state: inout WorkbenchState, _ scene: Scene, _ by: Int) {
        state.heat.row += by
        state.heat.clamp(to: scene.layer)
        if let layer = scene.layer, state.heat.folds(layer) == nil { follow(&state, scene) }
    }

    private static func jump(_ state: inout WorkbenchState, _ scene: Scene, _ row: Int, _ column: Int) {
        state.heat.row = row
        state.heat.column = column
        state.heat.clamp(to: scene.layer)
        follow(&state, scene)
    }

    /// "178 373", or with a layer before: "fc2 12 7". Returns what is wrong with it.
    static func go(to text: String, _ state: inout WorkbenchState, _ scene: Scene) -> String? {
        var words = text.split(separator: " ").map(String.init)
        var target = scene.layer
        if let first = words.first, TypedNumber.whole(first) == nil {
            guard let layer = scene.snapshot.layers.first(where: { $0.name == first }) else {
                if let problem = TypedNumber.commaProblem(first) { return problem }
                return "no layer “\(first)”"
            }
            target = layer
            words.removeFirst()
        }
        guard let layer = target else { return "no layer" }
        guard words.isEmpty || words.count == 2 else { return "output and input, as “178 373”" }
        let numbers = words.compactMap { TypedNumber.whole($0) }
        guard numbers.count == words.count else {
            return TypedNumber.commaProblem(text) ?? "output and input are whole numbers"
        }
        if numbers.count == 2 {
            guard (0..<layer.rows).contains(numbers[0]) else { return "outputs are 0 to \(layer.rows - 1)" }
            guard (0..<layer.columns).contains(numbers[1]) else { return "inputs are 0 to \(layer.columns - 1)" }
        }
        state.select(layer.name, scene)
        if numbers.count == 2 {
            jump(&state, scene.with(state), numbers[0], numbers[1])
        }
        return nil
    }
}
