import Foundation
import Terminal
import Training

/// The weights by size, with the line that is applied and the line of the draft.
enum HistogramPane {
    static func query(_ scene: Scene, _ rect: Rect) -> HistogramQuery {
        let threshold = scene.state.threshold
        let scope = threshold.histogramScope(scene)
        return HistogramQuery(
            scope: scope, draft: scene.lineDraft, bins: max(1, BarHistogram.columnCount(in: rect.inner)),
            maximum: threshold.maximum(scope), logarithmic: threshold.logarithmic)
    }

    static func draw(_ scene: Scene, _ rect: Rect, focused: Bool, into grid: inout CellGrid) {
        let threshold = scene.state.threshold
        let scope = threshold.histogramScope(scene)
        let name = threshold.ofAll ? "all layers" : scene.layer?.name ?? ""
        let known = scene.state.answers.histogram
        let what =
            threshold.ranking.isEmpty
            ? "|w|" : ranks(scene) ?? "measuring…" + (scene.rankingShare.map { " \($0) %" } ?? "")
        let title = "\(name) \(what)  \(Format.count(scope.total(scene.snapshot)))"
        let axes =
            threshold.logarithmic ? (threshold.ranking.isEmpty ? "log |w|, log count" : "log both") : "log count"
        // What matters least is left out where there is no room.
        let scaled = (SensitivityPane.scale(scene).map { $0 + "  " } ?? "") + axes
        let right = Glyphs.width(title) + Glyphs.width(scaled) + 6 <= rect.width ? scaled : axes
        // The last answer stays while the next is under way, but never another layer's.
        guard let answer = known, answer.query.scope == scope,
            (answer.query.draft?.ranking ?? [:]) == threshold.ranking,
            answer.query.logarithmic == threshold.logarithmic
        else {
            grid.box(rect, title: title, right: right, focused: focused)
            return
        }
        let hasDraft = scene.state.draft != nil
        let legend = hasDraft ? "░ cut ▒ would go ▚ would return █ stays" : "░ cut █ stays"
        grid.box(rect, title: title, right: right, focused: focused, footer: scene.size.isLarge ? legend : "")
        var histogram = BarHistogram(
            columns: answer.stays.indices.map {
                [answer.cut[$0], answer.wouldGo[$0], answer.wouldReturn[$0], answer.stays[$0]]
            })
        histogram.ticks = [(0, number(answer.minimum))]
        func line(_ value: Float?, _ label: String, bold: Bool) {
            guard let value, let column = answer.column(of: value) else { return }
            histogram.lines.append(BarHistogram.Line(column: column, label: label, bold: bold))
            histogram.ticks.append((max(1, Int(column.rounded()) - 1), number(value)))
        }
        line(answer.appliedThreshold, "now", bold: false)
        if hasDraft { line(answer.draftThreshold, "draft", bold: true) }
        histogram.behind = SensitivityPane.behind(scene, answer)
        histogram.ticks.append((answer.stays.count - 4, number(answer.maximum) + "+"))
        histogram.draw(into: &grid, rect.inner)
    }

    /// By what was measured last, and when that was where the weights have moved on.
    private static func ranks(_ scene: Scene) -> String? {
        guard let ranking = scene.lineDraft.ranking, let known = scene.state.answers.rankings.whole(ranking) else {
            return nil
        }
        return known.words + (scene.isOld(known) ? " of step \(Format.count(known.step))" : "")
    }

    private static func number(_ value: Float) -> String {
        value == 0 ? "0" : Format.significant(Double(value), 2)
    }

    /// Where the columns are on the screen.
    static func plot(_ rect: Rect) -> Rect {
        let width = BarHistogram.columnCount(in: rect.inner)
        return Rect(x: rect.inner.maxX - width, y: rect.inner.y, width: width, height: rect.inner.height - 2)
    }
}

extension HistogramAnswer {
    var bins: Int { stays.count }

    /// The column of a value, as a fraction of one; beyond the end the last.
    func column(of value: Float) -> Double? {
        guard bins > 0, maximum > minimum, value.isFinite else { return nil }
        if query.logarithmic {
            guard minimum > 0, value > 0 else { return 0 }
            let share =
                Foundation.log(Double(value) / Double(minimum)) / Foundation.log(Double(maximum) / Double(minimum))
            return max(0, min(Double(bins - 1), share * Double(bins)))
        }
        return max(0, min(Double(bins - 1), Double(value - minimum) / Double(maximum - minimum) * Double(bins)))
    }

    /// The value at the left edge of a column.
    func value(atColumn column: Int) -> Float {
        let share = Double(max(0, min(bins, column))) / Double(max(1, bins))
        if query.logarithmic, minimum > 0 {
            return Float(Double(minimum) * Foundation.pow(Double(maximum) / Double(minimum), share))
        }
        return minimum + Float(share) * (maximum - minimum)
    }
}
