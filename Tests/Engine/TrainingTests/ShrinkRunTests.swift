import Foundation
import Graph
import Interchange
import Kernels
import Sparsity
import Testing
import Training

/// Units leave the network of a run that is on: it trains on in what is left, and goes back.
@Suite struct ShrinkRunTests {
    private static let network = """
        network:
          - {name: conv1, operator: convolution, channels: 8, kernel: 3, padding: 1}
          - {name: norm1, operator: batch-norm}
          - {operator: relu}
          - {operator: max-pool, kernel: 2}
          - {operator: flatten}
          - {name: fc1, operator: linear, outputs: 16}
          - {operator: relu}
          - {name: fc2, operator: linear, outputs: 10}
        """

    private static func recipe(_ lines: String = "", epochs: Int = 3) throws -> Recipe {
        try RecipeReader.read(
            """
            \(network)
            data: digits
            validation: 237
            batch: 60
            epochs: \(epochs)
            validate-every: 10
            checkpoint-every: 25
            audit: true
            optimizer: {name: sgd, momentum: 0.9, weight-decay: 0.001}
            \(lines)
            """, file: "digits", name: "digits")
    }

    private static let half = Command.shrink(Shrinking(.channels, share: 0.5))
    private static let cues: [Play.Cue] = [
        .init(12, .cut(keep(900))), .init(20, half), .init(31, .cut(keep(400))),
    ]

    /// A run to its end, with units that go at step 20.
    @Test func sameBytesOnTwoThreadsAndAfterKills() throws {
        let folder = TemporaryFolder()
        var copies: [(step: Int, path: String)] = []
        for step in [19, 20, 22, 27] { copies.append((step, folder("killed-\(step)"))) }
        let play = try Play(Self.recipe(), in: folder("run"), interactive: false, Self.cues, copies: copies)
        guard case .finished = try play.end() else { throw Play.TookTooLong() }
        #expect(play.messages.contains { $0.contains("shrunk to") })
        let wanted = try #require(contents(play.run.latest))
        let final = try #require(contents(play.run.final))
        let other = try Play(Self.recipe(), in: folder("two"), threads: 2, interactive: false, Self.cues)
        try other.end()
        #expect(contents(other.run.latest) == wanted && contents(other.run.final) == final)
        // Before the checkpoint that follows the removal, and after it.
        for (step, path) in copies {
            let resumed = try Play(in: path, interactive: false, Self.cues.filter { $0.step >= step })
            try resumed.end()
            #expect(contents(resumed.run.latest) == wanted, "killed at \(step)")
        }
        // What the run left is the smaller network, for everybody.
        let kept = try KeptNetwork.read(play.run.final)
        #expect(kept.layers.map(\.total) == [36, 8 * 4 * 16, 80])
        #expect(try Safetensors.metadata(play.run.latest)["graph"] != nil)
        let shown = try Play(in: folder("run"), looks: true)
        #expect(try shown.snapshot { $0.phase == .finished }.layers.map(\.rows) == [4, 8, 10])
        try shown.stop()
    }

