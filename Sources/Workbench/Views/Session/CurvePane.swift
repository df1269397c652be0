import Terminal
import Training

/// One chart of the Session view.
enum CurvePane {
    /// - Returns: where the curves are, once there are any.
    @discardableResult
    static func draw(
        _ curve: Curve, _ scene: Scene, _ rect: Rect, isFirst: Bool, focused: Bool, into grid: inout CellGrid
    ) -> Plot? {
        let snapshot = scene.snapshot
        let others = Curve.allCases.filter { $0 != curve }.map { $0.title(snapshot.figure) }.joined(separator: " ")
        let words = title(curve, scene)
        grid.box(rect, title: words, right: isFirst ? "\(scene.key("chart")): \(others)" : "", focused: focused)
        var chart = Chart(series: [])
        switch curve {
        case .figure:
            chart.series = [
                series("train", scene, .series2) { $0.trainFigure },
                series("val", scene, .series1) { $0.validationFigure },
            ]
            if let dense = snapshot.denseParent {
                chart.references.append(Chart.Reference(y: dense.value, label: ""))
            }
            if let floor = snapshot.floor {
                let style = Style(snapshot.floorVerdict == .under ? .bad : .reference)
                chart.references.append(
                    Chart.Reference(y: floor, label: snapshot.figure.floorWord, style: style, dotted: false))
            }
        case .loss:
            chart.series = [series("loss", scene, .series1) { $0.loss }]
        case .speed:
            chart.series = [series("img/s", scene, .series1) { $0.samplesPerSecond }]
            if let dense = snapshot.denseSamplesPerSecond {
                let style = Style(scene.isDenseSpeedOld ? .dim : .reference)
                chart.references = [Chart.Reference(y: dense, label: "dense", style: style)]
            }
        }
        chart.marks = marks(scene)
        chart.y = axis(chart, curve, snapshot.figure, rows: rect.height - 4)
        return finish(&chart, scene, rect, into: &grid)
    }

    /// Zeros now, beside what the schedule asks for.
    @discardableResult
    static func drawZeros(_ scene: Scene, _ rect: Rect, focused: Bool, into grid: inout CellGrid) -> Plot? {
        let snapshot = scene.snapshot
        let isScheduled = snapshot.curve.contains { $0.scheduledSparsity != nil }
        var title = "zeros %"
        if let point = cursorPoint(scene) {
            title += "  @\(Format.count(point.step)) \(Format.percent(point.sparsity))"
        } else if isScheduled {
            title += "  ─ now  ┄ target"
        }
        var footer = ""
        if let held = snapshot.scheduleHeld {
            footer = "schedule holds \(held)"
        } else if let cut = snapshot.nextCut {
            footer = "next cut at \(Format.count(cut.step))" + (cut.sparsity.map { " → \(Format.percent($0)) %" } ?? "")
        }
        grid.box(rect, title: title, focused: focused, footer: footer)
        var chart = Chart(series: [])
        if isScheduled {
            chart.series.append(series("", scene, .reference, .dashed) { $0.scheduledSparsity.map { $0 * 100 } })
        }
        chart.series.append(series("", scene, .series1) { $0.sparsity * 100 })
        let ticks = rect.height > 9 ? [0.0, 40, 80, 100] : [0, 50, 100]
        chart.y = Axis(range: 0...100, ticks: ticks.reversed().map { Axis.Tick($0, Format.decimal($0, 0)) })
        return finish(&chart, scene, rect, into: &grid)
    }

    private static func finish(_ chart: inout Chart, _ scene: Scene, _ rect: Rect, into grid: inout CellGrid)
        -> Plot?
    {
        guard scene.snapshot.curve.count > 1 else {
            grid.put("after the first steps", at: rect.x + 3, rect.y + rect.height / 2, Style(.dim))
            return nil
        }
        let session = scene.state.session
        let range = session.range(scene.snapshot.curve)
        let label: (Double) -> String =
            session.byTime ? { Format.duration(seconds: $0) } : { Format.count($0) }
        let middle = scene.snapshot.cuts.last.map { session.byTime ? nil : Double($0.step) } ?? nil
        var ticks = [Axis.Tick(range.lowerBound, label(range.lowerBound))]
        // Where the last cut was, unless its label would push out an end's.
        let share = middle.map { ($0 - range.lowerBound) / (range.upperBound - range.lowerBound) } ?? 0
        if let middle, share > 0.25, share < 0.7 { ticks.append(Axis.Tick(middle, label(middle))) }
        ticks.append(Axis.Tick(range.upperBound, label(range.upperBound)))
        chart.x = Axis(range: range, ticks: ticks)
        chart.cursor = cursorPoint(scene).map(session.x)
        return chart.draw(into: &grid, rect.inner)
    }

