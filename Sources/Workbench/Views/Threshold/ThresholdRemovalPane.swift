import Foundation
import Terminal
import Text
import Training

/// Before and after a removal, in the place of the histogram while it is typed.
enum ThresholdRemovalPane {
    static func draw(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        grid.fill(rect)
        grid.box(rect, title: "what would be left", focused: true)
        let inner = rect.inner
        var y = inner.y
        for (text, style) in lines(scene, inner.height, inner.width) where y < inner.maxY {
            grid.put(text, at: inner.x, y, style, width: inner.width)
            y += 1
        }
    }

    static func lines(_ scene: Scene, _ height: Int, _ width: Int) -> [(String, Style)] {
        guard let typed = ThresholdRemoval.typed(scene) else {
            return "what is to go: Tab completes, ? explains, Esc leaves it".wrapped(width).map { ($0, Style(.dim)) }
        }
        if let refusal = scene.state.answers.refusals[.shrink] {
            return refusal.wrapped(width).map { ($0, Style(.warn)) }
        }
        guard let answer = scene.state.answers.reply(to: ShrinkQuery(typed)) else {
            return [("counting…", Style(.dim))]
        }
        let old = scene.isOld(answer.step)
        func row(_ name: String, _ before: String, _ after: String, _ share: Double) -> (String, Style) {
            (
                Format.left(name, 14) + Format.right(before, 11) + " → " + Format.right(after, 11)
                    + Format.right(Format.percent(share) + " %", 9), Style(.text, dim: old)
            )
        }
        func share(_ before: Int, _ after: Int) -> Double { Double(after) / Double(max(1, before)) }
        let (before, after) = (answer.before, answer.after)
        var lines = [
            row(
                "parameters", Format.count(before.parameters), Format.count(after.parameters),
                share(before.parameters, after.parameters)),
            row(
                "multiply-adds", Format.count(before.multiplyAdds), Format.count(after.multiplyAdds),
                share(before.multiplyAdds, after.multiplyAdds)),
            row("file", Format.bytes(before.bytes), Format.bytes(after.bytes), share(before.bytes, after.bytes)),
        ]
        if let first = before.seconds, let second = after.seconds {
            lines.append(row("one image", time(first), time(second), second / first))
        } else {
            lines.append((Format.left("one image", 14) + "measuring…", Style(.dim)))
        }
        let units =
            "units: \(answer.idle) that do nothing" + (answer.chosen > 0 ? ", \(answer.chosen) for the target" : "")
            + (answer.idle + answer.chosen > 0 ? " go" : " could go")
        lines += units.wrapped(width).map { ($0, Style(.text)) }
        for sentence in answer.approximations + answer.stays {
            lines += sentence.wrapped(width).map { ($0, Style(.warn)) }
        }
        let changed = answer.layers.filter { $0.weights != $0.weightsLeft }
        let room = height - lines.count
        guard room > 1, !changed.isEmpty else { return lines }
        lines.append(("layer                 rows              weights", Style(.dim)))
        let shown = changed.count < room ? changed[...] : changed.prefix(max(0, room - 2))
        for layer in shown {
            lines.append(
                (
                    Format.left(layer.name.visible.end(13), 14)
                        + Format.right("\(layer.rows) → \(layer.rowsLeft)", 13) + "  "
                        + Format.right("\(Format.count(layer.weights)) → \(Format.count(layer.weightsLeft))", 20),
                    Style(.text, dim: old)
                ))
        }
        if shown.count < changed.count { lines.append(("… \(changed.count - shown.count) more", Style(.dim))) }
        return lines
    }

    private static func time(_ seconds: Double) -> String {
        seconds < 1e-3
            ? Format.significant(seconds * 1e6) + " µs" : Format.significant(seconds * 1e3) + " ms"
    }
}
