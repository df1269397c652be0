import Foundation
import Testing
import Training

/// Method and schedule are changed while the run is on.
@Suite struct ChooseTests {
    private let gradual = """
        method: gradual-magnitude
        schedule: {name: cubic, final: 0.5, begin: 10, end: 40, every: 10}
        """
    private let linear = "{name: linear, final: 0.9, begin: 20, end: 50, every: 10}"

    private func paused(_ folder: TemporaryFolder) throws -> Play {
        let play = try Play(digits(gradual), in: folder("run"), [.init(20, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        return play
    }

    /// The same bytes after a crash in the middle, and on other threads.
    @Test func anotherScheduleIsFollowedFromTheNextStepOn() throws {
        let folder = TemporaryFolder()
        let cue = Play.Cue(15, .choose(part: "schedule", value: linear))
        let play = try Play(
            digits(gradual), in: folder("run"), [cue], copies: [(16, folder("early")), (32, folder("late"))])
        _ = try play.snapshot { $0.phase == .outOfSteps }
        let shown = try #require(play.session.latestSnapshot())
        #expect(shown.nnz == 208 && shown.schedule?.name == "linear" && shown.schedule?.isDrawn == true)
        #expect(play.messages.contains("schedule linear from here on"))
        try play.send(.finish)
        try play.stop()
        for (name, threads) in [("early", 1), ("late", 3)] {
            let again = try Play(in: folder(name), threads: threads)
            _ = try again.snapshot { $0.phase == .outOfSteps }
            try again.send(.finish)
            try again.stop()
            #expect(contents(again.run.final) == contents(play.run.final), "\(name)")
        }
        let threaded = try Play(digits(gradual), in: folder("threaded"), threads: 2, [cue])
        _ = try threaded.snapshot { $0.phase == .outOfSteps }
        try threaded.send(.finish)
        try threaded.stop()
        #expect(contents(threaded.run.final) == contents(play.run.final))
    }

    @Test func whatCannotBeIsRefused() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder)
        for (part, value, words) in [
            ("optimizer", "adam", "'optimizer' is none of method, schedule"), ("schedule", "{name: nope}", "nope"),
            ("schedule", "{name: linear, final: 0.9, begin: 30, end: 20}", "begin"), ("method", "[", "not changed"),
            ("criterion", "{name: magnitude, p: 3}", "has no 'p'"),
        ] {
            try play.send(.choose(part: part, value: value))
            let last = try #require(play.messages.last)
            #expect(last.hasPrefix("not changed: ") && last.contains(words), "\(last)")
        }
        try play.send(.choose(part: "schedule", value: "{name: cubic, final: 0.5, begin: 10, end: 40, every: 10}"))
        #expect(play.messages.last == "the schedule is so already")
        // Nothing of it is in the journal but as what failed, and the run goes on.
        try play.send(.trainOn(steps: nil))
        _ = try play.snapshot { $0.phase == .outOfSteps }
        try play.stop()
        let again = try Play(in: folder("run"))
        #expect(try again.snapshot { $0.phase == .outOfSteps }.nnz == 1040)
        try again.stop()
    }

    @Test func theRecipeComesBackAndUndoHasWhatThereWas() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder)
        func now() throws -> Snapshot { try #require(play.session.latestSnapshot()) }
        #expect(try now().schedule?.name == "cubic" && now().schedule?.isDrawn == false && now().schedule?.every == 10)
        try play.send(.choose(part: "method", value: "none"))
        #expect(try now().method == "none" && now().schedule == nil)
        try play.send(.choose(part: "method", value: ""))
        #expect(try now().method == "gradual-magnitude" && now().schedule?.name == "cubic")
        try play.send(.cut(keep(400)))
        try play.send(.choose(part: "schedule", value: linear))
        #expect(try now().schedule?.name == "linear")
        try play.send(.undo)
        #expect(try now().schedule?.name == "cubic")
        try play.send(.redo)
        #expect(try now().schedule?.name == "linear")
        let targets = try #require(try play.ask(.targets(0.9)).reply as? TargetsAnswer)
        #expect(targets.kept.reduce(0, +) == 208 && targets.fileBytes > 0)
        try play.stop()
    }
}
