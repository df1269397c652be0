import Terminal
import Training

/// What the line leads to, as far as that is known: counts are exact, a figure is what was measured at such a sparsity.
enum ForecastPane {
    static func draw(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        grid.box(rect, title: "at the end")
        let inner = rect.inner
        let width = inner.width - 2
        let lines = lines(scene)
        // Wrapping sets one blank between words, so what fits keeps its columns; where rows are few, each line has one.
        let wrapped = lines.flatMap { line in
            (line.text.count <= width ? [line.text] : line.text.wrapped(width)).map { ($0, line.style) }
        }
        let rows = wrapped.count <= inner.height ? wrapped : lines.map { ($0.text, $0.style) }
        for (row, line) in rows.prefix(inner.height).enumerated() {
            grid.put(" " + line.0, at: inner.x, inner.y + row, line.1, width: inner.width)
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
            lines.append(("zeros \(Format.percent(zeros)) %   kept \(Format.count(kept))", Style()))
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
        if let answer { lines.append(("file \(Format.bytes(answer.fileBytes))", Style())) }
        if let floor = scene.snapshot.floor {
            lines.append(
                ("\(scene.figure.floorWord) \(scene.figure.floor(floor)): what the result is to keep", Style(.dim)))
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
