import Foundation
import Testing
import Training

/// A run ends with the same bytes however many threads it has, and however often it was stopped or killed.
@Suite struct SameBytesTests {
    private static let gradual = """
        method: gradual-magnitude
        schedule: {name: cubic, final: 0.8, begin: 10, end: 45, every: 5}
        """

    @Test func threadsDoNotChangeAByte() throws {
        let folder = TemporaryFolder()
        for threads in 1...3 {
            try Play(digits(Self.gradual), in: folder("\(threads)"), threads: threads, interactive: false).end()
        }
        expectSame(folder("1"), folder("2"))
        expectSame(folder("1"), folder("3"))
        #expect(contents(folder("1/final.safetensors")) != nil)
    }

    @Test(arguments: ["gradual", "proximal", "static", "random", "drawn"])
    func stoppedAndResumedEndsTheSame(_ name: String) throws {
        let lines = [
            "gradual": Self.gradual,
            "proximal": "method: {name: proximal-l1, strength: 0.05, begin: 5, end: 50, drop-every: 7}",
            "static": "method: static-sparse\nschedule: {name: constant, final: 0.7}",
            "drawn": "method: static-sparse\nschedule: {name: constant, final: 0.98}\ncriterion: random",
            "random": Self.gradual + "\ncriterion: random",
        ][name]!
        let folder = TemporaryFolder()
        let recipe = try digits(lines)
        try Play(recipe, in: folder("whole"), interactive: false).end()
        for stop in [1, 12, 25, 40, 59] {
            let path = folder("stopped-\(stop)")
            guard case .stopped = try Play(recipe, in: path, interactive: false, [.init(stop, .stop)]).end() else {
                Issue.record("not stopped")
                return
            }
            try Play(in: path, threads: 2, interactive: false).end()
            expectSame(folder("whole"), path, "\(name), stopped at \(stop)")
        }
    }

    @Test func aRunThatWasKilledEndsTheSame() throws {
        let folder = TemporaryFolder()
        let points = [3, 11, 24, 26, 44, 58]
        try Play(
            digits(Self.gradual), in: folder("whole"), interactive: false,
            copies: points.map { ($0, folder("copy-\($0)")) }
        ).end()
        for point in points {
            try Play(in: folder("copy-\(point)"), interactive: false).end()
            expectSame(folder("whole"), folder("copy-\(point)"), "killed at \(point)")
        }
    }

    // MARK: What a person did

    /// Cuts, a cut undone and done again, a floor, A with its retraining (20 steps), training on past the end.
    private static let story: [Play.Cue] = [
        .init(8, .cut(keep(1500))),
        .init(14, .pause, .cut(keep(1000)), .undo, .redo, .trainOn(steps: nil)),
        .init(19, .setFloor(40), .cut(keep(300, "fc1"))),
        .init(22, .undo),  // Back at 19.
        .init(28, .cutAndRetrain(keep(700))),  // Until 48, then `onRetrained`.
        .init(55, .cut(keep(900)), .pause, .setFloor(nil), .trainOn(steps: nil)),
        .init(60, .trainOn(steps: 15)),
        .init(66, .cut(keep(400)), .undo, .redo),
        .init(75, .finish),
    ]

    @Test func aStoryWithCommandsIsReplayedToTheByte() throws {
        let folder = TemporaryFolder()
        let points = [9, 15, 20, 23, 27, 29, 40, 47, 50, 56, 61, 67, 74]
        let play = try Play(
            digits(), in: folder("whole"), Self.story, copies: points.map { ($0, folder("copy-\($0)")) },
            onRetrained: [.trainOn(steps: nil)])
        _ = try play.snapshot { $0.phase == .finished }
        try play.stop()
        #expect(play.messages.contains { $0.hasPrefix("retrained 20 steps") })
        for point in points {
            // What the person would do after the crash: everything that is not in the journal yet. The cue at 22 is
            // seen on the way to 23 and after; those before it are in the journal.
            let left = Self.story.filter { $0.step >= point }
            let copy = folder("copy-\(point)")
            let resumed = try Play(
                in: copy, threads: 2, left, onRetrained: point < 48 ? [.trainOn(steps: nil)] : [])
            _ = try resumed.snapshot { $0.phase == .finished }
            try resumed.stop()
            #expect(!resumed.messages.contains { $0.contains("does not match") }, "\(point)")
            expectSame(folder("whole"), copy, "killed at \(point)")
        }
    }

