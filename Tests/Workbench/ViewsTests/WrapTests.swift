import Foundation
import Terminal
import Testing
import Training
import Views

/// Sentences go on in the next row; nothing a person has to read ends in `…`.
@Suite struct WrapTests {
    static let sizes = [Size(80, 24), Size(100, 30), Size(120, 40), Size(160, 45), Size(200, 60), Size(239, 60)]

    @Test(arguments: ViewID.allCases, sizes)
    func theHelpIsWhole(view: ViewID, size: Size) {
        var bench = Bench(Bench.small, size.width, size.height, view: view)
        bench.press(.character("?"))
        var seen: [String] = []
        // A row further each time, to the end.
        for _ in 0..<200 {
            let text = bench.grid.text
            // A word that was cut off ends so. One title has two of them, between blanks.
            #expect(!text.contains(/\S…/))
            if text == seen.last { break }
            seen.append(text)
            bench.press(.character("j"))
        }
        #expect(seen.count < 200)
        for row in Help.rows(for: view) {
            // Broken at blanks only: every word of it stands somewhere, and so does each of its keys.
            for word in (row.keys + " " + row.title).split(separator: " ") {
                #expect(seen.contains { $0.contains(word) }, "\(word) of \(row.title)")
            }
        }
        bench.press(.character("G"))
        #expect(bench.state.help == nil)
    }

    @Test(arguments: sizes)
    func promptsAreWhole(size: Size) {
        for (view, keys, end) in [
            (ViewID.threshold, "e", "Esc leaves it"), (.session, "/", "Esc shows all"),
            (.heat, "/", "before them goes to that layer"), (.session, ":", "help"),
        ] {
            var bench = Bench(Bench.small, size.width, size.height, view: view)
            bench.type(keys)
            #expect(!lastRows(bench).contains("…"), "\(keys)")
            #expect(lastRows(bench).contains(end), "\(keys)")
        }
    }

    /// The rows a prompt may take.
    private func lastRows(_ bench: Bench) -> String {
        bench.rows.suffix(5).map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
    }

    /// A word or a number that was cut off ends in `…`; what is waited for does so too, and a name may begin with it.
    @Test(arguments: ViewID.allCases, [Size(80, 24), Size(120, 40)])
    func noLineIsCut(view: ViewID, size: Size) {
        var bench = Bench(Bench.small, size.width, size.height, view: view)
        bench.port.edit { snapshot in
            let points = [(0, 0.0), (5000, 0.8), (9000, 0.95)].map { SchedulePoint(step: $0.0, sparsity: $0.1) }
            snapshot.schedule = ScheduleStatus(name: "cubic", isDrawn: false, points: points, curve: points, every: 100)
            snapshot.messages = [
                Message(kind: .warning, text: "fc2 has 12 dead units of 100 since step 4,000", step: 7)
            ]
        }
        for phase in [Snapshot.Phase.training, .retraining(done: 120, of: 430), .outOfSteps] {
            bench.port.edit { $0.phase = phase }
            bench.state.observe(bench.snapshot)
            for keys in ["", "]]k", "l", "t", "m", "sl"] {
                bench.type(keys)
                let cut = bench.rows.filter { row in
                    row.utf8.contains(0xE2) && row.contains("…")
                        && row.matches(of: /[\w.,;:)]+…/).contains {
                            !["measuring…", "trying…", "timing…"].contains($0.output)
                        }
                }
                #expect(cut.isEmpty, "\(phase) \(keys): \(cut)")
            }
        }
    }

    @Test func aQuestionIsWhole() {
        var bench = Bench()
        bench.port.edit { snapshot in
            snapshot.stepsLostByUndo = 1_234_567
            snapshot.history[snapshot.history.count - 1].label = "cut 95.0 % of convolution-of-the-fourth-stage.0.conv1"
        }
        bench.press(.character("u"))
        #expect(lastRows(bench).contains("1,234,567 steps go back, Ctrl-R brings them again. y does it"))
    }

    @Test(arguments: sizes)
    func messagesAreWhole(size: Size) {
        let words = (1...40).map { "word\($0)" }
        let path = String(repeating: "abcdefghi/", count: 20) + "end"
        var bench = Bench(Bench.small, size.width, size.height)
        bench.port.edit {
            $0.messages.append(Message(kind: .error, text: words.joined(separator: " ") + " " + path, step: 7))
        }
        bench.state.observe(bench.snapshot)
        let text = bench.grid.text
        for word in words { #expect(text.contains(word)) }
        // A word that is wider than the screen is broken where it must.
        #expect(text.split(whereSeparator: \.isWhitespace).joined().contains(path))
        // In the pane of events, where there is room for one, a sentence takes its rows too.
        guard size.width >= 120 else { return }
        bench = Bench(Bench.small, size.width, size.height)
        bench.port.edit { $0.messages = [Message(kind: .note, text: words.prefix(14).joined(separator: " "), step: 7)] }
        for word in words.prefix(14) { #expect(bench.grid.text.contains(word), "\(word)") }
    }
}
