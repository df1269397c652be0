import Terminal
import Training

/// What the run came to on its way: figure against cost, the history as a list, two entries beside each other, other runs.
enum CompareView: View {
    typealias State = CompareState
    typealias Layout = CompareLayout

    static func draw(_ scene: Scene, into grid: inout CellGrid) {
        let layout = CompareLayout(scene)
        let compare = scene.state.compare
        let entries = scene.compared
        for (rect, cost) in zip(layout.charts, [compare.cost, compare.second]) {
            FrontPane.draw(entries, cost, scene, rect, isFirst: rect == layout.charts[0], into: &grid)
        }
        if let difference = layout.difference {
            EntriesPane.draw(entries, scene, layout.entries, into: &grid)
            DifferencePane.draw(entries, scene, difference, into: &grid)
        } else if compare.showsDifference {
            DifferencePane.draw(entries, scene, layout.entries, into: &grid)
        } else {
            EntriesPane.draw(entries, scene, layout.entries, into: &grid)
        }
        RunsPane.draw(scene, layout.runs, into: &grid)
        grid.putAboveFooter(bottomLine(entries, scene), Style(.hint))
    }

    static func wants(_ scene: Scene) -> [Query] { [.runs] }

    static func selected(_ scene: Scene) -> String {
        scene.selectedEntry.map { sentence($0, scene) } ?? scene.layerLine
    }

    private static func sentence(_ entry: ComparedEntry, _ scene: Scene) -> String {
        var words = ["#\(entry.event) \(entry.label)"]
        if let figure = entry.figure { words.append("val \(scene.figure.named(figure))") }
        if let sparsity = entry.sparsity { words.append("\(Format.percent(sparsity)) % zeros") }
        if let bytes = entry.fileBytes { words.append("file \(Format.bytes(bytes))") }
        if let adds = entry.multiplyAdds { words.append("\(Format.compact(Double(adds))) multiply-adds") }
        return words.joined(separator: ", ") + ", step \(Format.count(entry.step))"
    }

    private static func bottomLine(_ entries: [ComparedEntry], _ scene: Scene) -> String {
        if let refusal = scene.state.answers.refusals[.runs] { return refusal }
        let marked = scene.state.compare.marked.compactMap { event in entries.first { $0.event == event } }
        guard marked.count == 2 else {
            let mark = "\(scene.key("mark")) marks an entry, and a second one to compare it with"
            return marked.first.map { "marked #\($0.event). " + mark } ?? mark
                + "; \(scene.key("revert")) goes back to one."
        }
        let ordered = marked.sorted { $0.event < $1.event }
        let (first, second) = (ordered[0], ordered[1])
        var words = ["#\(first.event) → #\(second.event)"]
        if let a = first.figure, let b = second.figure {
            let text = scene.figure.unit == "%" ? Format.signed(b - a, 2) : scene.figure.short(b - a)
            words.append("\(scene.figure.title) \(text)")
        }
        func change(_ name: String, _ a: Int?, _ b: Int?) {
            guard let a, let b, a > 0 else { return }
            words.append("\(name) \(Format.signed(100 * (Double(b) / Double(a) - 1), 0)) %")
        }
        change("file", first.fileBytes, second.fileBytes)
        change("multiply-adds", first.multiplyAdds, second.multiplyAdds)
        words.append("\(Format.count(second.step - first.step)) steps between")
        return words.joined(separator: "   ")
    }
}
