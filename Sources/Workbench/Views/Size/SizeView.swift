import Terminal
import Training

/// What the network costs on a small device: `:size` in any view.
enum SizeView: View {
    typealias State = SizeState
    typealias Layout = SizeLayout

    static let hasTab = false

    static func draw(_ scene: Scene, into grid: inout CellGrid) {
        let state = scene.state.sizes
        SizePane.draw(
            scene, scene.body, firstColumn: state.column, focused: true, footer: "values: \(state.values)", into: &grid)
    }

    static func wants(_ scene: Scene) -> [Query] {
        let state = scene.state.sizes
        return SizePane.wants(scene, values: state.values, measuresEnergy: state.measuresEnergy)
    }

    static func mouse(_ event: MouseEvent, _ state: inout WorkbenchState, _ scene: Scene) -> [Effect] {
        switch event.kind {
        case .wheelUp: state.moveRow(by: -1, scene)
        case .wheelDown: state.moveRow(by: 1, scene)
        case .press: if let row = SizePane.row(at: event.y, scene, scene.body) { state.select(row, scene) }
        case .drag, .release: break
        }
        return []
    }

    static func selected(_ scene: Scene) -> String {
        guard let selected = scene.selected, let layer = scene.layer, let table = SizeTable(scene, scene.size.width)
        else { return scene.layerLine }
        let figures = table.figures(.layer(selected)), size = table.size
        var words = "\(layer.name): \(Format.count(figures.best)) bytes as \(size.encodings[figures.smallest ?? 0])"
        words += ", \(Format.count(figures.kept)) of \(Format.count(figures.dense)) multiply-adds"
        if let seconds = figures.seconds { words += ", \(Format.time(seconds)) of one image" }
        return words + ", step \(Format.count(size.step))"
    }

    /// To where it was opened.
    static func back(_ state: inout WorkbenchState) -> Bool {
        state.view = state.sizes.from
        // What takes ten seconds is asked for each time.
        state.sizes.measuresEnergy = false
        return true
    }
}

/// One pane.
struct SizeLayout: ViewLayout {
    let showsLayers = true
    let paneCount = 1
    /// Rows of layers.
    let lines: Int
    /// The first column from which on all others are seen.
    let lastColumn: Int

    init(_ scene: Scene) {
        lines = SizePane.lines(scene, scene.body)
        lastColumn = SizeTable(scene, scene.body.inner.width)?.last ?? 0
    }
}
