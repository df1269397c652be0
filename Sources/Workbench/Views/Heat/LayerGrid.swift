import Terminal
import Training

/// All layers, each a small map, on screens with room for them.
enum LayerGrid {
    private static let rowsEach = 3

    private static func shown(_ scene: Scene, _ rect: Rect) -> ArraySlice<LayerStatus> {
        let count = max(1, rect.inner.height / (rowsEach + 1))
        let layers = scene.layers
        let at = layers.firstIndex { $0.name == scene.layer?.name } ?? 0
        let first = max(0, min(at - count / 2, layers.count - count))
        return layers.dropFirst(first).prefix(count)
    }

    static func queries(_ scene: Scene, _ rect: Rect) -> [MapQuery] {
        shown(scene, rect).map { layer in query(layer, scene, rect) }
    }

    private static func query(_ layer: LayerStatus, _ scene: Scene, _ rect: Rect) -> MapQuery {
        SmallMap.query(layer, SmallMap.rows(layer.rows, rowsEach, scene), rect.inner.width)
    }

    static func draw(_ scene: Scene, _ rect: Rect, focused: Bool, into grid: inout CellGrid) {
        let inner = rect.inner
        let shown = shown(scene, rect)
        let all = scene.layers.count
        grid.box(
            rect, title: "layers, share kept", right: shown.count < all ? "\(shown.count) of \(all)" : "",
            focused: focused)
        for (index, layer) in shown.enumerated() {
            let y = inner.y + index * (rowsEach + 1)
            let isSelected = layer.name == scene.layer?.name
            let style = isSelected ? Style(.text, bold: true) : Style(.text)
            grid.put((isSelected ? "▸" : " ") + layer.name, at: inner.x, y, style, width: inner.width - 14)
            grid.put("\(Format.percent(layer.sparsity)) % zeros", endingAt: inner.maxX, y, style)
            guard let map = scene.state.answers.map(query(layer, scene, rect)) else { continue }
            let place = Rect(x: inner.x, y: y + 1, width: inner.width, height: rowsEach)
            MapDrawing(map, place, hasColour: scene.hasColour).draw(into: &grid)
        }
    }

    static func layer(at y: Int, _ scene: Scene, _ rect: Rect) -> String? {
        let shown = Array(shown(scene, rect))
        let index = (y - rect.inner.y) / (rowsEach + 1)
        return y >= rect.inner.y && shown.indices.contains(index) ? shown[index].name : nil
    }
}
