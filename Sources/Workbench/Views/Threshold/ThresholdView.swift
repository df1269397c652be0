import Sparsity
import Terminal
import Training

/// Where the line stands, what it costs, and what it gave so far.
enum ThresholdView: View {
    typealias State = ThresholdState
    typealias Layout = ThresholdLayout

    static let shortTitle = "Thresh"

    static func draw(_ scene: Scene, into grid: inout CellGrid) {
        let layout = ThresholdLayout(scene)
        HistogramPane.draw(scene, layout.histogram, focused: scene.state.focusedPane == 0, into: &grid)
        if let curve = layout.sensitivity { SensitivityPane.draw(scene, curve, into: &grid) }
        DraftPane.draw(scene, layout.draft, into: &grid)
        PointsPane.draw(scene, layout.points, into: &grid)
        HistoryPane.draw(
            scene, layout.history, offset: scene.state.scroll[.threshold] ?? 0,
            focused: scene.state.focusedPane == 1, into: &grid)
        if let layers = layout.layers { LinesPane.draw(scene, layers, into: &grid) }
        for (index, rect) in layout.maps.enumerated() { drawMap(index, scene, rect, into: &grid) }
        if ThresholdRemoval.isOpen(scene) { ThresholdRemovalPane.draw(scene, layout.histogram, into: &grid) }
        let bottom = bottomLine(scene)
        grid.putAboveFooter(bottom.text, bottom.style)
    }

    /// Exact counts first, for they follow the line; then the figure.
    static func wants(_ scene: Scene) -> [Query] {
        guard scene.hasNetwork else { return [] }
        let layout = ThresholdLayout(scene)
        if let removal = ThresholdRemoval.typed(scene) { return [.shrink(removal)] }
        if let query = scene.rankingQuery, !scene.knowsRanking { return [.ranking(query)] }
        var wants: [Query] = [.summary(scene.lineDraft), .histogram(HistogramPane.query(scene, layout.histogram))]
        if let query = scene.rankingQuery { wants.append(.ranking(query)) }
        if let draft = scene.state.draft, needsMeasuring(draft, scene) { wants.append(.measure(draft)) }
        wants += DraftLatency.wants(scene)
        if let query = scene.sensitivityQuery { wants.append(.sensitivity(query)) }
        wants += layout.maps.indices.compactMap { mapQuery($0, scene, layout.maps[$0]) }.map { .map($0) }
        return wants
    }

    static func back(_ state: inout WorkbenchState) -> Bool { state.stopWaiting() }

    /// Once for each place of the line; and again for weights that moved on, but not while they go on moving.
    private static func needsMeasuring(_ draft: Draft, _ scene: Scene) -> Bool {
        guard let measured = scene.state.answers.measurement(of: draft, tried: false) else { return true }
        return !measured.isFinal || (!scene.isRunning && measured.now.step != scene.snapshot.step)
    }

    private static func mapQuery(_ index: Int, _ scene: Scene, _ rect: Rect) -> MapQuery? {
        guard var query = SmallMap.query(scene, rect) else { return nil }
        if index == 1 {
            guard let draft = scene.state.draft else { return nil }
            query.quantity = .draft
            query.draft = draft
        }
        return query
    }

    private static func drawMap(_ index: Int, _ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        let name = scene.layer?.name ?? ""
        grid.box(rect, title: index == 0 ? "\(name) kept now" : "draft: ▒ goes ▚ returns")
        guard let query = mapQuery(index, scene, rect) else {
            grid.put("no draft", at: rect.x + 2, rect.y + 1, Style(.dim))
            return
        }
        guard let map = scene.state.answers.map(query) else { return }
        MapDrawing(map, rect.inner, hasColour: scene.hasColour).draw(into: &grid)
    }

    private static func bottomLine(_ scene: Scene) -> (text: String, style: Style) {
        let answers = scene.state.answers
        if let progress = scene.rankingProgress { return (progress, Style(.draft)) }
        if let refusal = [.ranking, .summary, .measure, .attempt, .histogram].compactMap({ answers.refusals[$0] }).first
        {
            return (refusal, Style(.warn))
        }
        guard let draft = scene.state.draft else {
            if let report = scene.snapshot.retrainReport {
                let figures = [report.before, report.atOnce, report.after].map { scene.figure.short($0.value) }
                let steps = Format.count(report.steps)
                return (
                    "Cut and retrained: before \(figures[0]), at once \(figures[1]), after \(steps) steps \(figures[2]) "
                        + "(val, \(Format.count(report.after.count)) \(scene.samples))", Style(.text)
                )
            }
            return (
                "No draft: \(scene.key("line-left")) \(scene.key("line-right")) move the line, "
                    + "\(scene.key("target")) takes a target such as 90%.", Style(.text)
            )
        }
        if let notice = scene.summary?.notice { return (notice, Style(.warn)) }
        let words = "DRAFT: network untouched."
        let tried = answers.measurement(of: draft, tried: true)
        guard let shown = tried ?? answers.measurement(of: draft, tried: false) else { return (words, Style(.draft)) }
        let figure = scene.figure
        let what =
            figure.isAccuracy
            ? "\(Format.count(shown.lost)) lost, \(Format.count(shown.won)) won"
            : "\(figure.short(shown.now.value)) → \(figure.short(shown.cut.value))"
        return (
            "\(words) ± 95 %, same \(Format.count(shown.now.count)) val \(scene.samples): \(what)", Style(.draft)
        )
    }
}
