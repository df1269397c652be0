import Foundation
import Terminal
import Training

/// Every point measured so far: what zeros cost at once, and after a few steps.
enum PointsPane {
    static func draw(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        grid.box(rect, title: "val \(scene.figure.title) so far")
        var points: [Scatter.Point] = []
        let measured = scene.state.answers.measured
        let ordered = measured.enumerated().sorted { $0.element.trainedSteps < $1.element.trainedSteps }
        for (index, point) in ordered {
            let isDraft = point.draft == scene.state.draft
            let old = scene.isOld(point.now.step) || index < scene.state.answers.freshFrom
            points.append(
                Scatter.Point(
                    x: point.sparsity * 100, y: point.cut.value, glyph: point.trainedSteps == 0 ? "●" : "○",
                    style: Style(point.trainedSteps == 0 ? .series1 : .series2, bold: isDraft, dim: old)))
        }
        if let now = scene.readingNow {
            points.append(
                Scatter.Point(
                    x: scene.snapshot.sparsity * 100, y: now.value, glyph: "◆", label: "now",
                    style: Style(.accent, bold: true, dim: scene.isOld(now.step))))
        }
        let inner = rect.inner
        let legendWidth = 20
        legend(scene, inner, legendWidth, into: &grid)
        guard !points.isEmpty else {
            grid.put("nothing measured yet", at: inner.x + 1, inner.y + 1, Style(.dim))
            return
        }
        var scatter = Scatter(
            points: points, x: ZerosAxis.whole,
            y: scene.figure.axis(points.map(\.y) + (scene.snapshot.floor.map { [$0] } ?? [])))
        if let floor = scene.snapshot.floor { scatter.references = [Chart.Reference(y: floor, label: "")] }
        // The points are of whole networks, whatever the scope of the line.
        if scene.state.draft != nil, let summary = scene.summary, summary.total > 0 {
            scatter.cursor = 100 * (1 - Double(summary.keptDraft) / Double(summary.total))
        }
        scatter.draw(into: &grid, inner.droppingRight(legendWidth))
        grid.put("% zeros", at: inner.maxX - legendWidth + 1, inner.maxY - 1, Style(.dim))
    }

    private static func legend(_ scene: Scene, _ inner: Rect, _ width: Int, into grid: inout CellGrid) {
        let measured = scene.state.answers.measured
        let steps = measured.last { $0.trainedSteps > 0 }?.trainedSteps ?? scene.options.attemptSteps
        let counts = Set(measured.filter(\.isFinal).map(\.cut.count))
        let images = counts.count == 1 ? ", \(Format.count(counts.first!))" : ""
        let lines: [(String, Role)] = [
            ("● at once", .series1), ("○ after \(Format.count(steps)) steps", .series2),
            (measured.isEmpty ? "" : "all measured\(images)", .dim),
        ]
        for (row, line) in lines.enumerated() where row + 2 < inner.height {
            grid.put(line.0, at: inner.maxX - width + 1, inner.y + row + 1, Style(line.1), width: width - 1)
        }
    }
}
