import Terminal
import Training

extension HeatView {
    /// A click puts the cursor, the wheel zooms there, dragging pans.
    static func mouse(_ event: MouseEvent, _ state: inout WorkbenchState, _ scene: Scene) -> [Effect] {
        let layout = HeatLayout(scene)
        if let rect = layout.layers, rect.contains(event.x, event.y) {
            switch event.kind {
            case .press:
                state.focus[.heat] = 1
                if let row = LayerGrid.row(at: event.y, scene, rect) { state.select(row, scene) }
            case .wheelUp: state.moveRow(by: -1, scene)
            case .wheelDown: state.moveRow(by: 1, scene)
            default: break
            }
            return []
        }
        guard let layer = scene.layer,
            let panel = layout.panels.first(where: { $0.rect.contains(event.x, event.y) }),
            let drawing = drawing(panel, scene), let at = drawing.value(atX: event.x, event.y)
        else { return [] }
        let row = layout.rows.range.lowerBound + at.row * drawing.answer.weightsPerCellRow
        let column = layout.columns.range.lowerBound + at.column * drawing.answer.weightsPerCellColumn
        switch event.kind {
        case .press:
            state.focus[.heat] = 0
            HeatLayout.place(row, column, &state.heat, layer)
        case .wheelUp, .wheelDown:
            HeatLayout.place(row, column, &state.heat, layer)
            zoom(&state, scene.with(state), event.kind == .wheelUp ? 1 : -1)
        case .drag:
            // What was under the cursor comes under the mouse.
            let cursor = HeatLayout.cursor(state.heat, layer)
            state.heat.originRow = max(0, layout.rows.range.lowerBound + cursor.row - row)
            state.heat.originColumn = max(0, layout.columns.range.lowerBound + cursor.column - column)
        case .release: break
        }
        return []
    }
}
