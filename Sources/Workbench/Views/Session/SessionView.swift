import Terminal
import Training

/// How training goes: curves, layers, figures, and what to do next.
enum SessionView {
    static func draw(_ scene: Scene, into grid: inout CellGrid) {
        let layout = SessionLayout(scene)
        let focus = scene.state.focusedPane
        let curves = SessionLayout.curves(scene.state.session.curve, count: layout.charts.count)
        for (rect, curve) in zip(layout.charts, curves) {
            if let curve {
                CurvePane.draw(curve, scene, rect, isFirst: rect == layout.charts[0], focused: focus == 0, into: &grid)
            } else {
                CurvePane.drawZeros(scene, rect, focused: focus == 0, into: &grid)
            }
        }
        LayersPane.draw(scene, layout.layers, focused: focus == 1, into: &grid)
        if let map = layout.map { SmallMap.draw(scene, map, into: &grid) }
        if let history = layout.history { HistoryPane.draw(scene, history, offset: 0, focused: false, into: &grid) }
        if let events = layout.events { EventsPane.draw(scene, events, focused: focus == 2, into: &grid) }
        SessionFacts.draw(scene, layout.facts, into: &grid)
    }

    static func wants(_ scene: Scene) -> [Query] {
        guard let map = SessionLayout(scene).map else { return [] }
        return SmallMap.query(scene, map).map { [.map($0)] } ?? []
    }

    static func mouse(_ event: MouseEvent, _ state: inout WorkbenchState, _ scene: Scene) -> [Effect] {
        let layout = SessionLayout(scene)
        let inChart = layout.charts.contains { $0.contains(event.x, event.y) }
        let curve = scene.snapshot.curve
        switch event.kind {
        case .wheelUp where inChart: state.session.zoom(by: 1, curve)
        case .wheelDown where inChart: state.session.zoom(by: -1, curve)
        case .wheelUp: state.moveLayer(by: -1, scene)
        case .wheelDown: state.moveLayer(by: 1, scene)
        case .press, .drag:
            if let rect = layout.charts.first(where: { $0.contains(event.x, event.y) }) {
                state.focus[.session] = 0
                readAt(event.x, rect, &state, scene)
            } else if layout.layers.contains(event.x, event.y) {
                state.focus[.session] = 1
                if let name = LayersPane.layer(at: event.y, scene, layout.layers) { state.select(name, scene) }
            } else if let events = layout.events, events.contains(event.x, event.y) {
                state.focus[.session] = 2
            }
        case .release: break
        }
        return []
    }

    /// The chart cursor under a click.
    private static func readAt(_ column: Int, _ rect: Rect, _ state: inout WorkbenchState, _ scene: Scene) {
        let range = state.session.range(scene.snapshot.curve)
        // The same left margin as the chart's labels have; the right one differs by the names, a column or so.
        let share = Double(column - rect.x - 6) / Double(max(1, rect.width - 14))
        let x = range.lowerBound + max(0, min(1, share)) * (range.upperBound - range.lowerBound)
        let session = state.session
        let nearest = scene.snapshot.curve.min { abs(session.x($0) - x) < abs(session.x($1) - x) }
        state.session.cursor = nearest?.step
    }
}
