import Terminal
import Text
import Training

/// What lies between two entries of the history, layer by layer.
enum DifferencePane {
    static func draw(_ entries: [ComparedEntry], _ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        let inner = rect.inner
        let marked = scene.state.compare.marked.compactMap { event in entries.first { $0.event == event } }
            .sorted { $0.event < $1.event }
        guard marked.count == 2 else {
            grid.box(rect, title: "difference")
            grid.put(
                "\(scene.key("mark")) marks two entries", at: inner.x + 1, inner.y, Style(.dim), width: inner.width)
            return
        }
        let (first, second) = (marked[0], marked[1])
        grid.box(rect, title: "zeros, #\(first.event) → #\(second.event)")
        guard let before = first.kept, let after = second.kept, before.count == after.count else {
            grid.put("of one of them only the sum is known", at: inner.x + 1, inner.y, Style(.dim), width: inner.width)
            return
        }
        let layers = Array(zip(scene.snapshot.layers, zip(before, after)))
        let width = max(4, min(scene.names.longestName, inner.width - 30))
        let bar = max(0, min(40, inner.width - width - 26))
        // The selected layer is in view.
        let at = scene.selected ?? 0
        let start = max(0, min(at - inner.height / 2, layers.count - inner.height))
        for (row, (layer, kept)) in layers.dropFirst(start).prefix(inner.height).enumerated() {
            let y = inner.y + row
            let isSelected = layer.name == scene.layer?.name
            let style = isSelected ? Style(.text, bold: true) : Style(.text)
            func zeros(_ kept: Int) -> Double { 1 - Double(kept) / Double(max(1, layer.weights)) }
            let text =
                (isSelected ? "▸" : " ") + Format.left(layer.name.visible.end(width), width)
                + Format.right(Format.percent(zeros(kept.0)), 7) + " → "
                + Format.right(Format.percent(zeros(kept.1)), 5) + " % "
            let x = grid.put(text, at: inner.x, y, style, width: inner.width)
            let change = kept.1 - kept.0
            guard change != 0, layer.weights > 0 else { continue }
            let share = abs(Double(change)) / Double(layer.weights)
            let length = max(1, Int((share * Double(bar)).rounded()))
            // Gone or come back: two glyphs, for colour alone is not seen everywhere.
            let glyph: Unicode.Scalar = change < 0 ? "▒" : "▚"
            for column in 0..<min(length, bar) {
                grid[x + column, y] = Cell(glyph: glyph, style: Style(change < 0 ? .draft : .good))
            }
        }
    }
}
