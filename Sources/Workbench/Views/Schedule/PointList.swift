import Terminal
import Training

/// The points in words.
enum PointList {
    /// ① to ⑨, and a dot for those that come after.
    static func sign(_ index: Int) -> Unicode.Scalar {
        index < 9 ? Unicode.Scalar(0x2460 + UInt32(index))! : "●"
    }

    static func draw(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        let inner = rect.inner
        let points = scene.schedulePoints
        let held = scene.selectedPoint ?? 0
        let first = max(0, min(held - inner.height / 2, points.count - inner.height))
        let right =
            points.count > inner.height
            ? "\(first + 1)–\(min(points.count, first + inner.height)) of \(points.count)" : ""
        grid.box(rect, title: "points", right: right)
        for (row, point) in points.enumerated().dropFirst(first).prefix(inner.height) {
            let isHeld = row == held
            let words =
                (isHeld ? "▸" : " ") + "\(sign(row)) " + Format.right(Format.count(point.step), 9)
                + Format.right(Format.percent(point.sparsity, point.sparsity >= 0.99 ? 2 : 1), 8) + " %"
                + (scene.isLocked(point) ? "  over" : "")
            let style = Style(scene.isLocked(point) ? .dim : .text, bold: isHeld)
            grid.put(words, at: inner.x, inner.y + row - first, style, width: inner.width)
        }
        if points.isEmpty { grid.put("none", at: inner.x + 1, inner.y, Style(.dim)) }
    }

    static func point(at y: Int, _ scene: Scene, _ rect: Rect) -> Int? {
        let points = scene.schedulePoints
        let first = max(0, min((scene.selectedPoint ?? 0) - rect.inner.height / 2, points.count - rect.inner.height))
        let index = first + y - rect.inner.y
        return y >= rect.inner.y && y < rect.inner.maxY && points.indices.contains(index) ? index : nil
    }
}
