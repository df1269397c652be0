import Terminal
import Training

/// How training goes: curves, layers, figures, and what to do next.
enum SessionView: View {
    typealias State = SessionState
    typealias Layout = SessionLayout

    static func draw(_ scene: Scene, into grid: inout CellGrid) {
        let layout = SessionLayout(scene)
        let focus = scene.state.focusedPane
        let curves = SessionLayout.curves(scene.state.session.curve, count: layout.charts.count)
        for (rect, curve) in zip(layout.charts, curves) {
            chart(curve, scene, rect, isFirst: rect == layout.charts[0], focused: focus == 0, into: &grid)
        }
        LayersPane.draw(scene, layout.layers, focused: focus == 1, into: &grid)
        if let map = layout.map { SmallMap.draw(scene, map, into: &grid) }
        if let history = layout.history { HistoryPane.draw(scene, history, offset: 0, focused: false, into: &grid) }
        if let events = layout.events { EventsPane.draw(scene, events, focused: focus == 2, into: &grid) }
        if let sizes = layout.sizes { SizePane.draw(scene, sizes, firstColumn: 0, focused: false, into: &grid) }
        SessionFacts.draw(scene, layout.facts, into: &grid)
    }

    @discardableResult
    private static func chart(
        _ curve: Curve?, _ scene: Scene, _ rect: Rect, isFirst: Bool, focused: Bool, into grid: inout CellGrid
    ) -> Plot? {
        guard let curve else { return CurvePane.drawZeros(scene, rect, focused: focused, into: &grid) }
        return CurvePane.draw(curve, scene, rect, isFirst: isFirst, focused: focused, into: &grid)
    }

    static func wants(_ scene: Scene) -> [Query] {
        let layout = SessionLayout(scene)
        var wants = layout.map.flatMap { SmallMap.query(scene, $0) }.map { [Query.map($0)] } ?? []
        if layout.sizes != nil { wants += SizePane.wants(scene, values: "float32") }
        return wants
    }

    static func mouse(_ event: MouseEvent, _ state: inout WorkbenchState, _ scene: Scene) -> [Effect] {
        let layout = SessionLayout(scene)
        let inChart = layout.charts.contains { $0.contains(event.x, event.y) }
        let curve = scene.snapshot.curve
        switch event.kind {
        case .wheelUp where inChart: state.session.zoom(by: 1, curve)
        case .wheelDown where inChart: state.session.zoom(by: -1, curve)
        case .wheelUp: state.moveRow(by: -1, scene)
        case .wheelDown: state.moveRow(by: 1, scene)
        case .press, .drag:
            if let index = layout.charts.firstIndex(where: { $0.contains(event.x, event.y) }) {
                state.focus[.session] = 0
                readAt(event.x, index, layout, &state, scene)
            } else if layout.layers.contains(event.x, event.y) {
                state.focus[.session] = 1
                guard event.kind == .press else { break }
                if let row = LayersPane.row(at: event.y, scene, layout.layers) { state.select(row, scene) }
            } else if let sizes = layout.sizes, sizes.contains(event.x, event.y) {
                guard event.kind == .press else { break }
                if let row = SizePane.row(at: event.y, scene, sizes) { state.select(row, scene) }
            } else if let events = layout.events, events.contains(event.x, event.y) {
                state.focus[.session] = 2
            }
        case .release: break
        }
        return []
    }

    /// The chart cursor under a click.
    private static func readAt(
        _ column: Int, _ index: Int, _ layout: SessionLayout, _ state: inout WorkbenchState, _ scene: Scene
    ) {
        // Where the curves are depends on labels and names: only drawing tells.
        var grid = CellGrid(width: scene.size.width, height: scene.size.height)
        let curve = SessionLayout.curves(state.session.curve, count: layout.charts.count)[index]
        let plot = chart(curve, scene, layout.charts[index], isFirst: index == 0, focused: false, into: &grid)
        guard let x = plot?.x(atColumn: column) else { return }
        let session = state.session
        let nearest = scene.snapshot.curve.min { abs(session.x($0) - x) < abs(session.x($1) - x) }
        state.session.cursor = nearest?.step
    }
}

extension SessionView {
    static func back(_ state: inout WorkbenchState) -> Bool {
        guard state.session.cursor != nil else { return false }
        state.session.cursor = nil
        return true
    }
}
