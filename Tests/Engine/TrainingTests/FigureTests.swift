import Foundation
import Graph
import Kernels
import Testing
import Training

@Suite struct FigureTests {
    private let random = CounterRandom(seed: 3, purpose: .test)

    // MARK: Literal values

    @Test func balancedAccuracyIsTheMeanOfRecalls() throws {
        // Class 0: 3 of 4, class 1: 0 of 1, class 3: 1 of 1; class 2 has no samples.
        let scores = FigureScores(scores: [1, 1, 1, 0, 0, 1], labels: [0, 0, 0, 0, 1, 3])
        let judged = try #require(BalancedAccuracy().judge(scores))
        #expect(abs(judged.value - (75 + 0 + 100) / 3.0) < 1e-12)
        #expect(try #require(ShareCorrect().judge(scores)).value == 100 * 4.0 / 6)
        #expect(BalancedAccuracy().judge(FigureScores()) == nil)
    }

    @Test func areaCountsPairsAndHalvesTies() throws {
        // Positives 0.8, 0.4, 0.4; negatives 0.6, 0.4, 0.1: 3 + (0 + ½ + 1) · 2 of 9.
        let scores = FigureScores(scores: [0.8, 0.6, 0.4, 0.4, 0.4, 0.1], labels: [1, 0, 1, 1, 0, 0])
        #expect(try #require(AreaUnderCurve().judge(scores)).value == 6.0 / 9)
        let apart = FigureScores(scores: [1, 2, 3, 4], labels: [0, 0, 1, 1])
        #expect(try #require(AreaUnderCurve().judge(apart)) == Judgement(value: 1, influences: [0, 0, 0, 0]))
        #expect(AreaUnderCurve().judge(FigureScores(scores: [1, 2], labels: [1, 1])) == nil)
        // What is no number is the worst for a positive sample.
        let broken = FigureScores(scores: [.nan, .nan, -1, -2], labels: [1, 1, 0, 0])
        #expect(try #require(AreaUnderCurve().judge(broken)).value == 0)
    }

    @Test func areaIsThatOfAllPairs() throws {
        for classes in [2, 5] {
            let count = 200
            let labels = (0..<count).map { Int32(random.integer(below: classes, 1, $0)) }
            let figure = try AreaUnderCurve().fitted(
                to: TargetFacts(.classes(classes), validation: [Int](repeating: 3, count: classes)),
                loss: BinaryCrossEntropy())
            // Few values, so that there are ties.
            let scores = (0..<count * figure.width).map { Float(random.integer(below: 12, 2, $0)) }
            let judged = try #require(figure.judge(FigureScores(scores: scores, labels: labels)))
            var areas: [Double] = []
            for number in classes == 2 ? [1] : Array(0..<classes) {
                let column = classes == 2 ? 0 : number
                var sum = 0.0, pairs = 0.0
                for a in 0..<count where labels[a] == number {
                    for b in 0..<count where labels[b] != number {
                        let (x, y) = (scores[a * figure.width + column], scores[b * figure.width + column])
                        sum += x > y ? 1 : x == y ? 0.5 : 0
                        pairs += 1
                    }
                }
                areas.append(sum / pairs)
            }
            #expect(abs(judged.value - areas.reduce(0, +) / Double(areas.count)) < 1e-12)
            #expect(abs(judged.influences.reduce(0, +)) < 1e-9)
        }
    }

