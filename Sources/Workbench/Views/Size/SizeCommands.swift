import Terminal
import Training

extension SizeView {
    static let commands: [Verb] = [
        verb("close", .of("q"), "close: back to where it was opened", hint: "close") { state, _ in _ = back(&state) },
        verb(
            "row-down", [.character("j"), .down], "next layer", hint: "layer", of: ["row-down", "row-up"]
        ) { $0.moveRow(by: 1, $1) },
        verb("row-up", [.character("k"), .up], "layer before") { $0.moveRow(by: -1, $1) },
        verb("page-down", [.pageDown, .shiftDown], "a page of layers down") {
            $0.moveRow(by: SizeLayout($1).lines, $1)
        },
        verb("page-up", [.pageUp, .shiftUp], "a page of layers up") { $0.moveRow(by: -SizeLayout($1).lines, $1) },
        verb("first", .of("g"), "first layer") { $0.moveRow(by: -100_000, $1) },
        verb("last", .of("G"), "last layer") { $0.moveRow(by: 100_000, $1) },
        verb("next-layer", .of("]"), "next layer, folded or not") { $0.moveLayer(by: 1, $1) },
        verb("previous-layer", .of("["), "layer before, folded or not") { $0.moveLayer(by: -1, $1) },
        verb(
            "column-right", [.character("l"), .right], "encodings to the right", hint: "columns",
            of: ["column-left", "column-right"]
        ) { state, scene in
            state.sizes.column = min(SizeLayout(scene).lastColumn, state.sizes.column + 1)
        },
        verb("column-left", [.character("h"), .left], "columns to the left") { state, scene in
            state.sizes.column = max(0, min(SizeLayout(scene).lastColumn, state.sizes.column) - 1)
        },
        verb("values", .of("v"), "what a value is kept as: float32, half, int8, codebook4", hint: "values") {
            state, _ in state.sizes.nextValues()
        },
        verb("energy", .of("e"), "measure the energy of one image: ten seconds", hint: "energy") { state, scene in
            guard !scene.isRunning else {
                state.notice = Notice("training would be counted too: \(scene.key("pause")) pauses it first", .warning)
                return
            }
            state.sizes.measuresEnergy = true
        },
    ]

    /// In every view.
    static let opening = Verb(
        "size", [], "bytes in every encoding, multiply-adds, time and energy of one image", when: { $0.hasNetwork }
    ) { state, _ in
        open(&state)
        return []
    }.taking("values") { state, _, words in
        guard SizeState.values.contains(words) else {
            return ([], "no “\(words)”: \(SizeState.values.joined(separator: " "))")
        }
        open(&state)
        state.sizes.values = words
        return ([], nil)
    }

    private static func open(_ state: inout WorkbenchState) {
        guard state.view != .size else { return }
        state.sizes.from = state.view
        state.view = .size
    }

    private static func verb(
        _ name: String, _ keys: [Key], _ title: String, hint: String? = nil, of hintOf: [String] = [],
        _ run: @escaping @Sendable (inout WorkbenchState, Scene) -> Void
    ) -> Verb {
        Verb(name, keys, title, hint: hint, of: hintOf, in: .size, when: { $0.hasNetwork }) { state, scene in
            run(&state, scene)
            return []
        }
    }
}
