import Terminal
import Training

/// The first row: the views, and always what the session does.
enum Header {
    static func draw(_ scene: Scene, into grid: inout CellGrid) {
        var x = 1
        for view in ViewID.tabs {
            let isOpen = view == scene.state.view
            let label = label(view, scene)
            let style = isOpen ? Style(.focus, bold: true) : Style(.dim)
            x = grid.put(isOpen ? "[\(label)]" : " \(label) ", at: x, 0, style)
        }
        if !scene.state.view.view.hasTab {
            x = grid.put("[\(scene.state.view.title)]", at: x, 0, Style(.focus, bold: true))
        }
        let snapshot = scene.snapshot
        var phase = snapshot.phase.label
        let step = snapshot.phase == .preparing ? "" : "step \(Format.count(snapshot.step))"
        let frozen = scene.state.frozen == nil ? "" : "FROZEN (\(scene.key("freeze")))"
        // What matters least is left out first where the row is narrow.
        let wordings = [
            [frozen, phase, step, snapshot.network, snapshot.data], [frozen, phase, step, snapshot.network],
            [frozen, phase, step], [frozen, phase], [],
        ]
        for var words in wordings {
            let isLast = words.isEmpty
            if isLast {
                // A layer's name may be longer than all there is room for; then it gives way to the step, too.
                let room = scene.size.width - x - 2 - (frozen.isEmpty ? 0 : Glyphs.width(frozen) + 1)
                let beside = room - Glyphs.width(step) - 1
                let isBeside = beside >= 12
                phase = String(phase.prefix(max(4, (isBeside ? beside : room) - 1))) + "…"
                words = [frozen, phase, isBeside ? step : ""]
            }
            let text = words.filter { !$0.isEmpty }
            let width = text.reduce(0) { $0 + Glyphs.width($1) + 1 }
            guard x + 1 + width <= scene.size.width || isLast else { continue }
            var at = scene.size.width - width
            for word in text {
                let style =
                    word == phase
                    ? Style(snapshot.phase.role, bold: true)
                    : word == frozen ? Style(.warn, reverse: true) : Style(.text)
                at = grid.put(word, at: at, 0, style) + 1
            }
            break
        }
    }

    private static func label(_ view: ViewID, _ scene: Scene) -> String {
        let isShort = scene.size.width < 100 && view != scene.state.view
        return "\(scene.key(view.rawValue)) \(isShort ? view.view.shortTitle : view.title)"
    }

    /// The view whose tab is under a column.
    static func tab(at column: Int, _ scene: Scene) -> ViewID? {
        var x = 1
        for view in ViewID.tabs {
            let width = Glyphs.width(label(view, scene)) + 2
            if column >= x && column < x + width { return view }
            x += width
        }
        return nil
    }
}
