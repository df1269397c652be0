import Terminal
import Training

extension HeatView {
    static func selected(_ scene: Scene) -> String { scene.state.focusedPane == 0 ? scene.weight : scene.layerLine }
}

extension Scene {
    fileprivate var weight: String {
        let heat = state.heat
        guard let layer else { return "no layer" }
        let place = "\(layer.name) out \(heat.row) in \(heat.column)"
        guard let cell = state.answers.cell, cell.query.layer == layer.name, cell.query.row == heat.row,
            cell.query.column == heat.column
        else { return place }
        let value = cell.isKept ? "w \(Format.significant(Double(cell.weight)))" : "cut"
        let gradient = cell.gradient.map { ", gradient \(Format.significant(Double($0), 2))" } ?? ""
        return "\(place): \(value)\(gradient), step \(Format.count(cell.step))"
    }
}
