import Terminal
import Training

/// What the line leads to, as far as that is known: counts are exact, a figure is what was measured at such a sparsity.
enum ForecastPane {
    static func draw(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        grid.box(rect, title: "at the end")
        let inner = rect.inner
        for (row, line) in lines(scene).prefix(inner.height).enumerated() {
            grid.put(" " + line.text, at: inner.x, inner.y + row, line.style, width: inner.width)
        }
    }

    private static func lines(_ scene: Scene) -> [(text: String, style: Style)] {
        guard let schedule = scene.snapshot.schedule, let last = scene.schedulePoints.last else {
            return [("no schedule", Style(.dim))]
        }
        var lines: [(text: String, style: Style)] = []
        let answer = scene.state.answers.reply(to: TargetsQuery(sparsity: last.sparsity))
        if let answer {
            let kept = answer.kept.reduce(0, +)
            let zeros = 1 - Double(kept) / Double(max(1, scene.snapshot.weights))
            lines.append(
                (
                    "zeros \(Format.percent(zeros)) %   kept \(Format.count(kept))   file \(Format.bytes(answer.fileBytes))",
                    Style()
                ))
        } else {
            lines.append(("zeros \(Format.percent(last.sparsity)) %", Style()))
        }
        lines.append(known(last.sparsity, scene))
        if let every = schedule.every {
            lines.append(("masks change every \(Format.count(every)) steps and at points", Style(.dim)))
        }
        if last.step > scene.snapshot.totalSteps {
            lines.append(("⚠ the last point lies beyond the run's end", Style(.warn)))
        } else {
            let after = scene.snapshot.totalSteps - max(last.step, scene.snapshot.step)
            lines.append(("\(Format.count(after)) steps follow the last point", Style(.dim)))
        }
        if let floor = scene.snapshot.floor {
            lines.append(
                ("\(scene.figure.floorWord) \(scene.figure.floor(floor)): below it the schedule holds", Style(.dim)))
        }
        if schedule.offset > 0 {
            lines.append(("\(Format.count(schedule.offset)) steps were held back so far", Style(.dim)))
        }
        return lines
    }

    /// Of points that were tried around such a sparsity, the figure between them; an estimate.
    private static func known(_ sparsity: Double, _ scene: Scene) -> (text: String, style: Style) {
        let tried = scene.state.answers.measured.filter { $0.trainedSteps > 0 && $0.isFinal }
        let below = tried.filter { $0.sparsity <= sparsity }.max { $0.sparsity < $1.sparsity }
        let above = tried.filter { $0.sparsity >= sparsity }.min { $0.sparsity < $1.sparsity }
        guard let below, let above else {
            return ("\(scene.figure.title) – : try drafts around it in Threshold", Style(.dim))
        }
        let span = above.sparsity - below.sparsity
        let share = span > 0 ? (sparsity - below.sparsity) / span : 0
        let value = below.cut.value + (above.cut.value - below.cut.value) * share
        let margin = max(below.cut.margin, above.cut.margin)
        let text = scene.figure.unit == "%" ? "±\(Format.decimal(margin, 1))" : "±\(Format.significant(margin, 2))"
        return (
            "est. \(scene.figure.title) \(scene.figure.short(value)) \(text), from \(tried.count) drafts tried", Style()
        )
    }
}

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
