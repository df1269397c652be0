import Foundation
import Sparsity
import Testing
import Training

/// A method that keeps arrays for each weight is taken up and left in the middle of a run.
@Suite struct MethodSwitchTests {
    private let gradual = """
        method: gradual-magnitude
        schedule: {name: cubic, final: 0.5, begin: 10, end: 40, every: 10}
        """

    private func journal(_ play: Play) -> String { String(decoding: contents(play.run.journal) ?? [], as: UTF8.self) }

    private func choose(_ value: String) -> Command { .choose(part: "method", value: value) }

    /// The same bytes after a crash in the middle, and on other threads.
    @Test(arguments: [
        "{name: str, end: 40, strength: 0.01}", "{name: l0, end: 40, strength: 0.001}",
        "{name: variational-dropout, end: 40}", "{name: movement}", "{name: top-kast, end: 40, every: 5}",
        "{name: network-surgery, end: 40}", "{name: iterative, every: 25, rewind: 18, rounds: 3}",
        "{name: ac-dc, phase: 8, end: 50}",
    ])
    func anyMethodIsTakenUp(method: String) throws {
        let folder = TemporaryFolder()
        let cues: [Play.Cue] = [.init(12, choose(method)), .init(45, choose("{name: str, end: 55}"))]
        func finished(_ play: Play) throws -> [UInt8]? {
            _ = try play.snapshot { $0.phase == .outOfSteps }
            try play.send(.finish)
            try play.stop()
            return contents(play.run.final)
        }
        let play = try Play(digits(gradual), in: folder("run"), cues, copies: [(48, folder("killed"))])
        let final = try finished(play)
        #expect(!play.messages.contains { $0.hasPrefix("not changed") }, "\(play.messages)")
        // From the checkpoint of step 25, in the middle of the method, through the second switch.
        #expect(try finished(Play(in: folder("killed"), threads: 3)) == final)
        #expect(try finished(Play(digits(gradual), in: folder("threaded"), threads: 2, cues)) == final)
    }

    /// Random numbers of gates follow from the gates that there are now, before a crash and after it.
    @Test func gatesMayBecomeOthers() throws {
        let folder = TemporaryFolder()
        let cues = ["weight", "output"].enumerated().map { number, gate in
            Play.Cue(5 + 5 * number, choose("{name: l0, end: 55, gate: \(gate)}"))
        }
        func finished(_ play: Play) throws -> [UInt8]? {
            _ = try play.snapshot { $0.phase == .outOfSteps }
            try play.send(.finish)
            try play.stop()
            return contents(play.run.final)
        }
        let final = try finished(Play(digits(), in: folder("run"), cues, copies: [(30, folder("killed"))]))
        #expect(try final != nil && finished(Play(in: folder("killed"))) == final)
    }

    private func paused(_ folder: TemporaryFolder, _ lines: String, at step: Int = 20) throws -> Play {
        let play = try Play(digits(lines), in: folder("run"), [.init(step, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        return play
    }

    /// The network answers as before; it begins now, and an undo has what there was.
    @Test func itBeginsWithTheWeightsThatThereAre() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder, gradual)
        try play.send(.checkpoint)
        let before = try play.state()
        try play.send(choose("{name: str, end: 50, initial: -3}"))
        try play.send(.checkpoint)
        let after = try play.state()
        #expect(journal(play).contains("begin: 20"))
        #expect(play.session.latestSnapshot()?.history.last?.label == "method str")
        let threshold = Float(1 / (1 + exp(3.0)))
        for (old, new) in zip(before.layers, after.layers) {
            #expect(new.arrays.values == old.arrays.values && new.arrays.indices == old.arrays.indices)
            #expect(new.arrays.slots.count == 2 && new.arrays.slots[0] == old.arrays.slots[0])
            for (latent, value) in zip(new.arrays.slots[1], new.arrays.values) where value != 0 {
                #expect(abs(abs(latent) - abs(value) - threshold) < 1e-6 && (latent > 0) == (value > 0))
            }
        }
        try play.send(.undo)
        try play.send(.checkpoint)
        let back = try play.state()
        #expect(back.layers == before.layers && play.session.latestSnapshot()?.method == "gradual-magnitude")
        try play.send(.redo)
        try play.send(.checkpoint)
        #expect(try play.state().layers == after.layers && play.session.latestSnapshot()?.method == "str")
        // A draft is tried and cut with what the method keeps.
        let tried = try #require(try play.ask(.attempt(keep(300), steps: 3)).reply as? Training.Measurement)
        #expect(tried.kept == 300)
        try play.send(.cut(keep(300)))
        try play.send(.trainOn(steps: nil))
        _ = try play.snapshot { $0.phase == .outOfSteps }
        try play.stop()
    }

    /// One that is changed goes on from where it began.
    @Test func otherValuesDoNotBeginAnew() throws {
        let folder = TemporaryFolder()
        let play = try Play(
            digits(), in: folder("run"), [.init(10, choose("{name: l0, end: 50}")), .init(20, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        try play.send(choose("{name: l0, end: 55, strength: 0.01}"))
        #expect(journal(play).components(separatedBy: "begin: 10,").count == 3)
        #expect(play.session.latestSnapshot()?.undoDepth == 1)
        try play.stop()
    }

    @Test func whatCannotBeginNowSaysWhy() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder, "")
        let schedule = Command.choose(part: "schedule", value: "{name: constant, final: 0.5}")
        try play.send(schedule)
        // A method's own criterion comes with it and goes with it.
        try play.send(choose("{name: movement}"))
        #expect(play.messages.suffix(2) == ["method movement from here on", "criterion movement with it"])
        try play.send(choose("{name: none}"))
        #expect(play.messages.suffix(2) == ["method none from here on", "criterion magnitude with it"])
        for (method, words) in [
            ("{name: rigl}", "'rigl' starts sparse"), ("{name: static-sparse}", "'static-sparse' starts sparse"),
            ("{name: str, end: 20}", "end"), ("{name: l0, begin: 5, end: 12}", "end"),
            ("{name: iterative, every: 30, rewind: 20}", "goes back to step 20, which is past"),
        ] {
            try play.send(choose(method))
            let last = try #require(play.messages.last)
            #expect(last.hasPrefix("not changed: ") && last.contains(words), "\(last)")
        }
        // Once something is cut it has what it exchanges.
        try play.send(.cut(keep(1000)))
        try play.send(choose("{name: rigl}"))
        #expect(play.messages.last == "method rigl from here on" && play.session.latestSnapshot()?.undoDepth == 3)
        try play.stop()
    }
}
