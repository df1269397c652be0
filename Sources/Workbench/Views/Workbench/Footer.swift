import Terminal
import Training

/// The last row: what can be done now, or the prompt.
enum Footer {
    static func draw(_ scene: Scene, into grid: inout CellGrid) {
        let row = Rect(x: 0, y: scene.size.height - 1, width: scene.size.width, height: 1)
        switch scene.state.prompt {
        case .confirm(let question, _):
            // Rows of its own, so that what would be lost is never cut off.
            grid.putAboveFooter(question, Style(.warn, bold: true))
            grid.put(" y does it; Enter and Esc leave all as it is", at: 0, row.y, Style(.key, bold: true))
        case .line(let subject, let editor, let problem):
            editor.draw(into: &grid, row, prompt: subject.prompt)
            let above = problem ?? subject.note(editor.text, scene)
            grid.putAboveFooter(above, problem == nil ? Style(.hint) : Style(.bad, bold: true))
        case nil: hints(scene, row, into: &grid)
        }
    }

    private static func hints(_ scene: Scene, _ row: Rect, into grid: inout CellGrid) {
        let way = ["quit", "help"].map { scene.key($0) }.joined(separator: "  ") + " "
        let end = row.width - Glyphs.width(way) - 2
        grid.put(way, endingAt: row.width, row.y, Style(.key, bold: true))
        let hints = hints(scene)
        // Two blanks between hints where all fit so, one where they do not, and then as many as do.
        func width(_ hint: (keys: String, words: String)) -> Int { Glyphs.width(hint.keys + hint.words) + 1 }
        let needed = hints.reduce(1) { $0 + width($1) + 2 }
        var x = 1
        for hint in hints {
            guard x + width(hint) <= end else { break }
            x = grid.put(hint.keys, at: x, row.y, Style(.key, bold: true))
            x = grid.put(" " + hint.words, at: x, row.y, Style(.hint))
            x += needed <= end ? 2 : 1
        }
    }

    /// The keys that stand together, and what they do: "jk layer".
    static func hints(_ scene: Scene) -> [(keys: String, words: String)] {
        let all = scene.commands.of(scene.state.view)
        let now = scene.commands.applying(in: scene)
        return (now.filter(\.leads) + now.filter { !$0.leads }).compactMap { verb in
            guard let words = verb.hint, verb.isHinted(scene) else { return nil }
            let keys = verb.hintOf.compactMap { name in all.first { $0.name == name }?.keys.first?.title }
            guard !keys.isEmpty else { return nil }
            // Brackets side by side would read as one sign, and names of keys as one name.
            let isApart = keys.contains("[") || keys.contains { $0.count > 1 }
            return (keys.joined(separator: isApart ? " " : ""), words)
        }
    }
}
