import Sparsity
import Foundation
import Terminal
import Testing
import Training
import Views

/// What is typed behind `:method` and the others comes from the descriptors.
@Suite struct FormTests {
    private func typed(_ text: String, _ keys: Key...) -> Bench {
        var bench = Bench()
        bench.press(.character(":"))
        bench.type(text)
        for key in keys { bench.press(key) }
        return bench
    }

    @Test(arguments: [
        ("method gradual-magnitude", "method", "{name: gradual-magnitude}"),
        ("method proximal-l1 strength=0.001 end=9", "method", "{name: proximal-l1, strength: 0.001, end: 9}"),
        ("schedule cubic final=0.9 end=300 every=20", "schedule", "{name: cubic, final: 0.9, end: 300, every: 20}"),
        ("distribution uniform", "distribution", "{name: uniform}"), ("method recipe", "method", ""),
        // Blanks in brackets part nothing.
        (
            "distribution by-hand layers={fc1: 0.5, 'fc 2': 0.8} keep=[fc3, fc4]", "distribution",
            "{name: by-hand, layers: {fc1: 0.5, 'fc 2': 0.8}, keep: [fc3, fc4]}"
        ),
    ])
    func aChoiceIsSent(text: String, part: String, value: String) {
        #expect(typed(text, .enter).effects == [.send(.choose(part: part, value: value))])
    }

    @Test(arguments: [
        ("method nope", "no method “nope”: none"), ("method gradual-magnitude drop", "values are key=value"),
        ("schedule cubic final=2 end=300", "'final' of 'cubic' is 2; accepted: a number from 0"),
        ("schedule cubic final=0.9", "'cubic' needs 'end'"), ("criterion magnitude pp=3", "has no 'pp'"),
    ])
    func whatIsWrongIsSaidAndStaysInTheLine(text: String, words: String) {
        let bench = typed(text, .enter)
        #expect(bench.effects.isEmpty && bench.grid.text.contains(words), "\(bench.rows[22])")
        #expect(bench.rows[23].hasPrefix(" :" + text))
    }

    @Test func tabCompletesNamesAndValues() {
        #expect(typed("method grad", .tab).rows[23].hasPrefix(" :method gradual-magnitude"))
        #expect(typed("schedule cubic ev", .tab).rows[23].hasPrefix(" :schedule cubic every="))
        #expect(typed("schedule cubic ev", .tab, .tab).rows[23].hasPrefix(" :schedule cubic every=100"))
        #expect(
            typed("schedule cubic every=").grid.text.contains(
                "every: Steps from one update to the next; a whole number"))
        let note = typed("schedule cubic ").grid.text
        #expect(note.contains("Zhu & Gupta 2017, arXiv:1710.01878") && note.contains("every=100"))
    }

    @Test func unitsLeaveByWords() {
        #expect(typed("shrink chan", .tab).rows[23].hasPrefix(" :shrink channels"))
        #expect(typed("shrink channels sh", .tab, .tab).rows[23].hasPrefix(" :shrink channels share=0.5"))
        #expect(
            typed("shrink channels share=0.25 multiple=4", .enter).effects.first
                == .send(.shrink(Shrinking(.channels, share: 0.25, multiple: 4))))
        #expect(typed("shrink channels share=2", .enter).grid.text.contains("a number from 0.001 to 1"))
        #expect(typed("shrink recipe", .enter).grid.text.contains("no shrink “recipe”"))
        // X shows it first: Enter does what is typed, Esc nothing.
        var bench = Bench()
        for key in [Key.character("3"), .character("X")] { bench.press(key) }
        #expect(bench.rows[23].hasPrefix(" shrink: idle") && bench.grid.text.contains("what would be left"))
        // The sentence is whole at 80 columns.
        bench.press(.control("u"))
        let words = bench.rows[2...4].map { $0.dropFirst().prefix(51).trimmingCharacters(in: .whitespaces) }
        #expect(words.joined(separator: " ").hasPrefix("what is to go: Tab completes, ? explains, Esc leaves it"))
        bench.press(.escape)
        #expect(bench.effects.isEmpty && !bench.grid.text.contains("what would be left"))
        // What `u` takes back then is that, not a move of the line from before it.
        bench.press(.right)
        bench.press(.character("X"))
        bench.press(.enter)
        #expect(bench.effects.contains(.send(.shrink(Shrinking()))))
        bench.press(.character("u"))
        #expect(!bench.grid.text.contains("the draft is as it was"))
    }

    @Test func aQuestionMarkSaysWhatItDoes() {
        var bench = typed("schedule cubic ", .character("?"))
        #expect(bench.grid.text.contains("schedule cubic") && bench.grid.text.contains("Sparsity at begin"))
        // Any key closes it, and the line is as it was.
        bench.press(.character("x"))
        #expect(bench.rows[23].hasPrefix(" :schedule cubic") && !bench.rows[23].contains("x"))
        #expect(bench.state.help == nil && bench.state.prompt != nil)
    }

    /// Of each choice of each part: all is completed, explained and accepted with what stands where nothing is said.
    @Test func everyChoiceHasAForm() {
        var accepted = 0
        for part in Recipe.parts where Recipe.changeable.contains(part.key) {
            for option in part.options {
                let bench = typed("\(part.key) \(option.name) ", .character("?"))
                #expect(bench.state.help?.rows?.count == 2 + option.parameters.count, "\(option.name)")
                guard option.parameters.allSatisfy({ $0.fallback != nil || $0.isOptional }) else { continue }
                let sent = typed("\(part.key) \(option.name)", .enter).effects
                #expect(sent == [.send(.choose(part: part.key, value: "{name: \(option.name)}"))])
                accepted += 1
            }
        }
        #expect(accepted > 10)
    }
}
