import Foundation
import Graph
import Sparsity
import Testing
import Training

/// What a person does to a session that waits: exact counts, and everything back as it was.
@Suite struct CommandTests {
    private func paused(at step: Int = 20, _ folder: TemporaryFolder, _ lines: String = "") throws -> Play {
        let play = try Play(digits(lines), in: folder("run"), [.init(step, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        return play
    }
    private func now(_ play: Play) throws -> Snapshot { try #require(play.session.latestSnapshot()) }
    /// The state at hand, through a checkpoint.
    private func state(_ play: Play) throws -> TrainingState {
        try play.send(.checkpoint)
        return try play.state()
    }

    @Test func cutsKeepExactlyWhatWasAskedFor() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder)
        try play.send(.cut(keep(1000)))
        #expect(try now(play).nnz == 1000)
        try play.send(.cut(keep(50, "fc3")))
        let shown = try now(play)
        #expect(shown.layers[2].kept == 50 && shown.phase == .paused && shown.step == 20)
        #expect(shown.cuts.map(\.byHand) == [true, true] && shown.undoDepth == 2)
        try play.send(.cut(Draft(scope: .layer("fc1"), anchor: .threshold(0.2))))
        #expect(try state(play).layers[0].arrays.values.allSatisfy { abs($0) >= 0.2 })
        try play.stop()
    }

    @Test func loweringTheLineBringsWeightsBackAsTheyWere() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder)
        let before = try state(play).layers
        try play.send(.cut(keep(400)))
        try play.send(.trainOn(steps: nil))
        try play.send(.pause)
        let trained = try state(play).layers
        try play.send(.cut(keep(1900)))
        let after = try state(play).layers
        #expect(after.reduce(0) { $0 + $1.arrays.values.count } == 1900)
        for number in 0..<3 {
            let live = Set(trained[number].arrays.indices!)
            for (place, index) in (after[number].arrays.indices ?? []).enumerated() {
                let value = after[number].arrays.values[place], momentum = after[number].arrays.slots[0][place]
                if live.contains(index) {
                    let held = trained[number].arrays.indices!.firstIndex(of: index)!
                    #expect(value == trained[number].arrays.values[held])
                    #expect(momentum == trained[number].arrays.slots[0][held])
                } else {
                    #expect(value == before[number].arrays.values[index] && momentum == 0)
                }
            }
        }
        // More than there are: what can come back comes, and a sentence says the rest.
        try play.send(.cut(keep(5000)))
        #expect(try now(play).nnz == 2080)
        try play.stop()
    }

    @Test func whatWasSparseFromTheStartHasNothingToBringBack() throws {
        let folder = TemporaryFolder()
        let recipe = try digits()
        let plan = try TrainingPlan(recipe)
        let trainer = Trainer(plan, team: .init(size: 1))
        let flags = try #require(try trainer.changes(for: .cut(sparsity: 0.75)))
        trainer.apply(flags, event: 0)
        let run = try RunFolder.create(folder("run"), recipe: recipe)
        try Checkpoint(state: trainer.state()).write(to: run.latest, recipe: recipe.yaml)
        run.close()
        let play = try Play(in: folder("run"), startsPaused: true)
        _ = try play.snapshot { $0.phase == .paused }
        try play.send(.cut(keep(900)))
        #expect(try now(play).nnz == 520)
        #expect(play.messages.contains("sparse from the start: nothing can come back"))
        try play.stop()
    }

