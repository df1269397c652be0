import Terminal
import Training

/// All that a picture is made of: what a view draws from, and what a key is judged by.
package struct Scene: Sendable {
    package let state: WorkbenchState
    package let snapshot: Snapshot
    package let size: Size
    /// Half-blocks and palettes need colour; without it shades stand for values.
    package let hasColour: Bool
    package var options: WorkbenchOptions

    let names: LayerNames
    /// Layers that pass the filter.
    let found: [Int]
    /// The list as it is shown: those layers, or groups of them that are folded.
    let rows: [LayerRow]
    /// The selected layer, shared by all views: the first where none was chosen yet.
    let selected: Int?

    package init(
        _ state: WorkbenchState, _ snapshot: Snapshot, _ size: Size, hasColour: Bool = false,
        options: WorkbenchOptions = WorkbenchOptions()
    ) {
        self.state = state
        let snapshot = state.frozen ?? snapshot
        self.snapshot = snapshot
        self.size = size
        self.hasColour = hasColour
        self.options = options
        names = state.names.isOf(snapshot.layers) ? state.names : LayerNames(snapshot.layers)
        found = names.admitted(by: state.filter)
        rows = names.rows(of: found, folded: state.folded)
        let layers = snapshot.layers
        selected = layers.isEmpty ? nil : layers.firstIndex { $0.name == state.layer } ?? 0
    }

    /// Between header and footer.
    var body: Rect { Rect(x: 0, y: 1, width: size.width, height: size.height - 2) }

    var layer: LayerStatus? { selected.map { snapshot.layers[$0] } }

    /// The row that the selected layer is in; nil where the filter leaves it out.
    var selectedRow: Int? { selected.flatMap { layer in rows.firstIndex { $0.holds(layer) } } }

    var isStill: Bool {
        switch snapshot.phase {
        case .training, .retraining, .preparing: state.frozen != nil
        default: true
        }
    }

    /// The same moment, after a key changed the state.
    func with(_ state: WorkbenchState) -> Scene {
        Scene(state, snapshot, size, hasColour: hasColour, options: options)
    }

    var commands: CommandTable { options.commands }

    /// How a sentence calls a command: by its key in the open view, or in another.
    func key(_ name: String, in view: ViewID? = nil) -> String { commands.key(name, in: view ?? state.view) }

    /// A figure measured on weights that have moved on since.
    func isOld(_ step: Int) -> Bool { step != snapshot.step }

    /// The machine may have been freer when the dense network was timed.
    var isDenseSpeedOld: Bool { snapshot.denseSpeedAgeSeconds ?? 0 > 30 }
}
