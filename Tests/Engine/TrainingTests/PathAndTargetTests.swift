import Foundation
import Graph
import Kernels
import Sparsity
import Testing
import Training

/// A path stays, and whatever falls short, lies beyond the run or ends empty is said once.
@Suite struct PathAndTargetTests {
    private static let parallel = """
        [{operator: flatten}, {name: a, operator: linear, outputs: 10, input: flatten1},
         {name: b, operator: linear, outputs: 10, input: flatten1}, {operator: add, input: [a, b]}]
        """
    private static let twoHeads = """
        [{operator: flatten}, {name: trunk, operator: linear, outputs: 16}, {name: r, operator: relu},
         {name: a, operator: linear, outputs: 10, input: r}, {name: b, operator: linear, outputs: 10, input: r},
         {operator: add, input: [a, b]}]
        """

    private func train(_ lines: String, network: String = "mlp-64-24-16-10", cues: [Play.Cue] = []) throws -> Play {
        let folder = TemporaryFolder()
        let play = try Play(
            digits(lines, network: network), in: folder("run"), threads: 2, interactive: !cues.isEmpty, cues)
        play.folder = folder
        if cues.isEmpty {
            guard case .finished = try play.end() else { throw Play.TookTooLong() }
        }
        return play
    }
    private func layers(_ play: Play) throws -> [LayerState] { try KeptNetwork.read(play.run.final).layers }
    private func isJoined(_ play: Play) throws -> Bool {
        try PathGuard(plan(network: "mlp-64-24-16-10").graph).isJoined(
            layers(play).map { PathLayer(indices: $0.arrays.indices, flags: $0.arrays.values.map { $0 != 0 }) })
    }
    private func count(_ play: Play, _ text: String) -> Int { play.messages.filter { $0.contains(text) }.count }

    // MARK: A path stays

    @Test(arguments: [
        "method: one-shot\ngranularity: layer\nschedule: {name: one-shot, final: 0.9, at: 20}",
        "method: static-sparse\ngranularity: layer\nschedule: {name: constant, final: 0.98}",
    ])
    func ofTwoLayersSideBySideOneStays(lines: String) throws {
        let play = try train(lines, network: Self.parallel)
        let kept = try layers(play).map { $0.arrays.values.count }
        #expect(kept.sorted() == [0, 640])
        #expect(try #require(play.metrics.last?.testFigure) > 50)
        #expect(count(play, "no path from input to output would be left") == 1)
        #expect(count(play, "is empty: other paths lead around it") == 1)
        #expect(count(play, "ends at 50.0 %") == 1)
    }

    @Test func singleWeightsKeepAPathAndTheCount() throws {
        // Twelve weights of 2,080.
        let play = try train("method: one-shot\nschedule: {name: one-shot, final: 0.9942, at: 20}")
        #expect(try layers(play).reduce(0) { $0 + $1.arrays.values.count } == 12)
        #expect(try isJoined(play))
    }

    /// A path that was found is looked at again before it is relied on.
    @Test func whatBreaksAKnownPathIsFound() throws {
        let trainer = Trainer(
            try plan("method: rigl\nschedule: {name: constant, final: 0.8}"), team: Team(size: 1))
        for _ in 0..<3 {
            let live = trainer.network.layers[1].liveIndices()!
            let small = [MaskChange(layer: 1, drop: [live[0]])]
            #expect(try trainer.changes(for: .change(small)) == small)
            // All that joins the first layer with the last is to go.
            let left = try #require(try trainer.changes(for: .change([MaskChange(layer: 1, drop: live)])))
            #expect(left[0].drop.count == live.count - 1)
            let spared = Set(live).subtracting(left[0].drop).first!
            // The weight of the path that is known goes by itself: another path is there.
            let change = [MaskChange(layer: 1, drop: [spared])]
            #expect(try trainer.changes(for: .change(change)) == change)
            trainer.apply(change, event: 1)
        }
    }

    @Test(arguments: ["global", "uniform"]) func aDrawnMaskKeepsAPath(distribution: String) throws {
        var moved = 0
        for seed in 1...12 {
            let play = try train(
                "seed: \(seed)\nmethod: static-sparse\ncriterion: random\ndistribution: \(distribution)\n"
                    + "schedule: {name: constant, final: 0.997}\nstop-after: 2")
            #expect(try isJoined(play), "seed \(seed)")
            moved += count(play, "the random masks joined no input with an output")
        }
        #expect(moved > 0)
    }

