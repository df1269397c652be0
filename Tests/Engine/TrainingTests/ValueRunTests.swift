import Foundation
import Graph
import Interchange
import Kernels
import Testing
import Training

/// Whole runs on targets that are no classes, and with figures that are no accuracy.
@Suite struct ValueRunTests {
    /// Two numbers of six features: 400 samples to train and validate with, 100 to test.
    private static let numbers: DataSet = {
        let random = CounterRandom(seed: 21, purpose: .test)
        func samples(_ count: Int, _ half: Int) -> Samples {
            var elements: [Float] = [], targets: [Float] = []
            for sample in 0..<count {
                let x = (0..<6).map { random.uniform(half, sample, $0) * 2 - 1 }
                elements += x
                targets += [x[0] + 0.5 * x[1] * x[2], max(x[3], x[4]) - x[5]]
            }
            return Samples(
                shape: Shape(channels: 6), elements: Elements(elements), targets: .numbers(targets, each: 2))
        }
        return DataSet(name: "sums", train: samples(400, 1), test: samples(100, 2))
    }()

    private func recipe(_ lines: String, network: String = "mlp-6-16-12-2") throws -> Recipe {
        try RecipeReader.read(
            """
            network: \(network)
            data: digits
            validation: 80
            batch: 32
            epochs: 8
            validate-every: 10
            checkpoint-every: 25
            audit: true
            \(lines)
            """, file: "values", name: "values")
    }

    private static let regression = """
        loss: mean-squared-error
        optimizer: {name: adam}
        learning-rate: {name: constant, rate: 0.01}
        method: gradual-magnitude
        schedule: {name: cubic, final: 0.5, begin: 20, end: 70, every: 10}
        """

    @Test func aRegressionIsTrainedPrunedAndReplayedToTheByte() throws {
        let folder = TemporaryFolder()
        let recipe = try recipe(Self.regression + "\nfloor: 0.3")
        let plan = try TrainingPlan(recipe, data: Self.numbers)
        let points = [12, 33, 64]
        let whole = try Play(
            recipe, in: folder("whole"), interactive: false, plan: plan,
            copies: points.map { ($0, folder("copy-\($0)")) })
        guard case .finished(let test) = try whole.end() else {
            Issue.record("not finished: \(whole.messages)")
            return
        }
        let looks = whole.metrics.filter { $0.validated && $0.event == nil }
        #expect(looks.allSatisfy { $0.figure == "error" && $0.json.contains("\"validation_figure\"") })
        let first = try #require(looks.first?.validationFigure), last = try #require(looks.last?.validationFigure)
        #expect(last < 0.6 * first && last < 0.3 && test.value < 0.4 && test.margin > 0 && test.count == 100)
        #expect(try #require(whole.metrics.last?.trainFigure) < 0.4)
        #expect(whole.metrics.last?.floor == "met")
        try Play(recipe, in: folder("threads"), threads: 2, interactive: false, plan: plan).end()
        expectSame(folder("whole"), folder("threads"))
        for point in points {
            try Play(in: folder("copy-\(point)"), threads: 2, interactive: false, plan: plan).end()
            expectSame(folder("whole"), folder("copy-\(point)"), "killed at \(point)")
        }
        for stop in [5, 41] {
            let path = folder("stopped-\(stop)")
            try Play(recipe, in: path, interactive: false, plan: plan, [.init(stop, .stop)]).end()
            try Play(in: path, interactive: false, plan: plan).end()
            expectSame(folder("whole"), path, "stopped at \(stop)")
        }
    }

    @Test func aLimitHoldsTheSchedule() throws {
        let folder = TemporaryFolder()
        // No network is as near as that.
        let recipe = try recipe(Self.regression + "\nfloor: 0.0001")
        let play = try Play(
            recipe, in: folder("a"), interactive: false, plan: try TrainingPlan(recipe, data: Self.numbers))
        try play.end()
        #expect(play.messages.contains { $0.contains("is over the limit 0.0001") }, "\(play.messages)")
        #expect(play.metrics.last?.floor == "missed" && play.metrics.last?.sparsity == 0)
        let missed = try #require(play.session.latestSnapshot()?.missedFloor)
        #expect(missed.hasPrefix("the result misses its limit: validation squared error "))
    }

    @Test func aDraftIsMeasuredByTheError() throws {
        let folder = TemporaryFolder()
        let recipe = try recipe("loss: mean-absolute-error")
        let plan = try TrainingPlan(recipe, data: Self.numbers)
        let play = try Play(recipe, in: folder("a"), plan: plan, [.init(60, .pause)])
        let shown = try play.snapshot { $0.phase == .paused }
        #expect(shown.figure.name == "error" && shown.figure.title == "absolute error")
        #expect(shown.validation?.step == 60 && shown.trainFigure != nil && shown.history[0].figure != nil)
        for (query, steps) in [(Query.measure(keep(60)), 0), (.attempt(keep(60), steps: 15), 15)] {
            guard let measured = try play.ask(query).reply as? Training.Measurement else { fatalError() }
            #expect(measured.isFinal && measured.now.count == 80 && measured.trainedSteps == steps)
            #expect(abs(measured.now.value - (shown.validation?.value ?? 0)) < 1e-6)
            // The paired interval is narrower than the two would be apart.
            #expect(measured.margin > 0 && measured.margin < measured.now.margin + measured.cut.margin)
        }
        try play.send(.setFloor(250))
        _ = try play.snapshot { $0.floor == 250 }
        try play.send(.cut(keep(120)))
        let cut = try play.snapshot { $0.nnz == 120 }
        #expect(cut.history.last?.figure == cut.validation?.value && cut.validation?.isPercent == false)
        // All of it survives a resume.
        try play.stop()
        let resumed = try Play(in: folder("a"), startsPaused: true, plan: plan)
        let after = try resumed.snapshot { $0.phase == .paused }
        #expect(after.history == cut.history && after.validation == cut.validation && after.floor == 250)
        try resumed.stop()
    }

