import Terminal
import Training

/// Zeros that each layer would have at the end, as the distribution splits the target.
enum FinalPane {
    static func draw(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        let inner = rect.inner
        let layers = scene.snapshot.layers
        let at = scene.selected ?? 0
        let first = max(0, min(at - inner.height / 2, layers.count - inner.height))
        let shown = layers.indices.dropFirst(first).prefix(inner.height)
        let right = shown.count < layers.count ? "\(first + 1)–\(first + shown.count) of \(layers.count)" : ""
        grid.box(rect, title: "zeros by layer: now ░, at the end █", right: right)
        let answer = scene.schedulePoints.last.flatMap {
            scene.state.answers.reply(to: TargetsQuery(sparsity: $0.sparsity))
        }
        let width = max(4, min(scene.names.longestName, inner.width / 3))
        for (row, index) in shown.enumerated() {
            let layer = layers[index]
            let y = inner.y + row
            let style = Style(.text, bold: index == scene.selected)
            let x = grid.put(
                (index == scene.selected ? "▸" : " ") + Format.left(layer.name.end(width), width) + " ", at: inner.x, y,
                style)
            let room = max(4, inner.maxX - x - 18)
            let total = Double(max(1, layer.weights))
            let after = answer.flatMap { $0.kept.indices.contains(index) ? 1 - Double($0.kept[index]) / total : nil }
            let now = Bar.filled(layer.sparsity, width: room)
            let then = Bar.filled(after ?? 0, width: room)
            for column in 0..<room {
                let isNow = column < now, isThen = column < then
                guard isNow || isThen else { continue }
                grid[x + column, y] =
                    isNow ? Cell(glyph: "░", style: Style(.dim)) : Cell(glyph: "█", style: Style(.accent))
            }
            let words = Format.percent(layer.sparsity) + (after.map { " → \(Format.percent($0))" } ?? "") + " %"
            grid.put(words, endingAt: inner.maxX, y, style)
        }
    }
}
