import Terminal
import Training

/// What the line leads to, as far as that is known: counts are exact, a figure is what was measured at such a sparsity.
enum ForecastPane {
    static func draw(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        grid.box(rect, title: "at the end")
        let inner = rect.inner
        var y = inner.y
        for line in lines(scene, inner.width - 1) {
            // Wrapping sets one blank between words, so what fits keeps its columns.
            let rows = Glyphs.width(line.text) <= inner.width - 1 ? [line.text] : line.text.wrapped(inner.width - 1)
            // Whole sentences only: one that is left out makes room for a shorter one.
            guard y + rows.count <= inner.maxY else { continue }
            for row in rows {
                grid.put(" " + row, at: inner.x, y, line.style)
                y += 1
            }
        }
    }

    /// What matters most first, in fewer words where the pane is narrow.
    private static func lines(_ scene: Scene, _ width: Int) -> [(text: String, style: Style)] {
        func fitting(_ long: String, _ short: String) -> String { Glyphs.width(long) <= width ? long : short }
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
        let known = known(last.sparsity, scene)
        lines.append((fitting(known.long, known.short), known.style))
        if last.step > scene.snapshot.totalSteps {
            lines.append(
                (
                    fitting("⚠ the last point lies beyond the run's end", "⚠ the last point is after the end"),
                    Style(.warn)
                ))
        } else {
            let after = scene.snapshot.totalSteps - max(last.step, scene.snapshot.step)
            lines.append(("\(Format.count(after)) steps follow the last point", Style(.dim)))
        }
        if let answer { lines.append(("file \(Format.bytes(answer.fileBytes))", Style())) }
        if let floor = scene.snapshot.floor {
            let words = "\(scene.figure.floorWord) \(scene.figure.floor(floor))"
            lines.append((fitting(words + ": what the result is to keep", words + " is to be kept"), Style(.dim)))
        }
        if let every = schedule.every {
            let words = "masks change every \(Format.count(every)) steps"
            lines.append((fitting(words + " and at points", words), Style(.dim)))
        }
        if schedule.offset > 0 {
            lines.append(("\(Format.count(schedule.offset)) steps were held back so far", Style(.dim)))
        }
        return lines
    }

    /// Of points that were tried around such a sparsity, the figure between them; an estimate.
    private static func known(_ sparsity: Double, _ scene: Scene) -> (
        long: String, short: String, style: Style
    ) {
        let tried = scene.state.answers.measured.filter { $0.trainedSteps > 0 && $0.isFinal }
        let below = tried.filter { $0.sparsity <= sparsity }.max { $0.sparsity < $1.sparsity }
        let above = tried.filter { $0.sparsity >= sparsity }.min { $0.sparsity < $1.sparsity }
        guard let below, let above else {
            let title = scene.figure.title
            return (
                "\(title) – : try drafts around it in Threshold", "\(title) –: try drafts in Threshold", Style(.dim)
            )
        }
        let span = above.sparsity - below.sparsity
        let share = span > 0 ? (sparsity - below.sparsity) / span : 0
        let value = below.cut.value + (above.cut.value - below.cut.value) * share
        let margin = max(below.cut.margin, above.cut.margin)
        let text = scene.figure.unit == "%" ? "±\(Format.decimal(margin, 1))" : "±\(Format.significant(margin, 2))"
        let words = "est. \(scene.figure.title) \(scene.figure.short(value)) \(text)"
        return ("\(words), from \(tried.count) drafts tried", "\(words), \(tried.count) drafts", Style())
    }
}
