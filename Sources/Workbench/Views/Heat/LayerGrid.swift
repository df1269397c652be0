import Terminal
import Training

/// All layers, each a small map, on screens with room for them.
enum LayerGrid {
    private static let rowsEach = 3

    static func lines(_ rect: Rect) -> Int { max(1, rect.inner.height / (rowsEach + 1)) }

    static func queries(_ scene: Scene, _ rect: Rect) -> [MapQuery] {
        scene.window(lines(rect)).rows.compactMap { query($0, scene, rect) }
    }

    /// A group has no map.
    private static func query(_ row: LayerRow, _ scene: Scene, _ rect: Rect) -> MapQuery? {
        guard case .layer(let index) = row else { return nil }
        let layer = scene.snapshot.layers[index]
        return SmallMap.query(layer, SmallMap.rows(layer.rows, rowsEach, scene), rect.inner.width)
    }

    static func draw(_ scene: Scene, _ rect: Rect, focused: Bool, into grid: inout CellGrid) {
        let inner = rect.inner
        let (first, shown) = scene.window(lines(rect))
        let all = scene.snapshot.layers.count
        grid.box(
            rect, title: scene.listTitle("layers, kept"),
            right: shown.count < all ? scene.extent(first, shown.count) : "", focused: focused)
        for (index, row) in shown.enumerated() {
            let layer = scene.listed(row)
            let y = inner.y + index * (rowsEach + 1)
            let style = layer.isSelected ? Style(.text, bold: true) : Style(.text)
            grid.putName(layer, at: inner.x, y, style, width: inner.width - 14)
            grid.put("\(Format.percent(layer.sparsity)) % zeros", endingAt: inner.maxX, y, style)
            let place = Rect(x: inner.x, y: y + 1, width: inner.width, height: rowsEach)
            if layer.isGroup {
                let kept = "\(Format.count(layer.kept)) / \(Format.count(layer.weights))"
                grid.put("  \(layer.shape), kept \(kept)", at: place.x, place.y, Style(.dim), width: place.width)
                Bar.draw(into: &grid, at: place.x + 2, place.y + 1, width: place.width - 2, fraction: layer.sparsity)
            } else if let query = query(row, scene, rect), let map = scene.state.answers.map(query) {
                MapDrawing(map, place, hasColour: scene.hasColour).draw(into: &grid)
            }
        }
    }

    static func row(at y: Int, _ scene: Scene, _ rect: Rect) -> LayerRow? {
        let shown = Array(scene.window(lines(rect)).rows)
        let index = (y - rect.inner.y) / (rowsEach + 1)
        return y >= rect.inner.y && shown.indices.contains(index) ? shown[index] : nil
    }
}
