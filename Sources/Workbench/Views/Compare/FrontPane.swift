import Terminal
import Training

/// The figure against what a network costs: this run's history, and other runs by their letters.
enum FrontPane {
    /// - Returns: where the points are.
    @discardableResult
    static func draw(
        _ entries: [ComparedEntry], _ cost: Cost, _ scene: Scene, _ rect: Rect, isFirst: Bool, into grid: inout CellGrid
    ) -> Plot? {
        let key = scene.key(isFirst ? "axis" : "second-axis")
        grid.box(
            rect, title: "\(scene.figure.title) against \(cost.title)",
            right: isFirst ? "● front ○ dominated ◆ now   \(key): \(cost.next.title)" : "\(key): \(cost.next.title)")
        let (points, x, y) = points(entries, cost, scene)
        guard !points.isEmpty else {
            grid.put("nothing measured yet", at: rect.x + 3, rect.y + rect.height / 2, Style(.dim))
            return nil
        }
        var scatter = Scatter(
            points: points, x: cost.axis(x, zoom: scene.state.compare.zoom), y: scene.figure.axis(y))
        if let floor = scene.snapshot.floor {
            scatter.references = [Chart.Reference(y: floor, label: scene.figure.floorWord)]
        }
        if let entry = scene.selectedEntry { scatter.cursor = cost.value(entry) }
        return scatter.draw(into: &grid, rect.inner)
    }

    private static func points(_ entries: [ComparedEntry], _ cost: Cost, _ scene: Scene) -> (
        points: [Scatter.Point], x: [Double], y: [Double]
    ) {
        var points: [Scatter.Point] = []
        let drawn = Set(scene.drawnRuns.map(\.name))
        for (letter, run) in RunsPane.lettered(scene) where drawn.contains(run.name) {
            for point in run.points {
                guard let x = cost.value(point) else { continue }
                points.append(
                    Scatter.Point(x: x, y: point.figure, glyph: letter, style: Style(RunsPane.role(letter))))
            }
        }
        let compare = scene.state.compare
        for entry in entries {
            guard let x = cost.value(entry), let y = entry.figure else { continue }
            let isMarked = compare.marked.contains(entry.event)
            let isNamed = isMarked || entry.event == scene.selectedEntry?.event
            points.append(
                Scatter.Point(
                    x: x, y: y, glyph: entry.isLive ? "◆" : entry.isOnFront ? "●" : "○",
                    label: isNamed ? "#\(entry.event)" : "",
                    style: Style(
                        entry.isLive ? .accent : isMarked ? .focus : .series1, bold: isNamed, dim: !entry.isCurrent)))
        }
        return (points, points.map(\.x), points.map(\.y) + (scene.snapshot.floor.map { [$0] } ?? []))
    }

    /// The entry nearest to a place of the screen.
    static func entry(
        at x: Int, _ y: Int, _ plot: Plot, _ entries: [ComparedEntry], _ cost: Cost
    ) -> ComparedEntry? {
        let places = entries.compactMap { entry -> (entry: ComparedEntry, distance: Int)? in
            guard let value = cost.value(entry), let figure = entry.figure, let column = plot.column(ofX: value),
                let row = plot.row(ofY: figure)
            else { return nil }
            // A row is as high as two columns are wide.
            return (entry, (column - x) * (column - x) + 4 * (row - y) * (row - y))
        }
        return places.min { $0.distance < $1.distance }?.entry
    }
}