    @Test func aStoryStoppedAtManyPointsEndsTheSame() throws {
        let folder = TemporaryFolder()
        let whole = try Play(digits(), in: folder("whole"), Self.story, onRetrained: [.trainOn(steps: nil)])
        _ = try whole.snapshot { $0.phase == .finished }
        try whole.stop()
        // 15: in the middle of a stretch; 28 + 1: right after the cut of A; 35: in its retraining; 67: after a redo.
        for point in [9, 15, 29, 35, 56, 67] {
            let path = folder("stopped-\(point)")
            let first = Self.story.filter { $0.step < point } + [.init(point, .stop)]
            try Play(digits(), in: path, first, onRetrained: [.trainOn(steps: nil)]).end()
            let rest = try Play(
                in: path, Self.story.filter { $0.step >= point }, onRetrained: point < 48 ? [.trainOn(steps: nil)] : [])
            _ = try rest.snapshot { $0.phase == .finished }
            try rest.stop()
            expectSame(folder("whole"), path, "stopped at \(point)")
        }
    }

    /// Killed right after commands that no checkpoint knows, while paused: they are in the journal.
    @Test func commandsWhilePausedSurviveAKill() throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(), in: folder("a"), [.init(12, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        for command in [Command.cut(keep(1200)), .cut(keep(500)), .undo, .setFloor(50)] { try play.send(command) }
        let before = try play.snapshot { $0.floor == 50 }
        copyRun(folder("a"), to: folder("b"))
        let resumed = try Play(in: folder("b"))
        let after = try resumed.snapshot { $0.floor == 50 && $0.phase == .paused }
        #expect(after.step == 12 && after.nnz == before.nnz && after.nnz == 1200)
        #expect(after.history == before.history && after.undoDepth == 1 && after.redoDepth == 1)
        for play in [play, resumed] { try play.stop() }
        expectSame(folder("a"), folder("b"))
    }

    /// Nobody is there to press T: a run that a person left paused goes on and finishes.
    @Test func aPausedRunResumedWithoutAPersonFinishes() throws {
        let folder = TemporaryFolder()
        let cases: [(name: String, cues: [Play.Cue], step: Int, kept: Int)] = [
            ("paused", [.init(12, .pause)], 12, 2080), ("retrain", [.init(12, .cutAndRetrain(keep(900)))], 32, 900),
            (
                "trained on",
                [
                    .init(12, .pause, .trainOn(steps: nil)), .init(20, .pause, .checkpoint, .trainOn(steps: nil)),
                    .init(30, .pause),
                ],
                30, 2080
            ),
            ("out of steps", [.init(60, .cut(keep(900)))], 60, 900),
            ("longer", [.init(60, .trainOn(steps: 7))], 67, 2080),
        ]
        for (name, cues, step, kept) in cases {
            let path = folder(name)
            let play = try Play(digits(), in: path, cues)
            _ = try play.snapshot {
                $0.step == step && $0.nnz == kept && [.paused, .outOfSteps].contains($0.phase)
            }
            copyRun(path, to: path + " killed")
            try play.stop()
            for path in [path, path + " killed"] {
                guard case .finished = try Play(in: path, interactive: false).end(seconds: 20) else {
                    Issue.record("\(path) did not finish")
                    continue
                }
            }
            expectSame(path, path + " killed", name)
        }
    }

    /// A pause that the resumed session had already is passed over, not waited on for ever.
    @Test func openedPausedWithAJournalToGoThrough() throws {
        let folder = TemporaryFolder()
        let play = try Play(
            digits(), in: folder("a"), [.init(12, .pause, .cut(keep(1000)), .trainOn(steps: nil)), .init(18, .pause)])
        _ = try play.snapshot { $0.phase == .paused && $0.step == 18 }
        copyRun(folder("a"), to: folder("b"))
        try play.stop()
        let opened = try Play(in: folder("b"), startsPaused: true)
        let shown = try opened.snapshot { $0.phase == .paused }
        #expect(shown.step == 18 && shown.nnz == 1000)
        try opened.stop()
        expectSame(folder("a"), folder("b"))
    }

    /// A with `stop-after` trains beyond it; killed there, it goes on there.
    @Test func retrainingBeyondTheLastStepIsReplayed() throws {
        let folder = TemporaryFolder()
        let cues: [Play.Cue] = [.init(30, .cutAndRetrain(keep(900)))]
        let play = try Play(
            digits("stop-after: 30"), in: folder("a"), cues, copies: [(41, folder("b"))], onRetrained: [.cut(keep(500))]
        )
        _ = try play.snapshot { $0.phase == .outOfSteps && $0.nnz == 500 }
        copyRun(folder("a"), to: folder("c"))
        try play.stop()
        for (name, then) in [("b", [Command.cut(keep(500))]), ("c", [])] {
            let resumed = try Play(in: folder(name), onRetrained: then)
            let end = try resumed.snapshot { $0.phase == .outOfSteps && $0.nnz == 500 }
            #expect(end.step == 50)
            try resumed.stop()
            expectSame(folder("a"), folder(name), name)
        }
    }
}
