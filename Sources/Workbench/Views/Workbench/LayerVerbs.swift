import Terminal
import Training

extension Verb {
    /// What can be done with the list of layers in every view.
    static let ofLayers: [Verb] = [
        Verb("unfilter", [.escape], "list all layers again", hint: "all layers", when: { !$0.state.filter.isEmpty }) {
            state, _ in
            state.filter = ""
            return []
        }.first,
        Verb(
            "find", .of("/"), "list only layers with these letters, or like *.query", hint: "filter", when: \.hasNetwork
        ) {
            state, _ in
            state.prompt = .filter(state)
            return []
        }.hinted { $0.snapshot.layers.count > 12 }.taking("letters") { state, scene, words in
            ([], state.find(words, scene))
        },
        Verb("next", .of("n"), "next layer found", when: { $0.found.count > 1 }) { state, scene in
            state.moveLayer(by: 1, scene)
            return []
        },
        Verb("previous", .of("N"), "layer found before", when: { $0.found.count > 1 }) { state, scene in
            state.moveLayer(by: -1, scene)
            return []
        },
        Verb(
            "fold-group", .of("f"), "fold the layers whose names begin like this one's, or unfold them", hint: "fold",
            when: { $0.hasGroups && $0.showsLayers }
        ) { state, scene in
            state.fold(scene)
            return []
        },
        Verb(
            "fold-more", .of("{"), "fold every group of the list, the smallest first",
            when: { $0.hasGroups && $0.showsLayers }
        ) { state, scene in
            state.folded = scene.names.foldedFurther(state.folded, scene.rows, admitted: scene.found)
            return []
        },
        Verb(
            "fold-less", .of("}"), "unfold the largest groups of the list",
            when: { $0.hasGroups && $0.showsLayers }
        ) { state, scene in
            state.folded = scene.names.unfoldedFurther(state.folded, scene.rows)
            return []
        },
    ]
}

extension Scene {
    /// The open view lists layers at this size.
    var showsLayers: Bool {
        state.view.view.showsLayers(self)
    }
}

extension Prompt {
    /// The filter, with the letters that are in it.
    static func filter(_ state: WorkbenchState) -> Prompt { .line(.find, LineEditor(state.filter), nil) }
}

extension WorkbenchState {
    /// Lists only these layers. Returns what is wrong with the letters.
    mutating func find(_ text: String, _ scene: Scene) -> String? {
        filter = text
        let scene = scene.with(self)
        guard let first = scene.found.first else {
            filter = ""
            return LayerFilter(text).isForm ? "no layer's name is of this form" : "no layer has these letters"
        }
        if scene.selected.map(scene.found.contains) != true { select(scene.snapshot.layers[first].name, scene) }
        return nil
    }
}
