import Descriptors
import Foundation
import Graph
import Interchange
import Kernels
import Sparsity
import Testing
import Training

/// Scores and masks on a network of 12, 10 and 4 units, against the formulas of the papers in NumPy.
@Suite struct PaperTests {
    static let python: String? = {
        guard let named = ProcessInfo.processInfo.environment["ESPALIER_TEST_PYTHON"],
            FileManager.default.isExecutableFile(atPath: named)
        else { return nil }
        return named
    }()
    private static let samples = 96

    private static let data: DataSet = {
        let random = CounterRandom(seed: 12, purpose: .test)
        func samples(_ count: Int, _ half: Int) -> Samples {
            let elements = (0..<count * 12).map { random.uniform(half, $0) * 2 - 1 }
            let labels = (0..<count).map { sample in
                let x = elements[12 * sample..<12 * sample + 4]
                return Int32(x.enumerated().max { $0.element < $1.element }!.offset)
            }
            return Samples(
                shape: Shape(channels: 12), elements: Elements(elements),
                targets: .classes(labels, names: ["0", "1", "2", "3"]))
        }
        return DataSet(name: "points", train: samples(200, 1), test: samples(20, 2))
    }()

    func trainer(_ lines: String, steps: Int) throws -> Trainer {
        let recipe = try RecipeReader.read(
            "network: mlp-12-10-4\ndata: digits\nbatch: 32\nvalidation: 40\nepochs: 12\n\(lines)", file: "r", name: "r")
        let trainer = Trainer(try TrainingPlan(recipe, data: Self.data), team: Team(size: 1))
        for _ in 0..<steps { _ = try trainer.step() }
        return trainer
    }

    /// Weights, with zeros where there are none, mask and biases of both layers.
    func arrays(_ trainer: Trainer, _ prefix: String) -> [Tensor] {
        trainer.state().layers.enumerated().flatMap { number, layer in
            var weights = [Float](repeating: 0, count: layer.total), mask = weights
            for (place, position) in (layer.arrays.indices ?? Array(0..<layer.total)).enumerated() {
                (weights[position], mask[position]) = (layer.arrays.values[place], 1)
            }
            let shape = [layer.rows, layer.total / layer.rows]
            return [
                Tensor("\(prefix)w\(number)", weights, shape: shape), Tensor("\(prefix)m\(number)", mask, shape: shape),
                Tensor("\(prefix)b\(number)", layer.arrays.bias),
            ]
        }
    }

    func samples(_ samples: CalibrationSamples, _ prefix: String) -> [Tensor] {
        [
            Tensor("\(prefix)x", samples.inputs.flatMap { $0.map(Float.init) }, shape: [samples.inputs.count, 12]),
            Tensor("\(prefix)t", samples.labels.map(Float.init)),
        ]
    }

    /// What a script makes of `in.npz`.
    static func computed(_ script: String, _ tensors: [Tensor]) throws -> [NumberArray] {
        let folder = TemporaryFolder()
        try Npz.write(tensors, to: folder("in.npz"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(python))
        process.arguments = ["-c", script]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try Npz.read(folder("out.npz"))
    }

    @Test(.enabled(if: python != nil)) func scoresAndMasksAreThoseOfThePapers() throws {
        let trainer = try trainer("", steps: 30), plan = trainer.plan
        var tensors = arrays(trainer, "")
        tensors += samples(CalibrationSamples(plan, Self.samples), "")
        tensors += samples(CalibrationSamples(plan, plan.split.train.count), "g")
        let mover = try self.trainer(
            "criterion: movement\nmethod: {name: movement, rate: 0.5}\nschedule: {name: one-shot, final: 0.5, at: 900}",
            steps: 0)
        tensors += arrays(mover, "m")
        tensors += samples(CalibrationSamples(mover.plan, Array(mover.batch(0))), "m")
        tensors.append(Tensor("rate", [Float(0.5)]))
        _ = try mover.step()
        let rigl = try self.trainer(
            "method: {name: rigl, every: 4, drop: 0.5}\nschedule: {name: constant, final: 0.6}", steps: 3)
        tensors += arrays(rigl, "r")
        tensors += samples(CalibrationSamples(rigl.plan, Array(rigl.batch(3))), "r")
        let end = 0.75 * Double(rigl.plan.totalSteps)
        tensors.append(Tensor("share", [Float(0.25 * (1 + cos(Double.pi * 4 / end)))]))
        _ = try rigl.step()
        for decision in rigl.decisions() {
            if let changes = try rigl.changes(for: decision) { rigl.apply(changes, event: 1) }
        }

        let found = try Self.computed(paperFormulas, tensors)
        func expected(_ name: String) throws -> [Float] {
            try #require(found.first { $0.name == name }, "\(name)").floats()
        }

        for (name, values) in [
            ("taylor", ["samples": Value.integer(Self.samples)]), ("obd", ["samples": .integer(Self.samples)]),
            ("snip", ["samples": .integer(Self.samples)]), ("grasp", ["samples": .integer(10_000)]), ("synflow", [:]),
            ("wanda", ["samples": .integer(Self.samples)]), ("sparsegpt", ["samples": .integer(Self.samples)]),
            ("alps", ["samples": .integer(Self.samples)]), ("movement", [:]),
        ] {
            let subject = name == "movement" ? mover : trainer
            let criterion = try Criteria.make(name, values), calibration = subject.calibration()
            let weights = subject.liveWeights()
            let facts = try calibration.facts(criterion.needs, keeping: nil, samples: criterion.samples)
            let masker = Masker(
                criterion: criterion, granularity: try Granularities.make("weight"),
                distribution: try Distributions.make("global"))
            let cut = try masker.cut(
                sparsity: 0.5, layers: weights, seed: 1, step: 0, pathGuard: PathGuard(plan.graph), facts: calibration)
            for layer in 0..<2 {
                let scores = criterion.scores(of: ScoredLayer(weights[layer], number: layer, facts: facts[layer]))
                let wanted = try expected("s_\(name)_\(layer)").map(Double.init)
                #expect(relativeError(scores, wanted) < 1e-5, "\(name), layer \(layer)")
                let mask = try expected("m_\(name)_\(layer)").map { $0 > 0 }
                #expect(cut.keep[layer] == mask, "\(name), layer \(layer)")
                #expect(
                    (cut.values[layer] != nil) == ["sparsegpt", "alps"].contains(name), "\(name) moves what is left")
                guard let solved = cut.values[layer] else { continue }
                let left = try zip(expected("v_\(name)_\(layer)"), mask).filter(\.1).map { Double($0.0) }
                #expect(relativeError(solved, left) < 1e-4, "\(name), layer \(layer)")
            }
        }
        for (number, layer) in rigl.state().layers.enumerated() {
            let mask = try expected("m_rigl_\(number)")
            #expect((layer.arrays.indices ?? []) == mask.indices.filter { mask[$0] > 0 }, "rigl, layer \(number)")
        }
    }
}
