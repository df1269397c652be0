import Terminal
import Training

/// Where the panes of the Compare view stand. Drawing and the mouse read the same.
struct CompareLayout: ViewLayout {
    var charts: [Rect]
    /// Entries of the history; on a small screen what lies between two of them takes its place.
    var entries: Rect
    var difference: Rect?
    var runs: Rect
    var line: Int

    let showsLayers = false
    /// Entries and runs.
    let paneCount = 2

    init(_ scene: Scene) {
        let body = scene.body
        line = body.maxY - 1
        let area = body.droppingBottom(1)
        let isLarge = scene.size.isLarge
        let bands = area.rows([0, isLarge ? min(area.height / 2, scene.size.isHuge ? 22 : 15) : 9])
        let right = scene.size.isHuge ? 76 : isLarge ? 46 : 25
        let lower = bands[1].columns([0, right])
        entries = lower[0]
        guard isLarge else {
            charts = [bands[0]]
            runs = lower[1]
            return
        }
        charts = bands[0].columns([0, right])
        let parts = scene.size.isHuge ? lower[1].columns([0, 34]) : lower[1].rows([0, 6])
        difference = parts[0]
        runs = parts[1]
    }
}