    /// Of many layers four are named.
    @Test func aListOfLayersIsShort() throws {
        let folder = TemporaryFolder()
        let lines =
            "method: static-sparse\ncriterion: random\nschedule: {name: constant, final: 0.999}\nstop-after: 2"
        let play = try Play(
            digits(lines, network: "mlp-64-16-16-16-16-16-10"), in: folder("run"), interactive: false)
        try play.end()
        let said = play.messages.filter { $0.contains("down to their last weight") }
        #expect(said.count == 1 && said[0].hasPrefix("layers fc1, fc2, fc3, fc4, … (6) are down"), "\(said)")
    }

    @Test func strongL1LeavesAPathAndSaysSo() throws {
        let play = try train("method: {name: proximal-l1, strength: 5, begin: 0, end: 60, drop-every: 10}")
        #expect(try isJoined(play))
        #expect(try layers(play).allSatisfy { !$0.arrays.values.isEmpty })
        #expect(count(play, "no path from input to output would be left") == 1)
    }

    /// L1 that leaves a path by itself is not held back: the weights that it shrinks are those of the plain proximal step.
    @Test func weakL1IsThePlainStep() throws {
        let trainer = Trainer(try plan(), team: Team(size: 1))
        for _ in 0..<5 { _ = try trainer.step() }
        let before = trainer.network.layers.map { $0.live().values }
        for _ in 0..<3 { trainer.transform(.shrink(0.01)) }
        for (layer, values) in zip(trainer.network.layers, before) {
            let expected = values.map { value in
                (0..<3).reduce(value) { value, _ in abs(value) <= 0.01 ? 0 : value - (value < 0 ? -0.01 : 0.01) }
            }
            #expect(layer.live().values == expected)
        }
    }

