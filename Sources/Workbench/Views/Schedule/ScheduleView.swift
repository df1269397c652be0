import Terminal
import Training

/// What the schedule asks for, beside what there is and what it costs; points of it are moved while the run is on.
enum ScheduleView: View {
    typealias State = ScheduleState
    typealias Layout = ScheduleLayout

    static let shortTitle = "Sched"

    static func draw(_ scene: Scene, into grid: inout CellGrid) {
        let layout = ScheduleLayout(scene)
        TargetPane.draw(scene, layout.chart, into: &grid)
        if let targets = layout.targets { FinalPane.draw(scene, targets, into: &grid) }
        PointList.draw(scene, layout.points, into: &grid)
        ForecastPane.draw(scene, layout.forecast, into: &grid)
        let line = bottomLine(scene)
        grid.putAboveFooter(line.text, line.style)
    }

    static func wants(_ scene: Scene) -> [Query] {
        guard scene.snapshot.schedule != nil, let target = scene.schedulePoints.last?.sparsity else { return [] }
        return [.targets(target)]
    }

    static func selected(_ scene: Scene) -> String {
        guard let schedule = scene.snapshot.schedule else { return "method \(scene.snapshot.method), no schedule" }
        let points = scene.schedulePoints.map { "\(Format.count($0.step)) \(Format.percent($0.sparsity)) %" }
        return "\(schedule.name): " + points.joined(separator: ", ")
    }

    static func back(_ state: inout WorkbenchState) -> Bool { false }

    private static func bottomLine(_ scene: Scene) -> (text: String, style: Style) {
        guard let schedule = scene.snapshot.schedule else {
            return ("method \(scene.snapshot.method) follows no schedule; :method chooses another", Style(.hint))
        }
        if let held = scene.snapshot.scheduleHeld { return ("the schedule holds \(held)", Style(.warn)) }
        let keys =
            "\(scene.key("point-left")) \(scene.key("point-right")) move, \(scene.key("type")) types, "
            + "\(scene.key("preset")) presets"
        if scene.state.schedule.draft != nil {
            let words = "DRAFT: the run follows the old line until \(scene.key("apply")). What is over is locked."
            // The footer has the keys too.
            let isWide = Glyphs.width(words + keys) + 2 < scene.size.width
            return (isWide ? "\(words) \(keys)" : words, Style(.draft))
        }
        let name = schedule.isDrawn ? "\(schedule.name), chosen in this run" : "\(schedule.name), of the recipe"
        return ("\(name). Points ahead can be moved: \(keys).", Style(.hint))
    }
}
