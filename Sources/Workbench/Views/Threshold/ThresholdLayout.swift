import Terminal
import Training

/// Where the panes of the Threshold view stand. Drawing and the mouse read the same.
struct ThresholdLayout: ViewLayout {
    var histogram: Rect
    /// The layer's curve with its axes, where there is room for it.
    var sensitivity: Rect?
    var draft: Rect
    var points: Rect
    var history: Rect
    var layers: Rect?
    /// Before and after the draft, where there is room for two maps.
    var maps: [Rect] = []
    var line: Int

    /// Histogram and history: the one has the line, the other is scrolled.
    var showsLayers: Bool { layers != nil }
    var paneCount: Int { 2 }

    init(_ scene: Scene) {
        line = scene.body.maxY - 1
        var area = scene.body.droppingBottom(1)
        if scene.size.isLarge {
            layers = area.left(34)
            area = area.droppingLeft(34)
        }
        let lowerHeight = scene.size.isHuge ? 20 : scene.size.isLarge ? 13 : 7
        let rightWidth = scene.size.isLarge ? 32 : 27
        let bands = area.rows([0, lowerHeight + (scene.size.isLarge ? 0 : max(0, scene.size.height - 26) / 3)])
        let upper = bands[0].columns([0, rightWidth])
        if scene.size.isLarge {
            let parts = upper[0].rows([0, scene.size.isHuge ? 14 : 9])
            (histogram, sensitivity) = (parts[0], parts[1])
        } else {
            histogram = upper[0]
        }
        draft = upper[1]
        let lower = bands[1].columns([0, rightWidth])
        history = lower[1]
        if scene.size.isHuge {
            let parts = lower[0].columns([lower[0].width * 2 / 5, 0, 0])
            points = parts[0]
            maps = Array(parts.dropFirst())
        } else {
            points = lower[0]
        }
    }
}
