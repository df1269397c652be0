import Terminal
import Training

/// Each layer's line, on screens with room for it: zeros now and after the draft, and what the draft does to it.
enum LinesPane {
    static func lines(_ rect: Rect) -> Int { max(1, rect.inner.height / 2) }

    static func draw(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        let inner = rect.inner
        let (first, shown) = scene.window(lines(rect))
        let all = scene.snapshot.layers.count
        grid.box(
            rect, title: scene.listTitle("layers, % zeros"),
            right: shown.count < all ? scene.extent(first, shown.count) : "")
        for (index, row) in shown.enumerated() {
            let layer = scene.listed(row)
            let y = inner.y + index * 2
            let style = layer.isSelected ? Style(.text, bold: true) : Style(.text)
            let isLocked = !layer.isGroup && scene.state.threshold.locked.contains(layer.name)
            var figures = (isLocked ? "lock " : "") + Format.percent(layer.sparsity)
            if let kept = layer.keptDraft, layer.weights > 0 {
                figures += " → " + Format.percent(1 - Double(kept) / Double(layer.weights))
            }
            grid.putName(layer, at: inner.x, y, style, width: inner.width - 14)
            grid.put(figures, endingAt: inner.maxX, y, style)
            bar(layer, Rect(x: inner.x + 1, y: y + 1, width: inner.width - 1, height: 1), into: &grid)
        }
    }

    /// `░` cut, `▒` would go or `▚` would return, `█` stays, in proportion.
    private static func bar(
        _ layer: ListedLayer, _ rect: Rect, into grid: inout CellGrid
    ) {
        guard layer.weights > 0, rect.y < grid.height else { return }
        let after = layer.keptDraft ?? layer.kept
        let stays = Bar.filled(Double(min(layer.kept, after)) / Double(layer.weights), width: rect.width)
        let most = Bar.filled(Double(max(layer.kept, after)) / Double(layer.weights), width: rect.width)
        for x in 0..<rect.width {
            let isChange = x < most
            let cell: Cell =
                x < stays
                ? Cell(glyph: "█", style: Style(.accent))
                : isChange
                    ? after < layer.kept
                        ? Cell(glyph: "▒", style: Style(.draft)) : Cell(glyph: "▚", style: Style(.good))
                    : Cell(glyph: "░", style: Style(.dim))
            grid[rect.x + x, rect.y] = cell
        }
    }

    static func row(at y: Int, _ scene: Scene, _ rect: Rect) -> LayerRow? {
        let shown = Array(scene.window(lines(rect)).rows)
        let index = (y - rect.inner.y) / 2
        return y >= rect.inner.y && shown.indices.contains(index) ? shown[index] : nil
    }
}
