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

    static func wants(_ scene: Scene) -> [Query] {
        let untimed = scene.untimed
        return [.runs] + (untimed.isEmpty ? [] : [.historyTimes(HistoryTimesQuery(untimed))])
    }

    static func selected(_ scene: Scene) -> String {
        scene.selectedEntry.map { sentence($0, scene) } ?? scene.layerLine
    }

    private static func sentence(_ entry: ComparedEntry, _ scene: Scene) -> String {
        var words = ["#\(entry.event) \(entry.label)"]
        if let figure = entry.figure { words.append("val \(scene.figure.named(figure))") }
        if let sparsity = entry.sparsity { words.append("\(Format.percent(sparsity)) % zeros") }
        if let bytes = entry.fileBytes { words.append("file \(Format.bytes(bytes))") }
        if let adds = entry.multiplyAdds { words.append("\(Format.compact(Double(adds))) multiply-adds") }
        if let latency = entry.latency {
            words.append("one image \(latency.isExact ? "" : "about ")\(Cost.time(latency.seconds))")
        }
        return words.joined(separator: ", ") + ", step \(Format.count(entry.step))"
    }

    /// How far the measuring of latencies is.
    private static func timing(_ scene: Scene) -> String? {
        let left = scene.untimed.count
        guard left > 0 else { return nil }
        let seconds = scene.state.askedSeconds[.historyTimes].map { ", \(Format.age(seconds: Double($0)))" } ?? ""
        return "timing one image: \(left) to go\(seconds); ~ is of as many weights at other places"
    }

    /// `−40`; of what is nearly gone `−99`, for `−100` is nothing left.
    private static func relative(_ before: Double, _ after: Double) -> String {
        let share = after / before - 1
        return share < -0.5 ? Format.percent(share, 0) : Format.signed(100 * share, 0)
    }

    private static func bottomLine(_ entries: [ComparedEntry], _ scene: Scene) -> String {
        let refusals = scene.state.answers.refusals
        if let refusal = refusals[.deleteRun] ?? refusals[.runs] ?? refusals[.historyTimes] { return refusal }
        if let waiting = timing(scene) { return waiting }
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
            words.append("\(name) \(relative(Double(a), Double(b))) %")
        }
        change("file", first.fileBytes, second.fileBytes)
        change("multiply-adds", first.multiplyAdds, second.multiplyAdds)
        if let a = first.latency?.seconds, let b = second.latency?.seconds, a > 0 {
            words.append("one image \(relative(a, b)) %")
        }
        words.append("\(Format.count(second.step - first.step)) steps between")
        return words.joined(separator: "   ")
    }
}
