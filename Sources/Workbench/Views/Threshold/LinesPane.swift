import Terminal
import Training

/// Each layer's line, on screens with room for it: zeros now and after the draft, and what the draft does to it.
enum LinesPane {
    private static func shown(_ scene: Scene, _ rect: Rect) -> ArraySlice<LayerStatus> {
        let count = max(1, rect.inner.height / 2)
        let layers = scene.layers
        let at = layers.firstIndex { $0.name == scene.layer?.name } ?? 0
        return layers.dropFirst(max(0, min(at - count / 2, layers.count - count))).prefix(count)
    }

    static func draw(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        let inner = rect.inner
        let shown = shown(scene, rect)
        let all = scene.layers.count
        grid.box(rect, title: "layers, % zeros", right: shown.count < all ? "\(shown.count) of \(all)" : "")
        for (index, layer) in shown.enumerated() {
            let y = inner.y + index * 2
            let isSelected = layer.name == scene.layer?.name
            let style = isSelected ? Style(.text, bold: true) : Style(.text)
            let counts = scene.state.draft == nil ? nil : scene.summary?.layers.first { $0.name == layer.name }
            var figures = Format.percent(layer.sparsity)
            if let counts, counts.total > 0 {
                figures += " → " + Format.percent(1 - Double(counts.keptDraft) / Double(counts.total))
            }
            grid.put((isSelected ? "▸" : " ") + layer.name, at: inner.x, y, style, width: inner.width - 14)
            grid.put(figures, endingAt: inner.maxX, y, style)
            bar(layer, counts, Rect(x: inner.x + 1, y: y + 1, width: inner.width - 1, height: 1), into: &grid)
        }
    }

    /// `░` cut, `▒` would go or `▚` would return, `█` stays, in proportion.
    private static func bar(
        _ layer: LayerStatus, _ counts: DraftSummary.Layer?, _ rect: Rect, into grid: inout CellGrid
    ) {
        guard layer.weights > 0, rect.y < grid.height else { return }
        let after = counts?.keptDraft ?? layer.kept
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

    static func layer(at y: Int, _ scene: Scene, _ rect: Rect) -> String? {
        let shown = Array(shown(scene, rect))
        let index = (y - rect.inner.y) / 2
        return y >= rect.inner.y && shown.indices.contains(index) ? shown[index].name : nil
    }
}
