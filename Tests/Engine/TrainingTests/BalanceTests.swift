import Foundation
import Testing
import Training

/// A floor with each of its answers, early stopping, and the network that is kept as the best.
@Suite struct BalanceTests {
    private static let steps =
        "method: gradual-magnitude\nschedule: {name: linear, final: 0.97, begin: 30, end: 90, every: 10}"

    private func recipe(_ balance: String, epochs: Int = 6, _ lines: String = steps) throws -> Recipe {
        try digits("balance: {\(balance)}\n" + lines, epochs: epochs)
    }

    // MARK: In a recipe

    @Test func theFloorMayStandInBalanceOrByItself() throws {
        let inside = try recipe("floor: 88, on-miss: roll-back, patience: 2")
        #expect(inside.floor == 88 && inside.balance.onMiss == .rollBack && inside.balance.patience == 2)
        let beside = try digits("floor: 88\nbalance: {on-miss: roll-back, patience: 2}\n" + Self.steps, epochs: 6)
        #expect(inside == beside)
        #expect(try RecipeReader.read(inside.yaml, file: "", name: "") == inside)
        // Without a word on it nothing is written, and a run of an earlier version is the same recipe.
        #expect(try !digits("floor: 88").yaml.contains("balance"))
        #expect(try digits("balance: {floor: 88}") == digits("floor: 88"))
    }

    @Test(arguments: [
        ("balance: {on-miss: wait}", "r:2: 'on-miss' of 'balance' is wait; accepted: one of hold, roll-back, stop"),
        ("balance: {foor: 3}", "r:2: 'balance' has no 'foor'; accepted: on-miss, patience, early-stop, keep-best"),
        (
            "balance: stop",
            "r:2: 'balance' must be a mapping, as in {floor: 90, on-miss: roll-back}; accepted: floor, "
                + "on-miss, patience, early-stop, keep-best"
        ),
        ("floor: 80\nbalance: {floor: 90}", "r:3: 'floor' stands twice: in 'balance', and by itself; accepted: once"),
        ("balance: {floor: low}", "r:2: 'floor' of 'recipe' is low; accepted: a number, 0.0 or more"),
    ])
    func whatDoesNotFitIsRefusedWithItsLine(lines: String, message: String) {
        let error = #expect(throws: RecipeError.self) {
            try RecipeReader.read("network: x\n" + lines, file: "r", name: "r")
        }
        #expect(error.map { "\($0)" } == message)
    }

    // MARK: Answers to a miss

    /// The cut to 97 % breaks this network: it is taken back, and the run ends with what kept the floor.
    @Test(arguments: ["roll-back", "stop"])
    func aCutThatBreaksTheFloorIsTakenBack(onMiss: String) throws {
        let folder = TemporaryFolder()
        let play = try Play(recipe("floor: 75, on-miss: \(onMiss)"), in: folder("run"), interactive: false)
        guard case .finished = try play.end() else {
            Issue.record("not finished")
            return
        }
        let snapshot = try #require(play.session.latestSnapshot())
        let last = try #require(play.metrics.last)
        #expect(last.floor == "met" && snapshot.missedFloor == nil)
        #expect(last.validationFigure! >= 75 && last.sparsity > 0.3 && last.sparsity < 0.96)
        let most = play.metrics.map(\.sparsity).max()!
        #expect(most > last.sparsity, "it was cut further before")
        let journal = try String(contentsOfFile: folder("run/journal.jsonl"), encoding: .utf8)
        if onMiss == "stop" {
            #expect(play.messages.count { $0.contains("the run ends at the last state that kept it") } == 1)
            #expect(last.step < 120 && journal.contains(#""kind":"stop""#))
        } else {
            #expect(play.messages.contains { $0.contains("is taken back") })
            #expect(last.step == 120 && journal.contains(#""kind":"roll-back""#))
            #expect(snapshot.history.contains { $0.label.hasPrefix("back to ") && $0.figure != nil })
        }
        // Files that nothing leads to are gone.
        let kept = try FileManager.default.contentsOfDirectory(atPath: folder("run/checkpoints"))
            .filter { $0.hasPrefix("floor-") }
        #expect(kept.count <= 1, "\(kept)")
    }

    @Test(arguments: ["roll-back", "stop", "roll-back, patience: 2", "hold, early-stop: 3"])
    func aKillChangesNoByte(onMiss: String) throws {
        let folder = TemporaryFolder()
        let points = [31, 52, 74, 93, 101]
        let whole = try Play(
            recipe("floor: 75, on-miss: \(onMiss)"), in: folder("whole"), interactive: false,
            copies: points.map { ($0, folder("copy-\($0)")) })
        try whole.end()
        for point in points where FileManager.default.fileExists(atPath: folder("copy-\(point)")) {
            _ = try Play(in: folder("copy-\(point)"), threads: 2, interactive: false).end()
            expectSame(folder("whole"), folder("copy-\(point)"), "\(onMiss), killed at \(point)")
        }
    }

    /// L1 drops zeros, which costs nothing: the shrinking before them does, and stands still under the floor.
    @Test func aMethodWithoutTargetsIsHeldAndTakenBackToo() throws {
        let folder = TemporaryFolder()
        let lines = "method: {name: proximal-l1, strength: 0.2, begin: 20, end: 110, drop-every: 10}"
        let play = try Play(recipe("floor: 87, on-miss: roll-back", lines), in: folder("run"), interactive: false)
        try play.end()
        let last = try #require(play.metrics.last)
        #expect(last.floor == "met" && last.sparsity > 0.05)
        #expect(play.messages.contains { $0.contains("is taken back") || $0.contains("the schedule holds") })
    }

    /// A floor that no look ever kept has nothing to go back to: it is said last.
    @Test func aFloorThatWasNeverKeptEndsMissed() throws {
        let folder = TemporaryFolder()
        let play = try Play(recipe("floor: 99.9, on-miss: stop"), in: folder("run"), interactive: false)
        try play.end()
        #expect(play.metrics.last?.floor == "missed" && play.metrics.last?.step == 120)
    }

    // MARK: The best

    @Test func earlyStopEndsAtTheBestAfterTheLastCut() throws {
        let folder = TemporaryFolder()
        let lines = "method: gradual-magnitude\nschedule: {name: linear, final: 0.5, begin: 30, end: 60, every: 10}"
        let play = try Play(recipe("early-stop: 2", epochs: 60, lines), in: folder("run"), interactive: false)
        try play.end()
        let last = try #require(play.metrics.last)
        #expect(last.step > 70 && last.step < 1200 && abs(last.sparsity - 0.5) < 0.01)
        // Looks after the last cut; the last line is of the end.
        let looks = play.metrics.filter { $0.validated && $0.step >= 60 && $0.step < last.step }
        #expect(last.validationFigure == looks.compactMap(\.validationFigure).max())
        #expect(play.messages.contains { $0.hasPrefix("no better figure in 2 looks: the run ends at its best") })
        let best = try KeptNetwork.read(folder("run/best.safetensors"))
        let final = try KeptNetwork.read(folder("run/final.safetensors"))
        #expect(best.layers.map(\.arrays) == final.layers.map(\.arrays))
    }

    @Test func theBestIsOfTheSparsityReached() throws {
        let folder = TemporaryFolder()
        let play = try Play(recipe("keep-best: true"), in: folder("run"), interactive: false)
        try play.end()
        let best = try KeptNetwork.read(folder("run/best.safetensors"))
        let live = best.layers.reduce(0) { $0 + $1.arrays.values.count }
        #expect(live == play.metrics.last?.nnz)
        #expect(best.step >= 90 && play.metrics.last?.step == 120)
    }
}
