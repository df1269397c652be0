import Terminal
import Training

/// The target over the steps, with the zeros that there are, and the figure or the loss behind them.
enum TargetPane {
    @discardableResult
    static func draw(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) -> Plot? {
        let snapshot = scene.snapshot
        guard let schedule = snapshot.schedule else {
            grid.box(rect, title: "zeros %", focused: true)
            grid.put("no schedule", at: rect.x + 3, rect.y + rect.height / 2, Style(.dim))
            return nil
        }
        let overlay = overlay(scene)
        let title = "zeros %  ─ target  ┄ now" + (overlay.map { "  · \($0.name) \($0.low) to \($0.high)" } ?? "")
        let form = scene.state.schedule.draft == nil ? schedule.name : "draft"
        grid.box(rect, title: title, right: "\(form) ┊ now", focused: true)
        var chart = Chart(series: [])
        if let overlay { chart.series.append(Chart.Series(name: "", points: overlay.points, style: Style(.series2))) }
        chart.series.append(
            Chart.Series(
                name: "", points: snapshot.curve.map { (Double($0.step), 100 * $0.sparsity) }, style: Style(.reference),
                line: .dashed))
        chart.series.append(Chart.Series(name: "", points: over(scene), style: Style(.series1)))
        let isDraft = scene.state.schedule.draft != nil
        if isDraft {
            // The line that is followed until the draft is applied.
            chart.series.append(
                Chart.Series(name: "", points: ahead(scene, followed: true), style: Style(.dim), line: .dashed))
        }
        chart.series.append(
            Chart.Series(
                name: "", points: ahead(scene, followed: !isDraft),
                style: Style(isDraft ? .draft : .series1, bold: isDraft)))
        if let floor = snapshot.floor, let overlay, overlay.name == snapshot.figure.title {
            let share = (floor - overlay.range.lowerBound) / (overlay.range.upperBound - overlay.range.lowerBound)
            if (0...1).contains(share) { chart.references = [Chart.Reference(y: 100 * share)] }
        }
        chart.x = x(scene)
        let ticks = rect.height > 16 ? [0.0, 25, 50, 75, 90, 100] : [0, 50, 100]
        chart.y = Axis(range: 0...100, ticks: ticks.reversed().map { Axis.Tick($0, Format.decimal($0, 0)) })
        let plot = chart.draw(into: &grid, rect.inner)
        now(scene, plot, into: &grid)
        points(scene, plot, into: &grid)
        return plot
    }

    /// All of the run; zoomed, what lies around the held point.
    private static func x(_ scene: Scene) -> Axis {
        let last = Double(scene.lastScheduleStep)
        let span = last / Double(1 << scene.state.schedule.zoom)
        let middle = scene.selectedPoint.map { Double(scene.schedulePoints[$0].step) } ?? Double(scene.snapshot.step)
        let low = max(0, min(last - span, middle - span / 2))
        let high = low + max(1, span)
        return Axis(range: low...high, ticks: [low, (low + high) / 2, high].map { Axis.Tick($0, Format.count($0)) })
    }

    private static func over(_ scene: Scene) -> [(x: Double, y: Double)] {
        scene.snapshot.curve.compactMap { point in
            point.scheduledSparsity.map { (Double(point.step), 100 * $0) }
        }
    }

    /// From now on: steps as the schedule takes them, or the line through the draft's points.
    private static func ahead(_ scene: Scene, followed: Bool) -> [(x: Double, y: Double)] {
        guard let schedule = scene.snapshot.schedule else { return [] }
        let now = scene.snapshot.step
        guard followed else {
            let ahead = scene.schedulePoints.filter { $0.step > now }
            let here = scene.target(at: now).map { [(Double(now), 100 * $0)] } ?? []
            return here + ahead.map { (Double($0.step), 100 * $0.sparsity) }
                + (ahead.last.map { [(Double(scene.lastScheduleStep), 100 * $0.sparsity)] } ?? [])
        }
        var points: [(x: Double, y: Double)] = []
        var latest = scene.target(at: now) ?? 0
        points.append((Double(now), 100 * latest))
        for update in schedule.curve where update.step + schedule.offset > now {
            // Between updates the target holds.
            points.append((Double(update.step + schedule.offset), 100 * latest))
            points.append((Double(update.step + schedule.offset), 100 * update.sparsity))
            latest = update.sparsity
        }
        return points + [(Double(scene.lastScheduleStep), 100 * latest)]
    }

    private struct Overlay {
        var name: String
        var low: String
        var high: String
        var range: ClosedRange<Double>
        var points: [(x: Double, y: Double)]
    }

    /// Stretched over the height of the chart, whatever its values.
    private static func overlay(_ scene: Scene) -> Overlay? {
        let snapshot = scene.snapshot
        let values: [(x: Double, y: Double)]
        let name: String, text: (Double) -> String
        switch scene.state.schedule.overlay {
        case .nothing: return nil
        case .figure:
            values = snapshot.curve.compactMap { point in point.validationFigure.map { (Double(point.step), $0) } }
            (name, text) = (snapshot.figure.title, snapshot.figure.short)
        case .loss:
            values = snapshot.curve.map { (Double($0.step), $0.loss) }
            (name, text) = ("loss", { Format.significant($0) })
        }
        // The first steps would press the rest into one row.
        var sorted = values.map(\.y).filter(\.isFinite).sorted()
        let isHigherBetter = scene.state.schedule.overlay == .figure && snapshot.figure.isHigherBetter
        isHigherBetter ? sorted.removeFirst(sorted.count / 10) : sorted.removeLast(sorted.count / 10)
        guard let low = sorted.first, let high = sorted.last, high > low else { return nil }
        return Overlay(
            name: name, low: text(low), high: text(high), range: low...high,
            points: values.map { ($0.x, 100 * ($0.y - low) / (high - low)) }.filter { $0.y >= 0 && $0.y <= 100 })
    }

    private static func now(_ scene: Scene, _ plot: Plot, into grid: inout CellGrid) {
        guard let column = plot.column(ofX: Double(scene.snapshot.step)) else { return }
        for row in plot.rect.y..<plot.rect.maxY where grid[column, row].glyph == " " || grid[column, row].glyph == "⠀" {
            grid[column, row] = Cell(glyph: "┊", style: Style(.applied))
        }
    }

    private static func points(_ scene: Scene, _ plot: Plot, into grid: inout CellGrid) {
        for (index, point) in scene.schedulePoints.enumerated() {
            guard let column = plot.column(ofX: Double(point.step)), let row = plot.row(ofY: 100 * point.sparsity)
            else { continue }
            let isHeld = index == scene.selectedPoint
            let style =
                scene.isLocked(point)
                ? Style(.dim, bold: isHeld) : Style(isHeld ? .focus : .draft, bold: true, reverse: isHeld)
            grid[column, row] = Cell(glyph: PointList.sign(index), style: style)
        }
    }

    /// The point nearest to a place of the screen, where it is near.
    static func point(at x: Int, _ y: Int, _ plot: Plot, _ scene: Scene) -> Int? {
        let places = scene.schedulePoints.enumerated().compactMap { index, point -> (index: Int, distance: Int)? in
            guard let column = plot.column(ofX: Double(point.step)), let row = plot.row(ofY: 100 * point.sparsity)
            else { return nil }
            return (index, (column - x) * (column - x) + 4 * (row - y) * (row - y))
        }
        return places.min { $0.distance < $1.distance }.flatMap { $0.distance <= 36 ? $0.index : nil }
    }
}