    @Test func aCutByHandThatLeavesNoPathIsRefused() throws {
        let play = try train("", cues: [.init(20, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        for layer in ["fc1", "fc3"] { try play.send(.cut(keep(2, layer))) }
        // The best weights of the layer between hardly ever meet the two before and the two behind.
        var refused = 0
        for kept in [200, 40, 8, 2, 1] {
            let before = try #require(play.session.latestSnapshot()).nnz
            try play.send(.cut(keep(kept, "fc2")))
            try play.send(.checkpoint)
            let state = try play.state()
            #expect(
                PathGuard(try plan().graph).isJoined(state.layers.map { PathLayer(indices: $0.arrays.indices) }),
                "kept \(kept)")
            if play.messages.contains("not cut: no path from input to output would be left") { refused += 1 }
            if refused > 0 { #expect(try #require(play.session.latestSnapshot()).nnz == before) }
        }
        #expect(refused > 0)
        try play.stop()
    }

    // MARK: Targets

    @Test func neitherHeadLosesARow() throws {
        let play = try train(
            "method: one-shot\ngranularity: neuron\nschedule: {name: one-shot, final: 0.9, at: 20}",
            network: Self.twoHeads)
        #expect(try layers(play).map { $0.arrays.values.count } == [64, 160, 160])
        #expect(count(play, "finds no more to cut") == 1)
    }

    @Test(arguments: [
        ("one-shot", "n-of-m", "{name: one-shot, final: 0.9, at: 20}", "ends at 50.0 %"),
        ("static-sparse", "n-of-m", "{name: constant, final: 0.9}", "ends at 50.0 %"),
        ("gradual-magnitude", "n-of-m", "{name: linear, final: 0.9, begin: 10, end: 40, every: 10}", "ends at 50.0 %"),
        ("one-shot", "neuron", "{name: one-shot, final: 0.99, at: 20}", "granularity 'neuron' finds no more"),
        ("static-sparse", "neuron", "{name: constant, final: 0.99}", "granularity 'neuron' finds no more"),
    ])
    func aShortfallIsSaidAtTheLastCut(method: String, granularity: String, schedule: String, text: String) throws {
        let play = try train("method: \(method)\ngranularity: \(granularity)\nschedule: \(schedule)")
        #expect(count(play, text) == 1)
        #expect(count(play, "the schedule asked for") == 1)
        #expect(count(play, "to end where the schedule asks:") == 1)
    }

    /// Asked of one small layer alone it is said as well, with its name.
    @Test func theShortfallOfOneLayerIsSaid() throws {
        let play = try train(
            "method: one-shot\ngranularity: n-of-m\nschedule: {name: one-shot, final: 0.5, at: 20}\n"
                + "distribution: {name: by-hand, layers: {fc3: 0.75}}")
        #expect(count(play, "fc3 50.0 of 75.0 %") == 1)
    }

    @Test(arguments: [
        (
            "method: gradual-magnitude\nschedule: {name: linear, final: 0.8, begin: 10, end: 410, every: 10}",
            "the schedule ends at step 410 and the run at 60 at 10.0 % zeros instead of 80.0"
        ),
        (
            "method: gradual-magnitude\nschedule: {name: linear, final: 0.8, begin: 100, end: 410, every: 10}",
            "the schedule begins to cut at step 100 and the run ends at 60: nothing is cut"
        ),
        (
            "method: one-shot\nschedule: {name: one-shot, final: 0.8, at: 61}",
            "the schedule begins to cut at step 61 and the run ends at 60: nothing is cut"
        ),
        (
            "stop-after: 30\nmethod: gradual-magnitude\nschedule: {name: linear, final: 0.8, begin: 10, end: 50, every: 10}",
            "the schedule ends at step 50 and the run at 30 at 40.0 % zeros instead of 80.0"
        ),
        (
            "method: {name: proximal-l1, end: 100, drop-every: 20}",
            "method 'proximal-l1' ends at step 100 and the run at 60"
        ),
        (
            "method: {name: proximal-l1, begin: 70, end: 100}",
            "method 'proximal-l1' begins to cut at step 100 and the run ends at 60"
        ),
    ])
    func aTargetBeyondTheRunIsSaidAtTheStart(lines: String, text: String) throws {
        let play = try train(lines)
        #expect(play.messages.first?.hasPrefix(text) == true, "\(play.messages)")
        #expect(count(play, "the run") == 1)
    }

    @Test func aScheduleThatEndsWithTheRunIsFine() throws {
        let play = try train(
            "method: gradual-magnitude\nschedule: {name: linear, final: 0.8, begin: 10, end: 60, every: 10}")
        #expect(play.messages.count == 1 && play.messages[0].hasPrefix("finished"))
    }

    /// `by-hand` asks for its own figures, whatever the schedule's are.
    @Test func theScheduledLineCountsWhatTheDistributionAsks() throws {
        let play = try train(
            """
            method: gradual-magnitude
            schedule: {name: linear, final: 0.1, begin: 10, end: 50, every: 10}
            distribution: {name: by-hand, layers: {fc1: 0.9}}
            """)
        let last = try #require(play.metrics.last)
        #expect(abs(last.sparsity - last.scheduledSparsity!) < 1e-3 && last.sparsity > 0.6)
        #expect(count(play, "the schedule asked") == 0)
    }

    @Test func theFloorHoldsBackByHandToo() throws {
        let play = try train(
            """
            floor: 99.9
            method: gradual-magnitude
            schedule: {name: linear, final: 0.1, begin: 10, end: 50, every: 10}
            distribution: {name: by-hand, layers: {fc1: 0.9}}
            """)
        #expect(try #require(play.metrics.last).nnz == 2080)
        #expect(count(play, "the schedule holds") == 1)
        #expect(count(play, "finds no more") == 0 && count(play, "the floor held it back") == 1)
    }

    // MARK: The floor

    private static let steps =
        "method: gradual-magnitude\nschedule: {name: linear, final: 0.8, begin: 10, end: 50, every: 10}"

    /// Held, then released by hand: the schedule goes on from where it stood, at its own pace.
    @Test func aHeldScheduleNeverCutsMoreThanItsOwnStep() throws {
        let folder = TemporaryFolder()
        let play = try Play(
            digits("floor: 99.9\n" + Self.steps, epochs: 5), in: folder("run"), [.init(45, .setFloor(nil))])
        _ = try play.snapshot { $0.phase == .outOfSteps }
        try play.stop()
        let zeros = play.metrics.map { ($0.step, (2080 - $0.nnz)) }
        // Steps of 20 % each, 10 steps apart, from the look at step 50 on: never two at once.
        #expect(zeros.first { $0.1 > 0 }?.0 == 51 || zeros.first { $0.1 > 0 }?.0 == 50)
        for (before, after) in zip(zeros, zeros.dropFirst()) { #expect(after.1 - before.1 <= 417, "\(after)") }
        #expect(zeros.last?.1 == 1664)
        #expect(play.metrics.last?.scheduledSparsity == 0.8)
    }

    @Test func aHeldScheduleIsTheSameAfterAKill() throws {
        let folder = TemporaryFolder()
        let lines = "floor: 70\n" + Self.steps.replacingOccurrences(of: "0.8", with: "0.97")
        let whole = try Play(
            digits(lines, epochs: 5), in: folder("a"), interactive: false,
            copies: [(40, folder("b")), (77, folder("c"))])
        _ = try whole.end()
        for name in ["b", "c"] {
            _ = try Play(in: folder(name), threads: 2, interactive: false).end()
            expectSame(folder("a"), folder(name), name)
        }
    }

    @Test func aMissedFloorIsSaidLastAndInTheLastLine() throws {
        let play = try train("floor: 99.9\n" + Self.steps)
        #expect(play.metrics.last?.floor == "missed")
        #expect(play.metrics.dropLast().allSatisfy { $0.floor == nil })
        let snapshot = try #require(play.session.latestSnapshot())
        #expect(snapshot.missedFloor?.hasPrefix("the result misses its floor: validation ") == true)
        let met = try train("floor: 5\n" + Self.steps)
        #expect(met.metrics.last?.floor == "met" && met.session.latestSnapshot()?.missedFloor == nil)
        let none = try train(Self.steps)
        #expect(none.metrics.last?.floor == nil)
    }

    // MARK: Before the first step

    @Test(arguments: [
        "granularity: layer", "granularity: neuron\ndistribution: {name: by-hand, layers: {fc3: 0.5}}",
        "granularity: layer\ndistribution: {name: by-hand, layers: {fc1: 0.5}}",
    ])
    func whatCanNeverBeCutIsRefusedBeforeTheFirstStep(lines: String) throws {
        let recipe = try digits("method: one-shot\nschedule: {name: one-shot, final: 0.5, at: 40}\n" + lines)
        #expect(throws: SparsityError.self) { try TrainingPlan(recipe).requireTrainable() }
        let folder = TemporaryFolder()
        let play = try Play(recipe, in: folder("run"), interactive: false)
        guard case .failed(let error) = try play.end() else {
            Issue.record("it went on")
            return
        }
        #expect("\(error)".contains("granularity '") && play.metrics.isEmpty, "\(error)")
        // Without a method that cuts by it a granularity says nothing.
        try plan(lines.components(separatedBy: "\n")[0]).requireTrainable()
    }

    @Test func batchNormOverOneValueIsRefused() throws {
        let flat =
            "[{operator: flatten}, {operator: linear, outputs: 16}, {name: n, operator: batch-norm}, {operator: linear, outputs: 10}]"
        let image =
            "[{operator: convolution, channels: 4, kernel: 3}, {name: n, operator: batch-norm}, {operator: flatten}, {operator: linear, outputs: 10}]"
        // 1,200 training images: a batch of 1,199 leaves one, 109 as well.
        for batch in [1, 1199, 109] {
            let recipe = try digits(network: flat).with("batch", batch)
            #expect(throws: GraphError.self, "batch \(batch)") { try TrainingPlan(recipe).requireTrainable() }
            try TrainingPlan(digits(network: image).with("batch", batch)).requireTrainable()
            try TrainingPlan(digits().with("batch", batch)).requireTrainable()
        }
        for batch in [2, 60, 1198, 1200] {
            try TrainingPlan(digits(network: flat).with("batch", batch)).requireTrainable()
        }
        // A run that began before goes on as it began, and is told.
        let folder = TemporaryFolder()
        let recipe = try digits(epochs: 1, network: flat).with("batch", 109)
        let trainer = Trainer(try TrainingPlan(recipe), team: Team(size: 1))
        _ = try trainer.step()
        let run = try RunFolder.create(folder("run"), recipe: recipe)
        try Checkpoint(state: trainer.state()).write(to: run.latest, recipe: recipe.yaml)
        run.close()
        let play = try Play(in: folder("run"), interactive: false)
        guard case .finished = try play.end() else { throw Play.TookTooLong() }
        #expect(count(play, "node 'n' gets one value a channel in the last batch") == 1)
        let error = try #require(TrainingPlan(digits(network: flat).with("batch", 109)).nodeOfOneValue)
        #expect(error.name == "n" && error.found.contains("the one image that is left of 1200"))
    }

    // MARK: Numbers that are none

    /// The losses of training stay finite, for a batch's own statistics are; the running ones do not.
    @Test func infiniteStatisticsStopAtTheLastGoodState() throws {
        let network = """
            [{operator: convolution, channels: 4, kernel: 3}, {operator: batch-norm}, {operator: relu},
             {operator: convolution, channels: 4, kernel: 3}, {operator: batch-norm}, {operator: relu},
             {operator: flatten}, {operator: linear, outputs: 10}]
            """
        let folder = TemporaryFolder()
        let trainer = Trainer(try plan(network: network), team: Team(size: 1))
        _ = try trainer.step()
        let play = try Play(digits(network: network), in: folder("run"), [.init(25, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        try play.stop()
        // A state whose weights make sums of squares that no Float holds.
        var state = try play.state()
        state.layers[0].arrays.values = state.layers[0].arrays.values.map { $0 * 1e20 }
        try Checkpoint(state: state).write(to: play.run.latest, recipe: play.session.recipe.yaml)
        let again = try Play(in: folder("run"))
        again.session.send(.trainOn(steps: nil))
        let shown = try again.snapshot { if case .notANumber = $0.phase { true } else { false } }
        #expect(shown.phase == .notANumber(layer: "batch-norm2"))
        #expect(again.messages.contains { $0.contains("the running statistics of batch-norm2 became NaN or infinite") })
        try again.stop()
        for parameter in try again.state().parameters { #expect(parameter.values.allSatisfy { $0.isFinite }) }
    }

    @Test func aCheckpointIsNeverWrittenOfNumbersThatAreNone() throws {
        // At a rate where the weights run away between two looks.
        for every in [1, 3, 7] {
            let folder = TemporaryFolder()
            let recipe = try digits("learning-rate: {name: constant, rate: 100}").with("validate-every", 1000)
                .with("checkpoint-every", every)
            let play = try Play(recipe, in: folder("run"), interactive: false)
            _ = try play.end()
            let state = try play.state()
            for layer in state.layers {
                #expect(
                    (layer.arrays.values + layer.arrays.bias + layer.arrays.slots.flatMap { $0 }).allSatisfy {
                        $0.isFinite
                    })
            }
        }
    }

    // MARK: What runs

    @Test func theKernelsThatRunAreNamedByPass() throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(), in: folder("run"), [.init(20, .pause)])
        #expect(try play.snapshot { $0.phase == .paused }.layers.map(\.kernel) == ["dense", "dense", "dense"])
        try play.send(.cut(keep(800)))
        let kernels = try #require(play.session.latestSnapshot()).layers.map(\.kernel)
        #expect(kernels.allSatisfy { ["sparse", "blocks"].contains($0) } && kernels[0] == "sparse", "\(kernels)")
        try play.stop()
        // Where dense kernels are the faster ones for a pass, it says so.
        let trainer = Trainer(try plan(), team: Team(size: 1))
        let layer = trainer.network.layers[0]
        layer.costs = KernelCosts(
            dense: .init(forward: 1, inputGradient: 1, weightGradient: 9),
            points: [
                .init(
                    density: 0.5, sparse: .init(forward: 5, inputGradient: 5, weightGradient: 5), gradients: 10,
                    scatter: 0, gather: 0)
            ])
        layer.set(layer.live().keeping((0..<1536).map { ($0 * 7 + $0 / 64 * 3 + $0 / 11) % 5 < 2 }))
        #expect(WeightPass.allCases.map { layer.kernels($0) } == [.dense, nil, .sparse])
    }

    /// Timed in turns with training, a dense copy changes no byte.
    @Test func timingADenseCopyChangesNothing() throws {
        let folder = TemporaryFolder()
        var finals: [[UInt8]?] = []
        for (name, every) in [("a", 0.0), ("b", 1e9)] {
            let recipe = try digits("method: one-shot\nschedule: {name: one-shot, final: 0.8, at: 20}")
            var options = Session.Options()
            options.threads = 2
            options.denseEverySeconds = every
            let speeds = Locked<[Double]>([])
            options.onMetrics = { line in
                guard line.sparsity > 0, let speed = line.denseSamplesPerSecond else { return }
                speeds.withLock { $0.append(speed) }
            }
            let session = Session(
                recipe: recipe, run: try RunFolder.create(folder(name), recipe: recipe), options: options)
            session.start()
            guard case .finished = session.wait() else {
                Issue.record("it did not finish")
                return
            }
            finals.append(contents(folder(name) + "/final.safetensors"))
            // Of the lines after the cut: the dense run's speed and then the copy's, which is timed at once, or the run's alone. How
            // often the copy is timed after that is up to the machine.
            let seen = Set(speeds.withLock { $0 })
            #expect(every == 0 ? seen.count > 1 : seen.count == 1, "\(seen)")
            #expect(try #require(session.latestSnapshot()?.denseSpeedAgeSeconds) >= 0)
        }
        #expect(finals[0] == finals[1] && finals[0] != nil)
    }
}
