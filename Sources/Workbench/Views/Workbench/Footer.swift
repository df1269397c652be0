import Terminal
import Training

/// The last row: what can be done now, or the prompt.
enum Footer {
    static func draw(_ scene: Scene, into grid: inout CellGrid) {
        let row = Rect(x: 0, y: scene.size.height - 1, width: scene.size.width, height: 1)
        switch scene.state.prompt {
        case .confirm(let question, _):
            // A row of its own, so that what would be lost is never cut off.
            grid.fill(Rect(x: 0, y: row.y - 1, width: row.width, height: 1))
            grid.put(" \(question)", at: 0, row.y - 1, Style(.warn, bold: true), width: row.width)
            grid.put(" y does it; Enter and Esc leave all as it is", at: 0, row.y, Style(.key, bold: true))
        case .line(let subject, let editor, let problem):
            editor.draw(into: &grid, row, prompt: prompt(subject))
            let above = problem ?? note(subject, editor.text, scene)
            let y = row.y - 1
            grid.fill(Rect(x: 0, y: y, width: row.width, height: 1))
            grid.put(" \(above)", at: 0, y, problem == nil ? Style(.hint) : Style(.bad, bold: true), width: row.width)
        case nil: hints(scene, row, into: &grid)
        }
    }

    private static func prompt(_ subject: Prompt.Subject) -> String {
        switch subject {
        case .target: " zeros: "
        case .find: " /"
        case .cell: " go to out in: "
        case .command: " :"
        }
    }

    private static func note(_ subject: Prompt.Subject, _ text: String, _ scene: Scene) -> String {
        switch subject {
        case .target: "\(Target.forms)   (zeros, threshold, compression, weights kept, deviations)   Esc leaves it"
        case .find: "letters of a layer's name; Enter keeps the list, n N walk it, Esc shows all layers"
        case .cell: "output and input, counted from 0, as “178 373”; a layer's name before them goes to that layer"
        case .command: CommandLine.candidates(text, scene)
        }
    }

    private static func hints(_ scene: Scene, _ row: Rect, into grid: inout CellGrid) {
        let end = row.width - 7
        grid.put("q  ? ", endingAt: row.width, row.y, Style(.key, bold: true))
        let hints = Verb.applying(in: scene).compactMap(\.hint)
        // Two blanks between hints where all fit so, one where they do not, and then as many as do.
        let needed = hints.reduce(1) { $0 + Glyphs.width($1) + 2 }
        var x = 1
        for hint in hints {
            guard x + Glyphs.width(hint) <= end else { break }
            let parts = hint.split(separator: " ", maxSplits: 1).map(String.init)
            x = grid.put(parts[0], at: x, row.y, Style(.key, bold: true))
            x = grid.put(" " + (parts.count > 1 ? parts[1] : ""), at: x, row.y, Style(.hint))
            x += needed <= end ? 2 : 1
        }
    }
}
