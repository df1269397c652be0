import Terminal
import Text
import Training

extension Scene {
    /// The picture: a pure function of state, snapshot and size.
    package func draw() -> CellGrid {
        var grid = CellGrid(width: size.width, height: size.height)
        guard size.isEnough else {
            let sentence =
                "espalier needs \(Size.least.width)×\(Size.least.height), here are \(size.width)×\(size.height)"
            for (row, line) in sentence.wrapped(size.width).prefix(size.height).enumerated() {
                grid.put(line, at: 0, row, Style(.warn))
            }
            return grid
        }
        Header.draw(self, into: &grid)
        if snapshot.layers.isEmpty {
            Preparing.draw(self, into: &grid)
        } else {
            state.view.view.draw(self, into: &grid)
        }
        if let notice = state.notice {
            let style = notice.kind == .note ? Style(.accent, bold: true) : notice.kind.style.with(bold: true)
            // The end of an error is often what helps.
            grid.putAboveFooter(notice.kind.sign + notice.text, style)
        }
        Help.draw(self, into: &grid)
        Footer.draw(self, into: &grid)
        return grid
    }
}

/// Before the first snapshot: a picture at once, with no figure in it.
enum Preparing {
    static func draw(_ scene: Scene, into grid: inout CellGrid) {
        let area = scene.body
        grid.box(area, title: "preparing")
        let words = [scene.snapshot.recipe, scene.snapshot.network, scene.snapshot.data].filter { !$0.isEmpty }
        var doing = "… " + (scene.snapshot.preparation ?? "opening the run")
        let seconds = scene.state.waitedSeconds
        if seconds > 0 { doing += "   \(Format.duration(seconds: Double(seconds)))" }
        var lines = [doing.visible, scene.next, ""] + words.map(\.visible)
        if let notice = scene.snapshot.dataNotice { lines.append(notice) }
        lines += scene.snapshot.messages.suffix(8).map(\.text)
        for (row, line) in lines.flatMap({ $0.isEmpty ? [""] : $0.wrapped(area.width - 6) }).prefix(area.height - 4)
            .enumerated()
        {
            grid.put(line, at: area.x + 3, area.y + 2 + row, width: area.width - 6)
        }
    }
}
