import Terminal

/// Where the rows of the page stand. Drawing, keys and the mouse read the same.
struct StartLayout {
    enum Line: Equatable {
        case heading(String)
        case entry(Int)
    }

    let size: Size
    var list: Rect
    /// All that is known of the selected entry, where there is room.
    var details: Rect?
    let entries: [StartEntry]
    let selected: Int
    /// Headings and entries, as far as they are seen.
    let lines: ArraySlice<Line>
    /// Entries on a page.
    var rows: Int { max(1, list.height - 3) }

    init(_ state: StartState, _ size: Size) {
        self.size = size
        // Below: what Enter does, and what was typed.
        var area = Rect(x: 0, y: 1, width: size.width, height: max(0, size.height - 3))
        if size.isLarge {
            details = area.right(size.isHuge ? 60 : 44)
            area = area.droppingRight(size.isHuge ? 60 : 44)
        }
        list = area
        entries = state.entries
        selected = max(0, min(state.index, entries.count - 1))
        var all: [Line] = []
        for (index, entry) in entries.enumerated() {
            if index == 0 || entries[index - 1].section != entry.section { all.append(.heading(entry.section)) }
            all.append(.entry(index))
        }
        let room = max(1, area.height - 2)
        let at = all.firstIndex(of: .entry(selected)) ?? 0
        let first = max(0, min(at - room / 2, all.count - room))
        lines = all[first..<min(all.count, first + room)]
    }

    func entry(at x: Int, _ y: Int) -> Int? {
        let row = y - list.y - 1
        guard list.inner.contains(x, y), row >= 0, row < lines.count else { return nil }
        if case .entry(let index) = lines[lines.startIndex + row] { return index }
        return nil
    }
}
