import Terminal

/// `?`: the keys of this view and of every view, from the one table of commands.
package enum Help {
    package typealias Row = HelpRow

    /// Every verb that has a key here, whether it can be done at the moment or not.
    package static func rows(for view: ViewID, _ commands: CommandTable = .standard) -> [Row] {
        let own = commands.of(view).filter { $0.view == view && !$0.keys.isEmpty }
        let every = commands.of(view).filter { $0.view == nil && !$0.keys.isEmpty }
        return [Row(keys: "", title: view.title)] + own.map(row) + [
            Row(keys: "mouse", title: "click, wheel zooms, drag pans or moves the line"),
            Row(keys: "", title: "Every view"),
        ] + every.map(row)
    }

    private static func row(_ verb: Verb) -> Row {
        Row(keys: verb.keys.map(\.title).joined(separator: " "), title: verb.title)
    }

    /// A row of the picture. What is too long for one goes on in the next.
    private struct Line {
        var keys = ""
        var title = ""
        var isHeading = false
    }

    /// How the rows stand in the body: columns side by side, each as wide and high.
    private struct Columns {
        private static let keysWidth = 16
        let count: Int
        let width: Int
        let height: Int
        let lines: [Line]

        /// As few and wide as all fits in, else as many as there is room for.
        init(_ scene: Scene) {
            let most = max(1, scene.body.width / 60)
            self =
                (1...most).lazy.map { Columns(scene, count: $0) }.first { $0.last == 0 } ?? Columns(scene, count: most)
        }

        private init(_ scene: Scene, count: Int) {
            let area = scene.body
            let width = (area.width - 4) / count
            self.count = count
            self.width = width
            height = max(1, area.height - 2)
            lines = (scene.state.help?.rows ?? Help.rows(for: scene.state.view, scene.commands)).flatMap {
                row -> [Line] in
                if row.keys.isEmpty { return [Line(title: row.title, isHeading: true)] }
                let keys = row.keys.wrapped(Columns.keysWidth)
                let title = row.title.wrapped(width - Columns.keysWidth - 3)
                return (0..<max(keys.count, title.count)).map {
                    Line(keys: $0 < keys.count ? keys[$0] : "", title: $0 < title.count ? title[$0] : "")
                }
            }
        }

        var shown: Int { count * height }
        var last: Int { max(0, lines.count - shown) }

        func draw(from offset: Int, at x: Int, _ y: Int, into grid: inout CellGrid) {
            for (index, line) in lines.dropFirst(offset).prefix(shown).enumerated() {
                let (column, row) = index.quotientAndRemainder(dividingBy: height)
                let x = x + column * width
                if line.isHeading {
                    grid.put(line.title, at: x, y + row, Style(.title, bold: true))
                } else {
                    grid.put(line.keys, at: x + 1, y + row, Style(.key, bold: true))
                    grid.put(line.title, at: x + 2 + Columns.keysWidth, y + row)
                }
            }
        }
    }

    /// The row that can be first at most, and rows on a page.
    static func extent(_ scene: Scene) -> (last: Int, page: Int) {
        let columns = Columns(scene)
        return (columns.last, columns.height)
    }

    static func draw(_ scene: Scene, into grid: inout CellGrid) {
        guard let help = scene.state.help else { return }
        let area = scene.body
        grid.fill(area)
        let columns = Columns(scene)
        let offset = max(0, min(help.offset, columns.last))
        let end = min(columns.lines.count, offset + columns.shown)
        let more = columns.last > 0 ? "\(offset + 1)–\(end) of \(columns.lines.count)  jk" : ""
        grid.box(
            area, title: help.rows == nil ? "keys" : "choices", right: more, focused: true,
            footer: "any other key closes")
        columns.draw(from: offset, at: area.x + 2, area.y + 1, into: &grid)
    }
}

extension WorkbenchState {
    mutating func turnHelp(_ key: Key, _ scene: Scene) -> [Effect] {
        let (last, page) = Help.extent(scene)
        func to(_ offset: Int) { help?.offset = max(0, min(last, offset)) }
        let offset = help?.offset ?? 0
        switch key {
        case .character("j"), .down: to(offset + 1)
        case .character("k"), .up: to(offset - 1)
        case .pageDown, .character(" "): to(offset + page)
        case .pageUp: to(offset - page)
        case .mouse(let event) where event.kind == .wheelDown: to(offset + 3)
        case .mouse(let event) where event.kind == .wheelUp: to(offset - 3)
        case .mouse: break
        default: help = nil
        }
        return []
    }
}
