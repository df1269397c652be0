import Terminal
import Training

/// Where the panes of the Schedule view stand. Drawing and the mouse read the same.
struct ScheduleLayout: ViewLayout {
    var chart: Rect
    var targets: Rect?
    var points: Rect
    var forecast: Rect
    var line: Int

    let showsLayers = false
    let paneCount = 1

    init(_ scene: Scene) {
        let body = scene.body
        line = body.maxY - 1
        let area = body.droppingBottom(1)
        let isLarge = scene.size.isLarge
        let bands = area.rows([0, scene.size.isHuge ? 20 : isLarge ? 14 : 8])
        chart = bands[0]
        guard isLarge else {
            let columns = bands[1].columns([0, 38])
            points = columns[0]
            forecast = columns[1]
            return
        }
        let columns = bands[1].columns([0, 30, 40])
        targets = columns[0]
        points = columns[1]
        forecast = columns[2]
    }
}