    @Test func undoAndRedoRestoreEverything() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder)
        let states = try [state(play)]
        try play.send(.cut(keep(1000)))
        let cut = try state(play)
        try play.send(.trainOn(steps: nil))
        try play.send(.pause)
        let later = try state(play)
        #expect(later.progress.step >= 20)
        try play.send(.undo)
        let back = try state(play)
        #expect(back.layers == states[0].layers && back.progress == states[0].progress)
        let undone = try now(play)
        #expect(undone.step == 20 && undone.redoDepth == 1 && undone.undoDepth == 0)
        try play.send(.redo)
        let redone = try state(play)
        #expect(redone.layers == later.layers && redone.progress == later.progress)
        #expect(cut.layers != later.layers || cut.progress.step == later.progress.step)
        try play.send(.undo)
        try play.send(.undo)
        #expect(play.messages.last == "nothing to undo")
        try play.send(.cut(keep(1200)))
        #expect(try now(play).redoDepth == 0)
        try play.send(.redo)
        #expect(play.messages.last == "nothing to redo")
        #expect(try now(play).nnz == 1200)
        try play.stop()
    }

    @Test func aDraftThatWouldKillTheNetworkIsRefused() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder)
        let before = try state(play).layers
        for draft in [keep(0), keep(0, "fc2"), Draft(scope: .global, anchor: .threshold(.greatestFiniteMagnitude))] {
            try play.send(.cut(draft))
            #expect(play.messages.last?.hasPrefix("not cut: layer fc") == true)
        }
        for draft in [keep(2080), keep(10, "fc9"), Draft(scope: .global, anchor: .threshold(-1))] {
            try play.send(.cut(draft))
        }
        let after = try state(play)
        #expect(after.layers == before)
        #expect(try now(play).undoDepth == 0)
        try play.stop()
    }

    @Test func cutAndRetrainReportsAndPauses() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder)
        try play.send(.cutAndRetrain(keep(600)))
        let shown = try play.snapshot { $0.retrainReport != nil && $0.phase == .paused }
        let report = try #require(shown.retrainReport)
        #expect(shown.step == 40 && report.steps == 20 && shown.nnz == 600)
        #expect(report.before.step == 20 && report.atOnce.step == 20 && report.after.step == 40)
        #expect(report.before.count == 237 && report.after.value > report.atOnce.value)
        try play.stop()
    }

    @Test func outOfStepsItWaitsAndFinishSeals() throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(epochs: 1), in: folder("run"))
        _ = try play.snapshot { $0.phase == .outOfSteps && $0.step == 20 }
        for steps in [5, 0, -3] { play.session.send(.trainOn(steps: steps)) }
        _ = try play.snapshot { $0.phase == .outOfSteps && $0.step > 20 }
        let step = try now(play).step
        play.session.send(.finish)
        let sealed = try play.snapshot { $0.phase == .finished }
        #expect(sealed.test?.count == 360 && sealed.step >= step)
        for command in [Command.cut(keep(10)), .undo, .trainOn(steps: 5), .setFloor(3), .finish, .pause] {
            try play.send(command)
            #expect(play.messages.last == "the run is finished and sealed")
        }
        try play.send(.keep(path: folder("kept.safetensors")))
        #expect(contents(folder("kept.safetensors")) != nil)
        try play.stop()
        // Opened again it is still sealed.
        let again = try Play(in: folder("run"))
        #expect(try again.snapshot { $0.phase == .finished }.test == sealed.test)
        try again.stop()
    }

    @Test func keepWritesBothFilesWithTheSameWeights() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder)
        try play.send(.cut(keep(777)))
        try play.send(.keep(path: nil))
        let path = folder("run/kept-20.safetensors")
        let (full, compact) = (try KeptNetwork.read(path), try KeptNetwork.read(KeptNetwork.compactPath(path)))
        let state = try state(play)
        for number in 0..<3 {
            for kept in [full, compact] {
                #expect(kept.layers[number].arrays.values == state.layers[number].arrays.values)
                #expect(kept.layers[number].arrays.indices == state.layers[number].arrays.indices)
                #expect(kept.layers[number].arrays.bias == state.layers[number].arrays.bias)
            }
        }
        let normalization = try TrainingPlan(full.recipe).data.normalization
        #expect(full.step == 20 && full.recipe == play.session.recipe && full.normalization == normalization)
        for bad in [folder("kept"), folder("no/such/place.safetensors")] {
            let count = play.messages.count
            try play.send(.keep(path: bad))
            #expect(play.messages.count == count + 1 && play.messages.last?.contains("kept as") == false)
        }
        try play.stop()
    }

    // MARK: The floor

    @Test func theVerdictKnowsTheInterval() {
        let accuracy = Reading(percent: 80, count: 400, step: 1)  // ± 3.92
        #expect(FloorVerdict(nil, floor: 80) == .untried && FloorVerdict(accuracy, floor: nil) == .untried)
        #expect(FloorVerdict(accuracy, floor: 76) == .ok && FloorVerdict(accuracy, floor: 84) == .under)
        #expect(FloorVerdict(accuracy, floor: 77) == .unsure && FloorVerdict(accuracy, floor: 83) == .unsure)
    }

    @Test func theScheduleHoldsUnderTheFloor() throws {
        let folder = TemporaryFolder()
        let lines =
            "method: gradual-magnitude\nschedule: {name: linear, final: 0.9, begin: 10, end: 50, every: 10}\nfloor: 99.9"
        let play = try Play(digits(lines), in: folder("run"), [.init(60, .pause)])
        let held = try play.snapshot { $0.phase == .outOfSteps || $0.phase == .paused }
        #expect(held.nnz == 2080 && held.scheduleHeld?.hasPrefix("at 0.0 % zeros") == true)
        #expect(held.floorVerdict == .under)
        #expect(play.messages.filter { $0.hasPrefix("the schedule holds") }.count == 1)
        try play.stop()
    }
}
