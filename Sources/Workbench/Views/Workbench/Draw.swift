import Terminal
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
            state.view.draw(self, into: &grid)
        }
        if let notice = state.notice {
            // As many rows as it takes, at most three: the end of an error is often what helps.
            let lines = (notice.kind.sign + notice.text).wrapped(size.width - 2).prefix(3)
            for (index, line) in lines.enumerated() {
                let y = size.height - 1 - lines.count + index
                grid.fill(Rect(x: 0, y: y, width: size.width, height: 1))
                let style = notice.kind == .note ? Style(.accent, bold: true) : notice.kind.style.with(bold: true)
                grid.put(" \(line)", at: 0, y, style, width: size.width)
            }
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
        var lines = [scene.next] + words
        if let notice = scene.snapshot.dataNotice { lines.append(notice) }
        lines += scene.snapshot.messages.suffix(8).map(\.text)
        for (row, line) in lines.prefix(area.height - 4).enumerated() {
            grid.put(line, at: area.x + 3, area.y + 2 + row, width: area.width - 6)
        }
    }
}

extension String {
    /// Broken at blanks into lines of at most so many columns.
    func wrapped(_ width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in split(separator: " ") {
            if !line.isEmpty, Glyphs.width(line) + 1 + Glyphs.width(String(word)) > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
