import Terminal
import Training

/// Where the panes of the Session view stand. Drawing and the mouse read the same.
struct SessionLayout: ViewLayout {
    var charts: [Rect] = []
    var layers: Rect
    var map: Rect?
    var history: Rect?
    var events: Rect?
    var sizes: Rect?
    var facts: Rect

    /// Charts, layers, and where there is room for it the events, which are scrolled.
    var paneCount: Int { events == nil ? 2 : 3 }

    let showsLayers = true

    init(_ scene: Scene) {
        let body = scene.body
        facts = body.bottom(4)
        var panes = body.droppingBottom(4)
        if scene.size.isHuge {
            // All of a small network; of a larger one some layers around the selected one.
            let height = min(14, scene.rows.count + 8)
            sizes = panes.bottom(height)
            panes = panes.droppingBottom(height)
        }
        // Layers take what they need, charts what is left, but neither less than it can be read in.
        let wanted = scene.rows.count + 4
        let isLarge = scene.size.isLarge
        // Side by side with map, history and events, layers have the room those need.
        let least = isLarge ? 18 : 0
        let most = isLarge ? panes.height * 6 / 10 : panes.height - 9
        // A list that does not fit has all the room while it has the focus.
        let isWhole = !isLarge && wanted > most && scene.state.focusedPane == 1
        let lower = panes.bottom(isWhole ? panes.height : min(most, max(wanted, least)))
        let upper = panes.droppingBottom(lower.height)
        let chartCount = scene.size.isHuge ? 4 : isLarge ? 3 : 2
        charts = isWhole ? [] : upper.columns(Array(repeating: 0, count: chartCount))
        guard isLarge else {
            layers = lower
            return
        }
        let columns = lower.columns([0, scene.size.isHuge ? lower.width / 2 : 40])
        layers = columns[0]
        if scene.size.isHuge {
            let right = columns[1].columns([0, 0])
            map = right[0]
            let lists = right[1].rows([0, 0])
            history = lists[0]
            events = lists[1]
        } else {
            let right = columns[1].rows([0, 6, 6])
            map = right[0]
            history = right[1]
            events = right[2]
        }
    }

    /// The curves the charts show: the chosen one first, zeros always beside it.
    static func curves(_ chosen: Curve, count: Int) -> [Curve?] {
        let all = Curve.allCases
        let at = all.firstIndex(of: chosen)!
        let rotated: [Curve?] = all.indices.map { all[(at + $0) % all.count] }
        return Array(([rotated[0], nil] + rotated.dropFirst()).prefix(count))
    }
}