    @Test func undoGivesTheSameBytesAndRedoTheOthers() throws {
        let folder = TemporaryFolder()
        let play = try Play(
            Self.recipe("floor: 1\nbalance: {on-miss: roll-back, keep-best: true}"), in: folder("run"),
            [.init(20, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        try play.send(.cut(keep(900)))
        try play.send(.checkpoint)
        let before = try play.state()
        let told = try #require(
            try play.ask(.shrink(Shrinking(.channels, share: 0.5))).reply as? ShrinkAnswer)
        #expect(told.layers.map(\.rowsLeft) == [4, 8, 10] && told.layers.map(\.weightsLeft) == [36, 512, 80])
        #expect(told.after.parameters < told.before.parameters && told.after.seconds != nil)
        try play.send(Self.half)
        #expect(try play.snapshot { $0.layers[0].rows == 4 }.history.last?.label.hasPrefix("shrunk to ") == true)
        // What a cut took and can still come back comes back in its new place.
        let answer = try #require(try play.ask(.summary(keep(600))).reply as? DraftSummary)
        #expect(answer.layers.map(\.total) == [36, 512, 80])
        #expect(try play.ask(.measure(keep(300))).reply is Training.Measurement)
        try play.send(.cut(keep(620)))
        try play.send(.undo)
        try play.send(.trainOn(steps: nil))
        _ = try play.snapshot { $0.step > 24 }
        try play.send(.pause)
        try play.send(.undo)
        try play.send(.checkpoint)
        let back = try play.state()
        #expect(back.layers == before.layers && back.parameters == before.parameters)
        #expect(try play.snapshot { $0.step == 20 }.layers.map(\.rows) == [8, 16, 10])
        #expect(try Safetensors.metadata(play.run.latest)["graph"] == nil)
        try play.send(.redo)
        #expect(try play.snapshot { $0.layers[0].rows == 4 }.step > 24)
        try play.stop()
        let again = try Play(in: folder("run"), startsPaused: true)
        // So small a network may have made all its steps before it was paused.
        let opened = try again.snapshot { $0.phase == .paused || $0.phase == .outOfSteps }
        #expect(opened.layers.map(\.rows) == [4, 8, 10])
        try again.send(.undo)
        #expect(try again.snapshot { $0.step == 20 }.layers.map(\.rows) == [8, 16, 10])
        try again.stop()
    }

    /// What does nothing goes, and the answers stay; every method's state follows.
    @Test(arguments: Methods.all.map { $0.descriptor.name })
    func methodsGoOn(_ name: String) throws {
        let recipe: Recipe
        let lines = """
            method: \(name)
            schedule: {name: linear, final: 0.6, from-step: 2, to-step: 30, every: 4}
            """
        do {
            recipe = try Self.recipe(lines, epochs: 2)
            try TrainingPlan(recipe).requireTrainable()
        } catch { return }
        let folder = TemporaryFolder()
        let play = try Play(
            recipe, in: folder("run"), interactive: false, [.init(20, Self.half)],
            copies: [(26, folder("killed"))])
        guard case .finished = try play.end() else { throw Play.TookTooLong() }
        #expect(play.messages.contains { $0.contains("shrunk to") })
        let resumed = try Play(in: folder("killed"), threads: 2, interactive: false)
        try resumed.end()
        #expect(contents(resumed.run.latest) == contents(play.run.latest))
    }

    @Test func whatCannotGoIsSaid() throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(), in: folder("run"), [.init(10, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        let journal = contents(play.run.journal)
        try play.send(.shrink(Shrinking()))
        #expect(play.messages.last?.hasPrefix("no unit can go") == true)
        try play.send(.shrink(Shrinking(.parameters, share: 0.001)))
        #expect(play.messages.last?.hasPrefix("not shrunk: parameters: 0.001 asked for") == true)
        #expect(contents(play.run.journal) == journal)
        // A clock never says the same twice: what it came to is written, and where it came to nothing, nothing is.
        try play.send(.shrink(Shrinking(.latency, share: 0.9)))
        let said = try #require(play.messages.last)
        let isRefused = said.hasPrefix("not shrunk: latency") || said.hasPrefix("no unit can go")
        let written = String(decoding: contents(play.run.journal) ?? [], as: UTF8.self)
        #expect(written.contains(#""target":"units""#) == !isRefused && !written.contains(#""target":"latency""#))
        try play.stop()
    }
}

/// A journal of an earlier version must be read by a later one.
@Suite struct ShrinkNameTests {
    @Test func namesInTheJournalStay() throws {
        let text = #"""
            {"shrink":{"_0":{"count":3,"isApproximate":false,"isGlobal":true,"multiple":4,"share":1,"target":"units"}}}
            """#
        let command = try JSONDecoder().decode(Command.self, from: Data(text.utf8))
        #expect(command == .shrink(Shrinking(.units, count: 3, isGlobal: true, multiple: 4)))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(command), as: UTF8.self) == text)
        #expect(
            Shrinking.Target.allCases.map(\.rawValue)
                == ["idle", "parameters", "multiply-adds", "channels", "latency", "units"])
    }
}
