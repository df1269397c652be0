import Graph
import Interchange
import Kernels
import Testing
import Training

/// Targets that are numbers are learned less their mean, in units of their deviation, and told in their own.
@Suite struct TargetScaleTests {
    @Test func meansAndDeviationsAreThoseOfEachTarget() {
        let scale = TargetScale(of: [1_000_001, 5, 1_000_003, 5, 1_000_005, 5, 1_000_007, 5], each: 2)
        #expect(scale.means == [1_000_004, 5] && scale.deviations == [Float(5).squareRoot(), 1])
        var values: [Float] = [0, 0, 2, -3]
        scale.restore(&values)
        #expect(values == [1_000_004, 5, 1_000_004 + 2 * Float(5).squareRoot(), 2])
    }

    /// A number in the hundreds, and one that is always 4.
    private static let prices: DataSet = {
        let random = CounterRandom(seed: 5, purpose: .test)
        func samples(_ count: Int, _ half: Int) -> Samples {
            var elements: [Float] = [], targets: [Float] = []
            for sample in 0..<count {
                let x = (0..<4).map { random.uniform(half, sample, $0) * 2 - 1 }
                elements += x
                targets += [500 + 200 * x[0] - 150 * x[1] * x[2], 4]
            }
            return Samples(
                shape: Shape(channels: 4), elements: Elements(elements), targets: .numbers(targets, each: 2))
        }
        return DataSet(name: "prices", train: samples(320, 1), test: samples(60, 2))
    }()

    private func recipe(_ lines: String = "") throws -> Recipe {
        try RecipeReader.read(
            """
            network: mlp-4-16-2
            validation: 64
            batch: 32
            epochs: 15
            validate-every: 20
            checkpoint-every: 25
            loss: mean-squared-error
            optimizer: {name: sgd, momentum: 0.9}
            learning-rate: {name: constant, rate: 0.05}
            \(lines.isEmpty ? "data: digits" : lines)
            """, file: "prices", name: "prices")
    }

    @Test func numbersInTheHundredsAreLearned() throws {
        let folder = TemporaryFolder()
        let plan = try TrainingPlan(recipe(), data: Self.prices)
        #expect(plan.notices.contains { $0.hasPrefix("target 1 is 4.0 in every training sample") }, "\(plan.notices)")
        let play = try Play(recipe(), in: folder("a"), interactive: false, plan: plan)
        try play.end()
        let error = try #require(play.metrics.last?.validationFigure)
        // The variance of the first number, of which half counts, is about 16,000.
        #expect(error < 800 && error > 1, "\(error)")
        // Kept with its units, it is measured and started from in them.
        let kept = try KeptNetwork.read(folder("a/final.safetensors"))
        #expect(kept.data?.targetScale == plan.data.targetScale && !plan.data.targetScale.isNone)
        let from = try TrainingPlan(
            recipe("data: {path: digits, scale-targets: auto}"), data: Self.prices,
            start: StartChoice(path: folder("a/final.safetensors"), isUnmasked: false))
        #expect(from.data.targetScale == plan.data.targetScale)
        let network = Network(kept.graph, capacity: 64, team: Team(size: 1), trains: false)
        for (layer, state) in zip(network.layers, kept.layers) { layer.set(state.arrays) }
        #expect(abs(try plan.measure(network, onTest: false).value - error) < 1e-3 * error)
        // With the scale in its last layer it answers in the data's own units.
        try network.answerInOwnUnits(plan.data.targetScale, path: "a")
        let own = try TrainingPlan(recipe(), data: Self.prices, targetScale: TargetScale.none)
        #expect(abs(try own.measure(network, onTest: false).value - error) < 1e-3 * error)
    }

    @Test func aRunThatSaysNothingOfAScaleGoesOnWithoutOne() throws {
        let folder = TemporaryFolder()
        let gentle = try recipe().with("checkpoint-every", 10)
        let old = try TrainingPlan(gentle, data: Self.prices, targetScale: TargetScale.none)
        let new = try TrainingPlan(gentle, data: Self.prices)
        // Steps of the size that the numbers have, too large to end well.
        try Play(gentle, in: folder("whole"), interactive: false, plan: old, [.init(2, .stop)]).end()
        try Play(gentle, in: folder("part"), interactive: false, plan: old, [.init(1, .stop)]).end()
        #expect(!String(decoding: contents(folder("part/data.json"))!, as: UTF8.self).contains("targetScale"))
        try Play(in: folder("part"), interactive: false, plan: new, [.init(2, .stop)]).end()
        #expect(
            contents(folder("part/checkpoints/latest.safetensors"))
                == contents(folder("whole/checkpoints/latest.safetensors")))
    }

    @Test func theWordsOfARecipeDecide() throws {
        func scale(_ word: String, _ loss: String = "mean-squared-error", given: TargetScale? = nil) throws
            -> TargetScale
        {
            let recipe = try RecipeReader.read(
                "network: mlp-4-16-2\ndata: {path: digits, scale-targets: \(word)}\nloss: \(loss)", file: "r", name: "r"
            )
            var starting = try recipe.starting(input: Shape(channels: 4), classes: 2)
            starting.targetScale = given
            return try TrainingPlan(recipe, data: Self.prices, starting: starting).data.targetScale
        }
        let own = TargetScale(of: Self.prices.train.targets.numbers, each: 2)
        #expect(try scale("auto") == own && scale("yes") == own && scale("no").isNone)
        #expect(try scale("auto", "mean-absolute-error") == own)
        #expect(try scale("auto", given: TargetScale.none).isNone && scale("yes", given: TargetScale.none) == own)
        let other = TargetScale(means: [1, 2], deviations: [3, 4])
        #expect(try scale("auto", given: other) == other)
        // Of another number of outputs it cannot be.
        #expect(try scale("auto", given: TargetScale(means: [1], deviations: [3])) == own)
        #expect(throws: FitError.self) {
            try TrainingPlan(
                RecipeReader.read(
                    "network: mlp-64-10\ndata: {path: digits, scale-targets: yes}", file: "r", name: "r"))
        }
    }
}

extension Targets {
    fileprivate var numbers: [Float] { if case .numbers(let values, _) = self { values } else { [] } }
}
