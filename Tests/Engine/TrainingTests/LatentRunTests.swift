import Foundation
import Graph
import Interchange
import Kernels
import Sparsity
import Testing
import Training

/// Methods whose weights are made of others, and those that bring weights back, in whole runs: the same bytes on any number of
/// threads, after a stop and after a kill, with what a person does between, audited in each step.
@Suite struct LatentRunTests {
    static let methods: [String: String] = [
        "str": "method: {name: str, strength: 0.05, initial: -4, begin: 4, end: 48}",
        "l0": "method: {name: l0, strength: 0.0002, gate-rate: 0.1, begin: 3, end: 47}",
        "l0 of inputs": "method: {name: l0, strength: 0.0002, gate: input, closed: 0.5, gate-rate: 0.2, end: 47}",
        "variational-dropout":
            "method: {name: variational-dropout, strength: 0.0005, noise-rate: 0.2, initial: -6, begin: 2, end: 47}",
        "network-surgery": "method: {name: network-surgery, strength: 0.5, decay: 0.02, begin: 5, end: 48}",
        "top-kast":
            "method: {name: top-kast, extra: 0.2, every: 7, begin: 3, end: 48}\nschedule: {name: constant, final: 0.7}",
        "ac-dc": "method: {name: ac-dc, begin: 6, phase: 9, end: 45}\nschedule: {name: constant, final: 0.8}",
        "group-lasso":
            "method: {name: group-lasso, strength: 0.25, begin: 5, end: 50, drop-every: 7}\ngranularity: input-channel",
        "elastic net": "method: {name: proximal-l1, strength: 0.05, l2: 0.5, begin: 5, end: 50, drop-every: 7}",
    ]
    private static var names: [String] { methods.keys.sorted() }

    @Test(arguments: names) func sameBytesHoweverItIsRun(_ name: String) throws {
        let folder = TemporaryFolder()
        let recipe = try digits(Self.methods[name]!)
        let points = [8, 26, 46, 49]
        let whole = try Play(
            recipe, in: folder("whole"), interactive: false, copies: points.map { ($0, folder("killed \($0)")) })
        guard case .finished(let test) = try whole.end() else {
            Issue.record("\(name): it failed: \(whole.messages)")
            return
        }
        #expect(test.value > 30, "\(name)")
        try Play(recipe, in: folder("threads"), threads: 2, interactive: false).end()
        expectSame(folder("whole"), folder("threads"), "\(name), threads")
        for point in points {
            try Play(in: folder("killed \(point)"), threads: 2, interactive: false).end()
            expectSame(folder("whole"), folder("killed \(point)"), "\(name), killed at \(point)")
        }
        for point in [1, 30] {
            try Play(recipe, in: folder("stopped"), interactive: false, [.init(point, .stop)]).end()
            try Play(in: folder("stopped"), interactive: false).end()
            expectSame(folder("whole"), folder("stopped"), "\(name), stopped at \(point)")
            try FileManager.default.removeItem(atPath: folder("stopped"))
        }
        // It ends with a real mask: what is zero is not there.
        let layers = try KeptNetwork.read(folder("whole") + "/final.safetensors").layers
        #expect(layers.contains { $0.arrays.indices != nil }, "\(name)")
        #expect(layers.reduce(0) { $0 + $1.arrays.values.count { $0 == 0 } } <= 3, "\(name)")
    }

    private static let story: [Play.Cue] = [
        .init(10, .cut(keep(1500))), .init(14, .cut(keep(900)), .undo), .init(20, .cut(keep(1700))),
        .init(30, .cut(keep(1200)), .undo, .redo), .init(52, .cut(keep(150))), .init(58, .finish),
    ]

    /// A cut, weights brought back, undo and redo in the middle of the method's state.
    @Test(arguments: names) func whatAPersonDoesIsReplayed(_ name: String) throws {
        let folder = TemporaryFolder()
        let play = try Play(
            digits(Self.methods[name]!), in: folder("whole"), Self.story,
            copies: [(22, folder("22")), (41, folder("41"))])
        _ = try play.snapshot { $0.phase == .finished }
        try play.stop()
        #expect(!play.messages.contains { $0.hasPrefix("audit") }, "\(play.messages)")
        for point in [22, 41] {
            let resumed = try Play(in: folder("\(point)"), threads: 2, Self.story.filter { $0.step >= point })
            _ = try resumed.snapshot { $0.phase == .finished }
            try resumed.stop()
            expectSame(folder("whole"), folder("\(point)"), "\(name), killed at \(point)")
        }
    }