    private static func series(
        _ name: String, _ scene: Scene, _ role: Role, _ line: Chart.Series.Line = .braille,
        _ value: (CurvePoint) -> Double?
    ) -> Chart.Series {
        let session = scene.state.session
        let range = session.range(scene.snapshot.curve)
        let slack = range.upperBound - range.lowerBound
        let points = scene.snapshot.curve.compactMap { point in
            value(point).map { (x: session.x(point), y: $0) }
        }.filter { $0.x >= range.lowerBound - slack * 0.02 && $0.x <= range.upperBound + slack * 0.02 }
        return Chart.Series(name: name, points: points, style: Style(role), line: line)
    }

    /// Cuts as ticks; only the last few are named, or the names would cover each other.
    private static func marks(_ scene: Scene) -> [Chart.Mark] {
        let cuts = scene.snapshot.cuts
        let session = scene.state.session
        return cuts.enumerated().compactMap { index, cut in
            guard let point = scene.snapshot.curve.first(where: { $0.step >= cut.step }) else { return nil }
            let x = session.byTime ? point.elapsedSeconds : Double(cut.step)
            // A schedule cuts often: its first and last cuts are ticked, in between one in so many.
            let isFirst = index == 0 || cuts[index - 1].event != cut.event
            let thinning = max(1, cuts.count / 12)
            let isLast = index == cuts.count - 1
            guard cut.byHand || isFirst || isLast || index % thinning == 0 else { return nil }
            let isNamed = isLast || (cut.byHand && index >= cuts.count - 3)
            return Chart.Mark(x: x, label: isNamed ? "cut #\(cut.event)" : "")
        }
    }

    /// Around all but the worst tenth of a figure: the first steps would press the rest into one row.
    private static func axis(_ chart: Chart, _ curve: Curve, _ figure: FigureFormat, rows: Int) -> Axis {
        var values = chart.series.flatMap { $0.points.map(\.y) }.filter(\.isFinite).sorted()
        if curve == .figure {
            figure.isHigherBetter
                ? values.removeFirst(values.count / 10) : values.removeLast(values.count / 10)
        }
        if curve == .loss { values.removeLast(values.count / 20) }
        let axis = Axis.around(values + chart.references.map(\.y), count: max(2, rows / 2))
        guard curve == .speed else { return axis }
        return Axis.around([0] + values + chart.references.map(\.y), count: max(2, rows / 2)) { Format.compact($0) }
    }

    /// The point under the chart cursor.
    static func cursorPoint(_ scene: Scene) -> CurvePoint? {
        scene.state.session.cursor.flatMap { step in scene.snapshot.curve.last { $0.step <= step } }
    }

    private static func title(_ curve: Curve, _ scene: Scene) -> String {
        guard let point = cursorPoint(scene) else {
            switch curve {
            case .figure: return scene.figure.heading + (scene.snapshot.denseParent == nil ? "" : "  dense ··")
            case .loss: return "loss"
            case .speed: return "speed"
            }
        }
        let at = "@\(Format.count(point.step))"
        switch curve {
        case .figure:
            let figures = [("train", point.trainFigure), ("val", point.validationFigure)].compactMap {
                name, value in
                value.map { "\(name) \(scene.figure.short($0))" }
            }
            return "\(at) " + figures.joined(separator: " ")
        case .loss: return "loss \(at) \(Format.significant(point.loss))"
        case .speed: return "speed \(at) \(point.samplesPerSecond.map(Format.compact) ?? "–")"
        }
    }
}
