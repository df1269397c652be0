import Terminal
import Text
import Training

/// Runs that lie beside this one. Each has a letter, and is drawn where it is chosen; one on other data is marked, and is not.
enum RunsPane {
    static func draw(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        let inner = rect.inner
        let isFocused = scene.state.focusedPane == 1
        let runs = lettered(scene)
        let answer = scene.state.answers.latest(RunsQuery.self)?.reply
        grid.box(
            rect, title: "other runs (\(runs.count))", right: answer?.isWhole == false ? "newest" : "",
            focused: isFocused,
            footer: runs.contains { $0.run.otherData != nil }
                ? "≠ other data" : isFocused ? "\(scene.key("mark")) shows" : "")
        guard !runs.isEmpty else {
            let words = answer == nil ? "looking…" : "none beside this one"
            grid.put(words, at: inner.x + 1, inner.y, Style(.dim), width: inner.width)
            return
        }
        let first = max(0, min(scene.state.compare.run - inner.height / 2, runs.count - inner.height))
        for (row, (letter, run)) in runs.dropFirst(first).prefix(inner.height).enumerated() {
            let isSelected = isFocused && first + row == scene.state.compare.run
            let isOther = run.otherData != nil
            let isShown = !isOther && scene.state.compare.shown.contains(run.name)
            let last = run.points.last
            let figures = last.map { "\(Format.percent($0.sparsity)) \(scene.figure.short($0.figure))" } ?? ""
            let style = Style(isShown ? role(letter) : .text, bold: isSelected, dim: isOther)
            let sign = (isSelected ? "▸" : " ") + (isOther ? "≠" : isShown ? "✓" : " ") + "\(letter) "
            let x = grid.put(sign, at: inner.x, inner.y + row, style)
            let room = inner.maxX - x - Glyphs.width(figures) - 1
            grid.put(run.name.visible.end(room), at: x, inner.y + row, style, width: room)
            grid.put(figures, endingAt: inner.maxX, inner.y + row, style)
        }
    }

    /// The runs with their letters, the one written to last first.
    static func lettered(_ scene: Scene) -> [(letter: Unicode.Scalar, run: RunFigures)] {
        Array(zip("abcdefghijklmnopqrstuvwxyz".unicodeScalars, scene.otherRuns)).map { ($0, $1) }
    }

    static func role(_ letter: Unicode.Scalar) -> Role {
        [.series2, .series3, .good, .warn][Int(letter.value) % 4]
    }

    static func row(at y: Int, _ scene: Scene, _ rect: Rect) -> Int? {
        let count = lettered(scene).count
        let first = max(0, min(scene.state.compare.run - rect.inner.height / 2, count - rect.inner.height))
        let row = first + y - rect.inner.y
        return y >= rect.inner.y && y < rect.inner.maxY && row < count ? row : nil
    }
}