    /// The two figures differ while values are zero and the mask is dense, and are one at the end.
    @Test func bothFiguresAreTold() throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(Self.methods["top-kast"]!), in: folder("run"), [.init(40, .pause)])
        let between = try play.snapshot { $0.phase == .paused }
        #expect(between.sparsity == 0 && abs(between.zeroWeights - 0.7) < 0.01)
        // Questions are answered with what the network computes, and an attempt trains on as the run would.
        let tried = try #require(play.ask(.attempt(keep(500), steps: 3)).reply as? Training.Measurement)
        #expect(tried.kept == 500)
        try play.send(.trainOn(steps: nil))
        let after = try play.snapshot { $0.phase == .outOfSteps }
        #expect(abs(after.sparsity - 0.7) < 0.01 && abs(after.zeroWeights - after.sparsity) < 0.001)
        try play.stop()
    }

    @Test func phasesBringWeightsBackAndClearTheOptimizer() throws {
        let (trainer, counts) = try run(Self.methods["ac-dc"]!, steps: 60) { trainer in
            trainer.network.layers.reduce(0) { $0 + $1.slots[0].array.reduce(0) { $0 + ($1 == 0 ? 0 : 1) } }
        }
        // Dense to 6, sparse to 15, dense to 24, sparse to 33, dense to 42, sparse from there.
        for (step, nnz) in [
            (5, 2080), (6, 416), (14, 416), (15, 2080), (23, 2080), (24, 416), (41, 2080), (42, 416), (60, 416),
        ] {
            #expect(counts[step].nnz == nnz, "\(step)")
        }
        for step in [6, 15, 24, 33, 42] { #expect(counts[step].extra == 0, "momentum after \(step)") }
        #expect(counts[43].extra > 0 && trainer.nnz == 416)
    }

    /// Adam's count of steps begins anew with its means: the first step is one of the learning rate, whatever the gradient.
    @Test func adamBeginsAnewWhereItForgets() throws {
        let recipe = try RecipeReader.read(
            """
            network: mlp-64-24-16-10
            data: digits
            validation: 237
            batch: 60
            optimizer: {name: adam, epsilon: 1e-12}
            learning-rate: {name: constant, rate: 0.001}
            """, file: "digits", name: "digits")
        let trainer = Trainer(try TrainingPlan(recipe), team: Team(size: 1)), layer = trainer.network.layers[1]
        for _ in 0..<5 { _ = try trainer.step() }
        trainer.forget()
        let before = layer.live().values
        _ = try trainer.step()
        var moved = 0
        for (gradient, (old, new)) in zip(layer.liveGradient(), zip(before, layer.live().values))
        where abs(gradient) > 1e-6 {
            #expect(abs(abs(new - old) - 0.001) < 2e-6)
            moved += 1
        }
        #expect(moved > 100)
    }

    private func run(
        _ lines: String, steps: Int, extra: (Trainer) -> Int
    ) throws -> (trainer: Trainer, counts: [(nnz: Int, extra: Int)]) {
        let trainer = Trainer(try plan(lines), team: Team(size: 1))
        var counts = [(trainer.nnz, 0)]
        for _ in 0..<steps {
            _ = try trainer.step()
            for decision in trainer.decisions() {
                trainer.transform(decision)
                if let changes = try trainer.changes(for: decision) {
                    trainer.apply(changes, event: 1)
                    if type(of: trainer.plan.parts.method).forgetsAtCuts { trainer.forget() }
                }
            }
            counts.append((trainer.nnz, extra(trainer)))
        }
        return (trainer, counts)
    }

    // MARK: Proximal steps, against the condition of the smallest value

    /// The proximal step of the group lasso is the smallest of ½‖x − w‖² + t·√n·‖x‖: the gradient is zero there, or ‖w‖ ≤ t·√n.
    @Test func groupsShrinkByTheProximalStep() throws {
        let trainer = Trainer(try plan("granularity: neuron\nmethod: none"), team: Team(size: 1))
        let before = trainer.network.layers[0].live().values
        // The median row just goes.
        let norms = (0..<24).map { row in before[row * 64..<row * 64 + 64].reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let amount = norms.sorted()[11] / 8 * 1.0001
        trainer.transform(.shrinkGroups(amount))
        let after = trainer.network.layers[0].live().values
        var gone = 0
        for row in 0..<24 {
            let w = before[row * 64..<row * 64 + 64].map(Double.init),
                x = after[row * 64..<row * 64 + 64].map(Double.init)
            func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
            let least = Double(amount) * 8
            if norm(w) <= least {
                #expect(norm(x) == 0)
                gone += 1
            } else {
                for (w, value) in zip(w, x) { #expect(abs(value - w + least * value / norm(x)) < 1e-6) }
            }
        }
        #expect(gone == 12)
        // The classes are no group of this granularity.
        #expect(trainer.network.layers[2].live().values.contains { $0 != 0 })
    }

    /// The same of a sparse network, to the bit, a weight at a time: groups of one, of a row, and of an input's column.
    @Test(arguments: ["weight", "neuron", "input-channel"], [1, 2])
    func groupsShrinkAsWrittenOut(granularity: String, threads: Int) throws {
        let trainer = Trainer(try plan("granularity: \(granularity)\nmethod: none"), team: Team(size: threads))
        trainer.drop(
            trainer.liveWeights().map { layer in layer.values.indices.map { $0 % 3 != 1 } }, event: 1)
        let groups = try Granularities.make(granularity), amount: Float = 0.01
        // The second step has a path to remember.
        for _ in 0..<2 {
            let before = trainer.liveWeights()
            trainer.transform(.shrinkGroups(amount))
            for (weights, after) in zip(before, trainer.liveWeights()) {
                let own = groups.groups(of: weights)
                var squares: [Int32: (sum: Double, count: Double)] = [:]
                for (group, value) in zip(own, weights.values) where group >= 0 {
                    let (sum, count) = squares[group] ?? (0, 0)
                    squares[group] = (sum + Double(value) * Double(value), count + 1)
                }
                let expected = zip(own, weights.values).map { group, value -> Float in
                    guard group >= 0 else { return value }
                    let norm = squares[group]!.sum.squareRoot()
                    let least = Double(amount) * squares[group]!.count.squareRoot()
                    return value * (norm > least ? Float(1 - least / norm) : 0)
                }
                #expect(after.values.map(\.bitPattern) == expected.map(\.bitPattern))
            }
        }
        #expect(trainer.zeroWeights > (granularity == "weight" ? 0.34 : 0.3))
    }

    @Test func elasticNetShrinksByTheProximalStep() throws {
        let trainer = Trainer(try plan("method: none"), team: Team(size: 1))
        let before = trainer.network.layers[0].live().values
        trainer.transform(.shrink(0.02, divisor: 1.25))
        for (w, x) in zip(before, trainer.network.layers[0].live().values) {
            #expect(x == (w > 0.02 ? w - 0.02 : w < -0.02 ? w + 0.02 : 0) / 1.25)
        }
    }
}
