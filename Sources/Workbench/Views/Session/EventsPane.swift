import Terminal
import Training

/// What the session said, newest first.
enum EventsPane {
    static func draw(_ scene: Scene, _ rect: Rect, focused: Bool, into grid: inout CellGrid) {
        let inner = rect.inner
        // A message takes as many rows as it needs: the end of one is often what helps.
        let messages = scene.snapshot.messages.reversed().map { (rows: rows($0, inner.width), style: $0.kind.style) }
        var first = max(0, min(scene.state.scroll[.session] ?? 0, messages.count - 1))
        // No rows are left empty while there are messages for them.
        while first > 0, messages[(first - 1)...].reduce(0, { $0 + $1.rows.count }) <= inner.height { first -= 1 }
        var y = inner.y
        var next = first
        while next < messages.count, y < inner.maxY {
            for row in messages[next].rows.prefix(inner.maxY - y) {
                grid.put(row, at: inner.x, y, messages[next].style, width: inner.width)
                y += 1
            }
            next += 1
        }
        let right = next - first < messages.count ? "\(first + 1)–\(next) of \(messages.count)" : ""
        grid.box(rect, title: "events", right: right, focused: focused)
        if messages.isEmpty { grid.put(" none yet", at: inner.x, inner.y, Style(.dim)) }
    }

    /// The step, and the text beside it.
    private static func rows(_ message: Message, _ width: Int) -> [String] {
        let step = Format.right(Format.count(message.step), 7) + " "
        let indent = String(repeating: " ", count: step.count)
        let lines = (message.kind.sign + message.text).wrapped(width - step.count)
        return lines.enumerated().map { ($0 == 0 ? step : indent) + $1 }
    }
}
