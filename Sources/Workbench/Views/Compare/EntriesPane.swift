import Terminal
import Text
import Training

/// The history with figures: what each entry kept, gave and took.
enum EntriesPane {
    static func draw(_ entries: [ComparedEntry], _ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        let inner = rect.inner
        let (first, shown) = window(entries, scene, rect)
        let right = shown.count < entries.count ? "\(first + 1)–\(first + shown.count) of \(entries.count)" : ""
        grid.box(
            rect, title: "history (\(entries.count))", right: right, focused: scene.state.focusedPane == 0)
        let columns = columns(scene, inner.width)
        var header = Format.left("   # entry", columns.label + 3)
        for column in columns.figures { header += Format.right(column.title, column.width) }
        grid.put(header, at: inner.x, inner.y, Style(.dim), width: inner.width)
        let selected = scene.selectedEntry?.event
        for (index, entry) in shown.enumerated() {
            let isSelected = entry.event == selected
            var row = isSelected ? "▸" : " "
            row += scene.state.compare.marked.contains(entry.event) ? "✓" : " "
            let label = "#\(entry.event) \(entry.label.visible)" + (entry.isCurrent ? "" : " undone")
            row += Format.left(
                label.count > columns.label ? String(label.prefix(columns.label - 1)) + "…" : label, columns.label)
            row += " "
            for column in columns.figures { row += Format.right(column.value(entry) ?? "–", column.width) }
            row += entry.isLive ? "  ◆ now" : entry.figure == nil ? "" : entry.isOnFront ? "  ● front" : "  ○"
            let style = Style(entry.isCurrent ? .text : .dim, bold: isSelected)
            grid.put(row, at: inner.x, inner.y + 1 + index, style, width: inner.width)
        }
    }

    private struct Column {
        var title: String
        var width: Int
        var value: (ComparedEntry) -> String?
    }

    /// What matters least is left out where there is no room.
    private static func columns(_ scene: Scene, _ width: Int) -> (label: Int, figures: [Column]) {
        let figure = scene.figure
        let all = [
            Column(title: "zeros", width: 6) { $0.sparsity.map { Format.percent($0) } },
            Column(title: "val", width: 8) { $0.figure.map(figure.short) },
            Column(title: "1 image", width: 9) { $0.latency.map { ($0.isExact ? "" : "~") + Cost.time($0.seconds) } },
            Column(title: "file", width: 9) { $0.fileBytes.map(Format.bytes) },
            Column(title: "mult-adds", width: 10) { $0.multiplyAdds.map { Format.compact(Double($0)) } },
            Column(title: "step", width: 8) { Format.count($0.step) },
        ]
        var figures = all
        let isTimed = [scene.state.compare.cost, scene.state.compare.second].contains(.latency)
        if !isTimed { figures.removeAll { $0.title == "1 image" } }
        while figures.count > 2, width - figures.reduce(0, { $0 + $1.width }) - 3 < 20 { figures.removeLast() }
        let label = max(10, min(30, width - figures.reduce(0) { $0 + $1.width } - 3 - 9))
        return (label, figures)
    }

    static func lines(_ rect: Rect) -> Int { max(1, rect.inner.height - 1) }

    private static func window(_ entries: [ComparedEntry], _ scene: Scene, _ rect: Rect) -> (
        first: Int, rows: ArraySlice<ComparedEntry>
    ) {
        let room = lines(rect)
        let at = entries.firstIndex { $0.event == scene.selectedEntry?.event } ?? 0
        let first = max(0, min(at - room / 2, entries.count - room))
        return (first, entries.dropFirst(first).prefix(room))
    }

    static func entry(at y: Int, _ entries: [ComparedEntry], _ scene: Scene, _ rect: Rect) -> ComparedEntry? {
        let shown = Array(window(entries, scene, rect).rows)
        let index = y - rect.inner.y - 1
        return shown.indices.contains(index) ? shown[index] : nil
    }
}