    @Test func errorIsTheMeanOfSamplesAndOutputs() throws {
        let bench = try LossBench(Shape(channels: 1, height: 2, width: 2), samples: 2, lanes: 16)
        bench.outputs = [1, 2, 3, 4, 0, 0, 0, 0]
        let batch = bench.batch([0, 0, 0, 0, 1, -1, 1, -1])
        let facts = TargetFacts(.numbers(each: 4, least: -1, most: 1))
        for (loss, figure, expected, title) in [
            (MeanSquaredError() as any Loss, MeanError(), 4.25, "squared error"),
            (MeanAbsoluteError(), MeanError(), 1.75, "absolute error"),
            (MeanAbsoluteError(), MeanError(isSquared: true), 4.25, "squared error"),
        ] {
            let fitted = try figure.fitted(to: facts, loss: loss)
            var scores = FigureScores()
            let result = loss.evaluate(bench.tensor, targets: batch, wantsGradient: false)
            fitted.score(bench.tensor, targets: batch, result: result, into: &scores)
            #expect(try #require(fitted.judge(scores)).value == expected)
            #expect(fitted.format.title == title && !fitted.format.isHigherBetter)
            if let value = fitted.value(result) { #expect(abs(value - expected) < 1e-6) }
        }
    }

    /// Outputs in units of 10, 20, 30 and 40: differences of 1, 2, 3, 4 and −1, 1, −1, 1.
    @Test func errorIsInTheUnitsOfTheData() throws {
        let bench = try LossBench(Shape(channels: 1, height: 2, width: 2), samples: 2, lanes: 16)
        bench.outputs = [1, 2, 3, 4, 0, 0, 0, 0]
        let batch = bench.batch([0, 0, 0, 0, 1, -1, 1, -1])
        var facts = TargetFacts(.numbers(each: 4, least: -99, most: 99))
        facts.scale = TargetScale(means: [7, 7, 7, 7], deviations: [10, 20, 30, 40])
        for (loss, expected) in [(MeanSquaredError() as any Loss, 4800.0), (MeanAbsoluteError(), 50)] {
            let fitted = try MeanError().fitted(to: facts, loss: loss)
            var scores = FigureScores()
            let result = loss.evaluate(bench.tensor, targets: batch, wantsGradient: false)
            fitted.score(bench.tensor, targets: batch, result: result, into: &scores)
            #expect(try #require(fitted.judge(scores)).value == expected && fitted.value(result) == nil)
        }
    }

    // MARK: Intervals

    /// Of an accuracy the interval by influences is the one that counts give.
    @Test func intervalsOfCountsAreBinomial() throws {
        let now: [Float] = (0..<500).map { random.uniform(1, $0) < 0.8 ? 1 : 0 }
        let cut: [Float] = now.enumerated().map { random.uniform(2, $0.offset) < 0.1 ? 1 - $0.element : $0.element }
        let labels = [Int32](repeating: 0, count: 500)
        let a = try #require(ShareCorrect().judge(FigureScores(scores: now, labels: labels)))
        let b = try #require(ShareCorrect().judge(FigureScores(scores: cut, labels: labels)))
        let reading = Reading(percent: a.value, count: 500, step: 0)
        #expect(abs(a.margin - reading.margin) < 1e-9)
        let lost = Double(zip(now, cut).count { $0 > $1 }), won = Double(zip(now, cut).count { $0 < $1 })
        let paired = 196 * (lost + won - (lost - won) * (lost - won) / 500).squareRoot() / 500
        #expect(abs(b.margin(against: a) - paired) < 1e-9)
    }

    /// 95 % intervals hold the value of many more samples in about 95 % of draws.
    @Test(arguments: ["auc", "balanced", "error"]) func intervalsHoldTheTruth(_ name: String) throws {
        func draw(_ round: Int, _ count: Int) -> FigureScores {
            var scores = FigureScores()
            for index in 0..<count {
                let label: Int32 = random.uniform(round, index, 0) < 0.2 ? 1 : 0
                let score = random.uniform(round, index, 1) + random.uniform(round, index, 2) + 0.5 * Float(label)
                scores.labels.append(label)
                scores.scores.append(name == "balanced" ? (score > 1 ? 1 : 0) : score)
            }
            return scores
        }
        let figure: any Figure =
            switch name {
            case "auc": AreaUnderCurve()
            case "balanced": BalancedAccuracy()
            default: MeanError()
            }
        let truth = try #require(figure.judge(draw(999, 60_000))).value
        let held = try (0..<200).count { round in
            let judged = try #require(figure.judge(draw(round, 300)))
            return abs(judged.value - truth) <= judged.margin
        }
        #expect((178...200).contains(held), "\(held)")
    }

    // MARK: What does not fit, and what is taken

    @Test func figuresAreRefusedWhereTheyCannotBeComputed() throws {
        let numbers = TargetFacts(.numbers(each: 1, least: 0, most: 9))
        let classes = TargetFacts(.classes(2), names: ["cat", "dog"], validation: [5, 4])
        func refusal(_ figure: any Figure, _ facts: TargetFacts, _ loss: any Loss) -> String? {
            do {
                _ = try figure.fitted(to: facts, loss: loss)
                return nil
            } catch { return "\(error)" }
        }
        for figure in [AreaUnderCurve() as any Figure, ShareCorrect(), BalancedAccuracy()] {
            let name = type(of: figure).descriptor.name
            #expect(
                refusal(figure, numbers, MeanSquaredError())
                    == "figure '\(name)' needs classes, and the data has a number a sample; figure 'error' is for those"
            )
            #expect(refusal(figure, classes, SoftmaxCrossEntropy()) == nil)
        }
        #expect(refusal(MeanError(), classes, SoftmaxCrossEntropy())?.hasPrefix("figure 'error' needs values") == true)
        #expect(
            refusal(AreaUnderCurve(), TargetFacts(.classes(2), validation: [9, 0]), SoftmaxCrossEntropy())
                == "figure 'auc' tells classes apart, and the samples for validation have one class; "
                + "figure 'error' or 'accuracy' needs no more")
        #expect(
            refusal(AreaUnderCurve(positive: "cow"), classes, SoftmaxCrossEntropy())
                == "'positive' of figure 'auc' is cow; accepted: a class of the data, cat, dog")
        #expect(refusal(AreaUnderCurve(positive: "cat"), classes, SoftmaxCrossEntropy()) == nil)
    }

    @Test func theDefaultIsByTheTargets() {
        let classes = TargetFacts(.classes(2), validation: [5, 4])
        func name(_ facts: TargetFacts, _ loss: any Loss) -> String {
            type(of: Figures.standard(for: facts, loss: loss)).descriptor.name
        }
        #expect(name(classes, SoftmaxCrossEntropy()) == "accuracy")
        #expect(name(classes, MeanSquaredError(comparesInput: true)) == "auc")
        #expect(name(TargetFacts(.classes(2), validation: [9, 0]), MeanSquaredError(comparesInput: true)) == "error")
        #expect(name(TargetFacts(.classes(9), validation: [9, 9]), MeanSquaredError(comparesInput: true)) == "error")
        #expect(name(TargetFacts(.input(4)), MeanAbsoluteError()) == "error")
        #expect(name(TargetFacts(.numbers(each: 1, least: 0, most: 1)), BinaryCrossEntropy()) == "error")
    }

    // MARK: As text and JSON

    @Test func valuesAreWrittenAsTheirFigureHasThem() throws {
        let error = try MeanError().fitted(
            to: TargetFacts(.numbers(each: 1, least: 0, most: 1)), loss: MeanSquaredError()
        ).format
        let area = AreaUnderCurve().format
        #expect(FigureFormat.accuracy.named(90.804) == "90.80 %" && FigureFormat.accuracy.floor(90) == "90.0")
        #expect(area.named(0.97312) == "AUC 0.9731" && area.floor(0.95) == "0.95")
        #expect(error.named(0.0123456) == "squared error 0.01235" && error.number(1234.56) == "1235")
        #expect(error.number(0) == "0" && error.number(1.5e-9) == "1.500e-09" && error.floor(250) == "250")
        #expect(error.misses(0.2, 0.1) && !error.misses(0.1, 0.1) && area.misses(0.2, 0.3))
        let reading = Reading(value: 0.12, margin: 0.01, count: 50, step: 7)
        #expect(FloorVerdict(reading, floor: 0.2, error) == .ok && FloorVerdict(reading, floor: 0.1, error) == .under)
        #expect(FloorVerdict(reading, floor: 0.115, error) == .unsure)
        #expect(FloorVerdict.under.word(error) == "over" && FloorVerdict.under.word(.accuracy) == "under")
    }

    /// Checkpoints of before are read, and an accuracy is written as it was.
    @Test func anAccuracyIsWrittenAsItWas() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let old = #"{"count":237,"percent":81.5,"step":20}"#
        let reading = try JSONDecoder().decode(Reading.self, from: Data(old.utf8))
        #expect(reading == Reading(percent: 81.5, count: 237, step: 20))
        #expect(String(decoding: try encoder.encode(reading), as: UTF8.self) == old)
        let other = Reading(value: 0.5, margin: 0.1, count: 9, step: 2)
        #expect(try JSONDecoder().decode(Reading.self, from: encoder.encode(other)) == other)
        let entry = #"{"accuracy":81.5,"event":1,"isCurrent":true,"kind":"cut","label":"cut 80 %","step":20}"#
        let known = try JSONDecoder().decode(HistoryEntry.self, from: Data(entry.utf8))
        #expect(known.figure == 81.5)
        #expect(String(decoding: try encoder.encode(known), as: UTF8.self) == entry)
    }

    @Test func aLineOfMetricsNamesItsFigure() throws {
        var line = MetricsLine(
            step: 3, epoch: 1, loss: 0.5, sparsity: 0, nnz: 1, bytes: 1, elapsedSeconds: 1, validated: true)
        line.validationFigure = 250
        // No share in percent.
        #expect(MetricsLine(json: line.json) == nil && line.json.contains(#""validation_accuracy":250"#))
        line.figure = "error"
        #expect(line.json.contains(#""figure":"error""#) && line.json.contains(#""validation_figure":250"#))
        #expect(!line.json.contains("accuracy"))
        #expect(try #require(MetricsLine(json: line.json)).validationFigure == 250)
    }
}