    /// Digits told to give themselves back; the classes are only for who looks at them.
    @Test func anAutoencoderLearnsItsInput() throws {
        let folder = TemporaryFolder()
        let recipe = try recipe(
            """
            loss: {name: mean-squared-error, against: input}
            learning-rate: {name: constant, rate: 0.003}
            optimizer: {name: adam}
            augment: [{name: noise, deviation: 0.2}]
            epochs: 4
            """.replacing("epochs: 4", with: "stop-after: 90"), network: "mlp-64-32-64")
        let whole = try Play(recipe, in: folder("whole"), interactive: false)
        try whole.end()
        let figures = whole.metrics.filter(\.validated).compactMap(\.validationFigure)
        #expect(whole.metrics.allSatisfy { $0.figure == "error" })
        // Normalised pixels have a variance of 1.
        #expect(try #require(figures.last) < 0.8 * figures[0] && figures.last! < 0.9)
        try Play(recipe, in: folder("threads"), threads: 2, interactive: false).end()
        expectSame(folder("whole"), folder("threads"))
        try Play(recipe, in: folder("stopped"), interactive: false, [.init(33, .stop)]).end()
        try Play(in: folder("stopped"), interactive: false).end()
        expectSame(folder("whole"), folder("stopped"))
        let kept = try KeptNetwork.read(folder("whole/final.safetensors"))
        #expect(kept.graph.output.features == 64)
    }

    @Test(arguments: ["auc", "balanced-accuracy"]) func aFigureDecidesInsteadOfAccuracy(_ name: String) throws {
        let folder = TemporaryFolder()
        let recipe = try digits("figure: \(name)\nloss: {name: softmax-cross-entropy, class-weights: balanced}")
        #expect(try RecipeReader.read(recipe.yaml, file: "r", name: "r") == recipe)
        let whole = try Play(recipe, in: folder("whole"), interactive: false)
        try whole.end()
        let last = try #require(whole.metrics.last)
        #expect(last.figure == name && last.trainFigure != nil)
        let value = try #require(last.validationFigure)
        #expect(name == "auc" ? (0.8...1).contains(value) : (30...100).contains(value), "\(value)")
        try Play(recipe, in: folder("threads"), threads: 2, interactive: false).end()
        expectSame(folder("whole"), folder("threads"))
        try Play(recipe, in: folder("stopped"), interactive: false, [.init(27, .stop)]).end()
        try Play(in: folder("stopped"), interactive: false).end()
        expectSame(folder("whole"), folder("stopped"))
    }

    // MARK: Refused before the first step

    @Test func whatDoesNotFitNamesItsLine() throws {
        func refusal(_ lines: String, network: String = "mlp-6-16-12-2") -> String {
            do {
                let recipe = try recipe(lines, network: network)
                _ = try recipe.locating { try TrainingPlan(recipe, data: Self.numbers) }
                return "taken"
            } catch { return "\(error)" }
        }
        #expect(refusal("loss: mean-squared-error") == "taken")
        #expect(refusal("loss: mean-squared-error\nfloor: 250") == "taken")
        #expect(
            refusal("loss: softmax-cross-entropy").hasPrefix(
                "values:9: loss 'softmax-cross-entropy' needs classes, and the data has 2 numbers a sample"))
        #expect(
            refusal("loss: mean-squared-error\nfigure: auc")
                == "values:10: figure 'auc' needs classes, and the data has 2 numbers a sample; figure 'error' is for those"
        )
        #expect(
            refusal("loss: mean-squared-error", network: "mlp-6-16-3")
                == "values:1: the network gives 3 outputs, and the data has 2 numbers a sample")
        #expect(
            refusal("loss: mean-squared-error\naugment: [flip]").hasPrefix(
                "values:10: augment 'flip' moves points along the width"))
        #expect(refusal("figure: f1").hasPrefix("values:9: 'figure' is f1; accepted: one of accuracy, "))
        #expect(refusal("augment: [{name: crop, pad: 0}]").hasPrefix("values:9: 'pad' of 'crop' is 0; accepted"))
        #expect(refusal("augment: [rotate]").hasPrefix("values:9: 'augment' is rotate; accepted: one of crop"))
        #expect(
            refusal("loss: {name: softmax-cross-entropy, class-weights: [1, -2]}").contains("'class-weights' of"))
        func digitsRefusal(_ lines: String) -> String {
            do {
                let recipe = try digits(lines)
                _ = try recipe.locating { try TrainingPlan(recipe) }
                return "taken"
            } catch { return "\(error)" }
        }
        #expect(
            digitsRefusal("floor: 101")
                == "digits:10: 'floor' of 'recipe' is 101.0; accepted: 0 to 100 %, for figure 'accuracy'")
        #expect(
            digitsRefusal("figure: auc\nfloor: 90")
                == "digits:11: 'floor' of 'recipe' is 90.0; accepted: 0 to 1, for figure 'auc'")
    }
}
