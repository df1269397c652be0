import Sparsity
import Terminal
import Training

/// What was done to the network, newest first; the draft above all.
enum HistoryPane {
    static func draw(_ scene: Scene, _ rect: Rect, offset: Int, focused: Bool, into grid: inout CellGrid) {
        let rows = rows(scene)
        let inner = rect.inner
        let first = max(0, min(offset, rows.count - inner.height))
        let shown = rows.dropFirst(first).prefix(inner.height)
        let right = shown.count < rows.count ? "\(first + 1)–\(first + shown.count) of \(rows.count)" : ""
        grid.box(rect, title: "history", right: right, focused: focused)
        for (index, row) in shown.enumerated() {
            grid.put(row.text, at: inner.x, inner.y + index, row.style, width: inner.width)
            if let figure = row.figure, Glyphs.width(row.text) + Glyphs.width(figure) < inner.width {
                // Figures stand below each other, but next to their label where the pane is wide.
                let end = min(inner.maxX, inner.x + max(24, Glyphs.width(row.text) + Glyphs.width(figure) + 2))
                grid.put(figure, endingAt: end, inner.y + index, row.style)
            }
        }
    }

    static func rows(_ scene: Scene) -> [(text: String, figure: String?, style: Style)] {
        var rows: [(text: String, figure: String?, style: Style)] = []
        if let draft = scene.state.draft {
            rows.append(("▸draft  " + draft.label(scene), nil, Style(.draft, bold: true)))
        }
        for entry in scene.snapshot.history.reversed() {
            // What was undone is dim and says so: dimness alone would not be seen everywhere.
            let text = "#\(entry.event) \(entry.label)" + (entry.isCurrent ? "" : " undone")
            let figure = entry.figure.map(scene.figure.short)
            rows.append((text, figure, entry.isCurrent ? Style(.text) : Style(.dim)))
        }
        return rows
    }
}

extension Draft {
    /// "global 90.0 %", "fc1 |w| ≥ .062".
    func label(_ scene: Scene) -> String {
        let name: String
        switch scope {
        case .global: name = "global"
        case .layer(let layer): name = layer
        }
        switch anchor {
        case .kept(let count):
            let total = scope.total(scene.snapshot)
            return "\(name) \(Format.percent(total == 0 ? 0 : 1 - Double(count) / Double(total))) %"
        case .threshold(let value): return "\(name) |w| ≥ \(Format.significant(Double(value), 2))"
        }
    }
}
