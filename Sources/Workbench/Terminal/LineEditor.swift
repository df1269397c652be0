/// A line being typed, for `e`, `/` and `:`; keys in, text out, no terminal.
package struct LineEditor: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case editing, accepted(String), cancelled
        /// Not a key for a line: the caller may use it, as Tab to complete.
        case ignored
    }

    private var characters: [Character]
    package private(set) var cursor: Int

    package init(_ text: String = "") {
        characters = Array(text)
        cursor = characters.count
    }

    package var text: String {
        get { String(characters) }
        set {
            characters = Array(newValue)
            cursor = characters.count
        }
    }

    /// Nobody types more; a paste is cut off there.
    private static let most = 1000

    package mutating func handle(_ key: Key) -> Outcome {
        switch key {
        case .enter: return .accepted(text)
        case .escape, .control("c"), .control("g"): return .cancelled
        case .character(let character): insert(String(character))
        case .paste(let text): insert(text)
        case .backspace, .control("h"):
            if cursor > 0 {
                cursor -= 1
                characters.remove(at: cursor)
            }
        case .delete, .control("d"):
            if cursor < characters.count { characters.remove(at: cursor) }
        case .left, .control("b"): cursor = max(0, cursor - 1)
        case .right, .control("f"): cursor = min(characters.count, cursor + 1)
        case .home, .control("a"): cursor = 0
        case .end, .control("e"): cursor = characters.count
        case .control("u"):
            characters.removeSubrange(0..<cursor)
            cursor = 0
        case .control("k"): characters.removeSubrange(cursor...)
        case .control("w"): removeWord()
        default: return .ignored
        }
        return .editing
    }

    private mutating func insert(_ text: String) {
        let new = text.prefix(max(0, LineEditor.most - characters.count))
        characters.insert(contentsOf: new, at: cursor)
        cursor += new.count
    }

    private mutating func removeWord() {
        var start = cursor
        while start > 0, characters[start - 1] == " " { start -= 1 }
        while start > 0, characters[start - 1] != " " { start -= 1 }
        characters.removeSubrange(start..<cursor)
        cursor = start
    }

    /// Draws prompt and line, scrolled so that the cursor is seen; the cursor is a cell in reverse.
    package func draw(into grid: inout CellGrid, _ rect: Rect, prompt: String, style: Style = .plain) {
        guard !rect.isEmpty else { return }
        grid.fill(rect.top(1), " ", style)
        let start = grid.put(prompt, at: rect.x, rect.y, Style(.accent, bold: true), width: rect.width)
        let room = rect.maxX - start
        guard room > 0 else { return }
        let first = max(0, cursor - room + 1)
        for (offset, character) in characters.dropFirst(first).prefix(room).enumerated() {
            grid.put(String(character), at: start + offset, rect.y, style, width: 1)
        }
        let x = start + cursor - first
        grid[x, rect.y].style = Style(.cursor, reverse: true)
    }
}
