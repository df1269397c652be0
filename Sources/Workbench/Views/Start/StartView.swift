import Terminal
import Text

extension StartState {
    /// The picture: a pure function of state and size.
    package func draw(_ size: Size) -> CellGrid {
        var grid = CellGrid(width: size.width, height: size.height)
        guard size.isEnough else {
            let sentence =
                "espalier needs \(Size.least.width)×\(Size.least.height), here are \(size.width)×\(size.height)"
            for (row, line) in sentence.wrapped(size.width).prefix(size.height).enumerated() {
                grid.put(line, at: 0, row, Style(.warn))
            }
            return grid
        }
        let layout = StartLayout(self, size)
        header(size, into: &grid)
        list(layout, into: &grid)
        if let details = layout.details { self.details(layout, details, into: &grid) }
        footer(layout, into: &grid)
        if help { keys(layout, into: &grid) }
        return grid
    }

    private func header(_ size: Size, into grid: inout CellGrid) {
        let x = grid.put("[Start]", at: 1, 0, Style(.focus, bold: true))
        let words =
            isSearching ? "… LOOKING" : findings.isWhole ? "" : "not all was looked at"
        let room = size.width - x - 2 - (words.isEmpty ? 0 : Glyphs.width(words) + 2)
        let at = grid.put(folder.visible.end(room), at: x + 1, 0, Style(.text), width: room)
        if !words.isEmpty { grid.put(words, at: max(at + 2, size.width - Glyphs.width(words) - 1), 0, Style(.accent)) }
    }

    private var question: String {
        switch stage {
        case .first: "what to open"
        case .data(let model): "data for \(model.visible.end(40))"
        case .network(let data, _): "a network for \(data.visible.end(40))"
        }
    }

    private func list(_ layout: StartLayout, into grid: inout CellGrid) {
        let rect = layout.list
        let count = layout.entries.count
        let shown = layout.lines.count { if case .entry = $0 { true } else { false } }
        grid.box(
            rect, title: question, right: shown < count ? "\(layout.selected + 1) of \(count)" : "", focused: true)
        let inner = rect.inner
        guard count > 0 else {
            let words =
                editor.text.isEmpty ? isSearching ? "…" : "nothing was found here" : "nothing has these letters"
            grid.put(words, at: inner.x + 1, inner.y, Style(.dim))
            return
        }
        let longest = layout.entries.map { Glyphs.width($0.name) }.max() ?? 0
        let name = min(longest, max(24, inner.width / 3))
        for (row, line) in layout.lines.enumerated() {
            let y = inner.y + row
            switch line {
            case .heading(let words): grid.put(words, at: inner.x, y, Style(.title, bold: true), width: inner.width)
            case .entry(let index):
                draw(layout.entries[index], isSelected: index == layout.selected, name, inner, y, into: &grid)
            }
        }
    }

    private func draw(
        _ entry: StartEntry, isSelected: Bool, _ name: Int, _ inner: Rect, _ y: Int, into grid: inout CellGrid
    ) {
        let style = isSelected ? Style(.text, bold: true) : Style(.text)
        grid.put((isSelected ? "▸ " : "  ") + entry.name.end(name), at: inner.x, y, style, width: name + 2)
        let age = entry.age.map { "\(Format.age(seconds: $0)) ago" } ?? ""
        let end = inner.maxX - (age.isEmpty ? 0 : Glyphs.width(age) + 2)
        var x = inner.x + name + 4
        // Whole facts, but for the last, of which the beginning is better than nothing.
        for fact in entry.facts {
            guard x + Glyphs.width(fact) <= end else {
                if end - x > 16 { grid.put(fact, at: x, y, Style(.dim), width: end - x) }
                break
            }
            x = grid.put(fact, at: x, y, isSelected ? Style(.text) : Style(.dim)) + 2
        }
        if !age.isEmpty { grid.put(age, endingAt: inner.maxX, y, Style(.dim)) }
    }

    private func details(_ layout: StartLayout, _ rect: Rect, into grid: inout CellGrid) {
        grid.box(rect, title: "what it is")
        guard layout.entries.indices.contains(layout.selected) else { return }
        let entry = layout.entries[layout.selected]
        let inner = rect.inner
        var lines = entry.name.wrapped(inner.width - 2).map { ($0, Style(.text, bold: true)) } + [("", Style())]
        for fact in entry.facts { lines += fact.wrapped(inner.width - 2).map { ($0, Style(.text)) } }
        if let age = entry.age { lines += [("", Style()), ("written \(Format.age(seconds: age)) ago", Style(.dim))] }
        for (row, line) in lines.prefix(inner.height).enumerated() {
            grid.put(line.0, at: inner.x + 1, inner.y + row, line.1, width: inner.width - 2)
        }
    }

    private func footer(_ layout: StartLayout, into grid: inout CellGrid) {
        let size = layout.size
        let y = size.height - 1
        if let entry = layout.entries.isEmpty ? nil : layout.entries[layout.selected] {
            grid.put(" Enter \(entry.deed).", at: 0, y - 1, Style(.accent), width: size.width)
        } else if case .data = stage {
            grid.put(" Type the path of the data.", at: 0, y - 1, Style(.accent), width: size.width)
        }
        if isTyping || !editor.text.isEmpty {
            editor.draw(into: &grid, Rect(x: 0, y: y, width: size.width, height: 1), prompt: " /")
            grid.put("Esc shows all ", endingAt: size.width, y, Style(.hint))
        } else {
            var x = 1
            for command in StartCommand.all {
                guard let hint = command.hint else { continue }
                let keys = command.keys[0] == .down ? "↑↓" : command.keys[0].title
                x = grid.put(keys, at: x, y, Style(.key, bold: true))
                x = grid.put(" " + hint, at: x, y, Style(.hint)) + 2
            }
            grid.put("q  ? ", endingAt: size.width, y, Style(.key, bold: true))
        }
        if let problem { grid.putAboveFooter("✗ " + problem.visible, Style(.bad, bold: true)) }
    }

    private func keys(_ layout: StartLayout, into grid: inout CellGrid) {
        let area = Rect(x: 0, y: 1, width: layout.size.width, height: layout.size.height - 2)
        grid.fill(area)
        grid.box(area, title: "keys", focused: true, footer: "any key closes")
        for (row, command) in StartCommand.all.enumerated() {
            let keys = command.keys.map(\.title).joined(separator: " ")
            grid.put(keys, at: area.x + 3, area.y + 1 + row, Style(.key, bold: true))
            grid.put(command.title, at: area.x + 24, area.y + 1 + row, width: area.width - 26)
        }
    }
}
