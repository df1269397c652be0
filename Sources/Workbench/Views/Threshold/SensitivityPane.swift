import Terminal
import Text
import Training

/// What the zeros of the selected layer alone cost at once: under the histogram where there is room, and behind its columns
/// everywhere.
enum SensitivityPane {
    static func draw(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        let name = (scene.layer?.name ?? "").visible.end(20)
        let curve = scene.sensitivity
        grid.box(
            rect, title: "\(name) alone: val \(scene.figure.title)", right: state(scene, curve),
            footer: curve?.now.map {
                "at once, \(Format.count($0.count)) \(scene.samples), step \(Format.count($0.step))"
            }
                ?? "")
        guard let curve, !curve.points.isEmpty else {
            let refusal = scene.state.answers.refusals[.sensitivity]
            grid.put(
                refusal ?? "not measured yet", at: rect.inner.x + 1, rect.inner.y, Style(refusal == nil ? .dim : .warn),
                width: rect.inner.width - 1)
            return
        }
        let old = scene.isOld(curve)
        let points = curve.points.map { (x: 100 * $0.sparsity, y: $0.value) }
        let values = points.map(\.y) + [curve.now?.value, scene.snapshot.floor].compactMap { $0 }
        var chart = Chart(
            series: [Chart.Series(name: "", points: points, style: Style(.series1, dim: old))], x: ZerosAxis.whole,
            y: scene.figure.axis(values))
        if let floor = scene.snapshot.floor {
            chart.references = [Chart.Reference(y: floor, label: scene.figure.floorWord)]
        }
        chart.cursor = 100 * zeros(scene)
        chart.draw(into: &grid, rect.inner)
    }

    /// Of the layer, where the line stands.
    private static func zeros(_ scene: Scene) -> Double {
        guard let layer = scene.layer, layer.weights > 0 else { return 0 }
        let drafted = scene.state.draft == nil ? nil : scene.summary?.layers.first { $0.name == layer.name }?.keptDraft
        return 1 - Double(drafted ?? layer.kept) / Double(layer.weights)
    }

    /// How far it is, or what it is where the line stands; between two levels that is an estimate.
    private static func state(_ scene: Scene, _ curve: SensitivityAnswer?) -> String {
        if let progress = progress(scene) { return progress }
        return curve?.value(at: zeros(scene)).map { "line est \(scene.figure.short($0))" } ?? ""
    }

    /// "3 of 10" while levels are measured.
    static func progress(_ scene: Scene) -> String? {
        guard let underWay = scene.sensitivityUnderWay, scene.sensitivityQuery == underWay.query else { return nil }
        let seconds = scene.state.askedSeconds[.sensitivity].map { " \(Format.age(seconds: Double($0)))" } ?? ""
        return "\(underWay.done) of \(underWay.all)" + seconds
    }

    // MARK: Behind the columns

    /// What its height means, for the corner of the histogram.
    static func scale(_ scene: Scene) -> String? {
        guard !scene.state.threshold.ofAll else { return nil }
        guard let curve = scene.sensitivity, let range = range(curve) else { return progress(scene).map { "⠒ \($0)" } }
        let figure = scene.figure
        let words = "⠒ val \(figure.short(range.lowerBound))–\(figure.short(range.upperBound))"
        return progress(scene).map { "⠒ \($0)" } ?? words
    }

    private static func range(_ curve: SensitivityAnswer) -> ClosedRange<Double>? {
        let values = (curve.points.map(\.value) + [curve.now?.value].compactMap { $0 }).filter(\.isFinite)
        guard curve.points.count > 1, let low = values.min(), let high = values.max(), high > low else { return nil }
        return low...high
    }

    /// By the columns of a histogram: 0 at the bottom, 1 at the top.
    static func behind(_ scene: Scene, _ answer: HistogramAnswer) -> [BarHistogram.CurvePoint] {
        guard !scene.state.threshold.ofAll, let curve = scene.sensitivity, let range = range(curve) else { return [] }
        return curve.points.compactMap { point in
            guard point.value.isFinite, let threshold = point.threshold, let column = answer.column(of: threshold)
            else {
                return nil
            }
            return BarHistogram.CurvePoint(
                column: column, share: (point.value - range.lowerBound) / (range.upperBound - range.lowerBound))
        }
    }
}

extension Scene {
    /// The selected layer, and what the line ranks by.
    private var curveOf: SensitivityAnswer.Subject? {
        layer.map { SensitivityAnswer.Subject(layer: $0.name, ranking: lineDraft.ranking) }
    }

    /// What is being measured of it.
    var sensitivityUnderWay: SensitivityAnswer? { curveOf.flatMap(state.answers.curves.underWay) }

    /// The curve that is shown: the whole one there is, else what is known so far of the one under way.
    var sensitivity: SensitivityAnswer? { curveOf.flatMap(state.answers.curves.whole) ?? sensitivityUnderWay }

    /// What is to be measured of it; nil: nothing.
    var sensitivityQuery: SensitivityQuery? {
        guard let subject = curveOf,
            let mark = marked(known: state.answers.curves.whole(subject), underWay: sensitivityUnderWay)
        else { return nil }
        let query = SensitivityQuery(layer: subject.layer, ranking: subject.ranking, weights: mark)
        return state.answers.isStopped(.sensitivity(query)) ? nil : query
    }
}
