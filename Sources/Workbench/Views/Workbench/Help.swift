import Terminal

/// How far the help was scrolled.
package struct HelpState: Sendable, Equatable {
    package var offset = 0
}

/// `?`: the keys of this view and of every view, from the one table of commands.
package enum Help {
    package struct Row: Sendable, Equatable {
        package var keys: String
        package var title: String
    }

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

    static func draw(_ scene: Scene, into grid: inout CellGrid) {
        guard let help = scene.state.help else { return }
        let area = scene.body
        grid.fill(area)
        let rows = rows(for: scene.state.view, scene.commands)
        let columnCount = max(1, area.width / 60)
        let perColumn = max(1, area.height - 2)
        let shown = perColumn * columnCount
        let offset = max(0, min(help.offset, rows.count - shown))
        let more = rows.count > shown ? "\(offset + 1)–\(min(rows.count, offset + shown)) of \(rows.count)  jk" : ""
        grid.box(area, title: "keys", right: more, focused: true, footer: "any other key closes")
        for (index, row) in rows.dropFirst(offset).prefix(shown).enumerated() {
            let x = area.x + 2 + index / perColumn * ((area.width - 4) / columnCount)
            let y = area.y + 1 + index % perColumn
            if row.keys.isEmpty {
                grid.put(row.title, at: x, y, Style(.title, bold: true))
            } else {
                grid.put(row.keys, at: x + 1, y, Style(.key, bold: true), width: 16)
                grid.put(row.title, at: x + 18, y, width: (area.width - 4) / columnCount - 19)
            }
        }
    }
}

extension WorkbenchState {
    mutating func turnHelp(_ key: Key, _ scene: Scene) -> [Effect] {
        let page = max(1, scene.size.height - 4)
        let last = max(0, Help.rows(for: view, scene.commands).count - page * max(1, scene.size.width / 60))
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
