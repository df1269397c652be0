import Foundation
import Kernels
import Sparsity
import Testing
import Training

/// What is measured of a trained network: sensitivity of its layers.
@Suite struct AnalysisTests {
    /// A network of 2,080 weights that has learned something.
    static let subject: AnalysedNetwork = {
        let trainer = Trainer(try! TrainingPlan(digits("method: none")), team: Team(size: 1))
        for _ in 0..<60 { _ = try! trainer.step() }
        let state = trainer.state()
        return AnalysedNetwork(
            plan: trainer.plan, graph: trainer.plan.graph, layers: state.layers, parameters: state.parameters, step: 60)
    }()

    // MARK: Sensitivity

    @Test func theSweepIsWhatEachCutMeasures() throws {
        let found = try #require(try Sensitivity.sweep(Self.subject, levels: [0, 0.5, 0.9], workers: 2))
        #expect(found.layers.map(\.name) == ["fc1", "fc2", "fc3"] && found.count == 237 && found.step == 60)
        let all = try Self.figure(keeping: { _, _ in true })
        #expect(found.value == all)
        for (number, layer) in found.layers.enumerated() {
            #expect(layer.points[0].value == all && layer.points[0].difference == 0)
            #expect(layer.points[0].differenceMargin == 0)
            for (point, level) in zip(layer.points.dropFirst(), [0.5, 0.9]) {
                // The smallest go, ties by place.
                let values = Self.subject.layers[number].arrays.values
                let order = values.indices.sorted { (abs(values[$0]), $0) < (abs(values[$1]), $1) }
                let gone = Set(order.prefix(Int((level * Double(values.count)).rounded())))
                let expected = try Self.figure(keeping: { $0 != number || !gone.contains($1) })
                #expect(point.value == expected, "\(layer.name) at \(level)")
                #expect(abs(point.sparsity - level) < 0.01 && point.level == level && point.margin > 0)
                #expect(abs(point.difference - (expected - all)) < 1e-9)
                if expected != all { #expect(point.differenceMargin > 0) }
            }
        }
    }

    /// The figure of the network with these weights alone, on the validation samples.
    private static func figure(keeping: (Int, Int) -> Bool) throws -> Double {
        let network = Trainer(subject.plan, team: Team(size: 1)).network
        for (number, layer) in subject.layers.enumerated() {
            var arrays = layer.arrays
            arrays.slots = [[Float](repeating: 0, count: arrays.values.count)]
            arrays.biasSlots = [[Float](repeating: 0, count: arrays.bias.count)]
            for place in arrays.values.indices where !keeping(number, place) { arrays.values[place] = 0 }
            network.layers[number].set(arrays)
        }
        return try subject.plan.measure(network, onTest: false).value
    }

    /// A network whose last biases alone are not zero answers them to everything: −log softmax of a label's, by hand.
    @Test func theLossIsTheMeanOverTheSamples() throws {
        let network = Trainer(Self.subject.plan, team: Team(size: 1)).network
        let answers: [Float] = [0, 1, 0, -2, 0.5, 0, 0, 3, 0, 0]
        for (number, layer) in Self.subject.layers.enumerated() {
            var arrays = layer.arrays
            let bias = number == 2 ? answers : [Float](repeating: 0, count: arrays.bias.count)
            arrays.values = [Float](repeating: 0, count: arrays.values.count)
            arrays.slots = [arrays.values]
            arrays.bias = bias
            arrays.biasSlots = [[Float](repeating: 0, count: bias.count)]
            network.layers[number].set(arrays)
        }
        let plan = Self.subject.plan, split = plan.split.validation
        let sum = answers.reduce(0) { $0 + exp(Double($1)) }
        let losses = split.map { log(sum) - Double(answers[Int(plan.data.train.classes[Int($0)])]) }
        let measured = try plan.measured(network, onTest: false)
        #expect(abs(measured.loss - losses.reduce(0, +) / Double(losses.count)) < 1e-5)
        #expect(try plan.measure(network, onTest: false) == measured.reading)
    }

    @Test func copiesChangeNothingAndACancelEndsIt() throws {
        let one = try Sensitivity.sweep(Self.subject, workers: 1)
        let done = Locked(0)
        let three = try Sensitivity.sweep(
            Self.subject, workers: 3, progress: { count, all in if count == all { done.withLock { $0 = count } } })
        #expect(one == three && done.withLock { $0 } == 30)
        let looks = Locked(0)
        let none = try Sensitivity.sweep(
            Self.subject, workers: 2,
            isCancelled: {
                looks.withLock { looks in
                    looks += 1
                    return looks > 5
                }
            })
        #expect(none == nil)
    }

    @Test func aLaterCountIsNeverToldBeforeAnEarlierOne() throws {
        let told = Locked<[Int]>([])
        _ = try Self.subject.onCopies(
            tasks: 12, workers: 4,
            progress: { count in
                // Whoever is told slowly is overtaken, where several are told at once.
                if count % 3 == 1 { usleep(20_000) }
                told.withLock { $0.append(count) }
            }, { _, task in task })
        #expect(told.withLock { $0 } == Array(1...12))
    }

    @Test func theSweepIsKeptAndReadBack() throws {
        let folder = TemporaryFolder()
        let found = try #require(try Sensitivity.sweep(Self.subject, levels: [0, 0.8], workers: 1))
        try found.write(to: folder("sensitivity.json"))
        #expect(try Sensitivity.read(folder("sensitivity.json")) == found)
        #expect(found.json.contains(#""difference_margin":"#) && found.json.contains(#""level":0.8"#))
        for text in [
            "", "{}", found.json.replacing("espalier-sensitivity-1", with: "x"), String(found.json.dropLast()),
        ] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder("bad.json")))
            #expect(throws: (any Error).self) { try Sensitivity.read(folder("bad.json")) }
        }
    }

    @Test func theLargestSparsityLiesWhereTheLineMeetsTheBudget() {
        func point(_ level: Double, _ difference: Double) -> Sensitivity.Point {
            Sensitivity.Point(
                level: level, sparsity: level, value: 90 + difference, margin: 1, difference: difference,
                differenceMargin: 1)
        }
        let found = Sensitivity(
            step: 0, figure: "accuracy", criterion: "magnitude", granularity: "weight", count: 100, value: 90,
            margin: 1,
            layers: [
                .init(name: "a", weights: 10, points: [point(0, 0), point(0.5, -0.5), point(0.9, -2.5)]),
                .init(name: "b", weights: 10, points: [point(0, 0), point(0.5, -4)]),
                .init(name: "c", weights: 10, points: [point(0, 0), point(0.5, 0.5), point(0.9, 1)]),
                // Better again beyond what breaks it counts for nothing.
                .init(name: "d", weights: 10, points: [point(0, 0), point(0.5, -3), point(0.9, 0)]),
            ])
        let largest = found.largest(within: 1, isHigherBetter: true)
        let expected = ["a": 0.6, "b": 0.125, "c": 0.9, "d": 0.5 / 3]
        for (name, sparsity) in expected { #expect(abs(largest[name]! - sparsity) < 1e-12, "\(name)") }
        #expect(abs(found.largest(within: 0.6, isHigherBetter: false)["c"]! - 0.58) < 1e-12)
    }
}

/// Search, front, controls.
@Suite struct SearchTests {
    private var subject: AnalysedNetwork { AnalysisTests.subject }

    // MARK: The largest sparsity within a floor

    @Test func theSearchEndsWhereTheNextStepWouldMiss() throws {
        let now = try #require(FrontPoint("", subject, seconds: 0)).reading.value
        let floor = now - 10
        let search = try SparsitySearch(subject, floor: floor, steps: 0, tolerance: 0.02, threads: 1)
        let kept = search.attempts.filter(\.keepsFloor), missed = search.attempts.filter { !$0.keepsFloor }
        #expect(search.attempts[0].sparsity == 0 && search.attempts[0].reading.value == now)
        for attempt in search.attempts { #expect(attempt.keepsFloor == (attempt.reading.value >= floor)) }
        let most = kept.map(\.sparsity).max()!, least = missed.map(\.sparsity).min()!
        #expect(most > 0.1 && most < least && least - most <= 0.021 && search.attempts.count <= 9)
        #expect(search.best.sparsity == most)
        #expect(try #require(FrontPoint("", search.best, seconds: 0)).reading.value >= floor)
        #expect(throws: AnalysisError.self) {
            try SparsitySearch(subject, floor: 100, steps: 0, tolerance: 0.02, threads: 1)
        }
    }

    /// With steps after each cut it comes further, from the same weights each time.
    @Test func retrainingComesFurther() throws {
        let now = try #require(FrontPoint("", subject, seconds: 0)).reading.value
        let atOnce = try SparsitySearch(subject, floor: now - 5, steps: 0, tolerance: 0.05, threads: 1)
        let trained = try SparsitySearch(subject, floor: now - 5, steps: 40, tolerance: 0.05, threads: 1)
        let again = try SparsitySearch(subject, floor: now - 5, steps: 40, tolerance: 0.05, threads: 2)
        #expect(trained.best.sparsity > atOnce.best.sparsity)
        #expect(trained.attempts == again.attempts)
    }

    // MARK: The front

    @Test func aPointCountsWhatItsNetworkHas() throws {
        let cut = try subject.layers(cutTo: 0.9, threads: 1)
        let dense = try #require(FrontPoint("dense", subject, seconds: 0))
        let sparse = try #require(
            FrontPoint("sparse", subject, layers: cut, seconds: 0))
        #expect(dense.nnz == 2080 && dense.multiplyAdds == 2080 && dense.bytes == 4 * (2080 + 50))
        #expect(sparse.nnz == 208 && sparse.multiplyAdds == 208 && sparse.bytes == 4 * (208 + 50) + 2080 / 8)
        #expect(sparse.latencyMicroseconds > 0 && abs(sparse.sparsity - 0.9) < 1e-9)
        // It has seen the training samples.
        #expect(dense.gap > -3)
        var equal = dense
        equal.label = "equal"
        func isBeaten(_ point: FrontPoint, _ other: FrontPoint) -> Bool {
            point.isBeaten(by: other, isHigherBetter: true) { Double($0.nnz) }
        }
        #expect(!isBeaten(dense, equal) && !isBeaten(sparse, dense) && !isBeaten(dense, sparse))
        equal.reading = sparse.reading
        #expect(isBeaten(equal, sparse) && !isBeaten(sparse, equal))
    }

    // MARK: Controls

    @Test func controlsHaveAsManyWeights() throws {
        let cut = try subject.layers(cutTo: 0.8, threads: 1)
        let sparse = AnalysedNetwork(
            plan: subject.plan, graph: subject.graph, layers: cut,
            parameters: subject.parameters, step: 60)
        let own = sparse.layers.map(\.arrays.indices)
        let random = try #require(try Control.randomMask.trained(sparse, threads: 1, steps: 20))
        #expect(random.layers.map(\.arrays.values.count) == sparse.layers.map(\.arrays.values.count))
        #expect(random.layers.map(\.arrays.indices) != own)
        let anew = try #require(try Control.newWeights.trained(sparse, threads: 1, steps: 20))
        #expect(
            anew.layers.map(\.arrays.indices) == own && anew.layers[0].arrays.values != sparse.layers[0].arrays.values)
        let smaller = try #require(try Control.smallerDense.trained(sparse, threads: 1, steps: 20))
        #expect(smaller.nnz <= sparse.nnz && Double(smaller.nnz) > 0.8 * Double(sparse.nnz) && smaller.sparsity == 0)
        #expect(smaller.graph.output == subject.graph.output)
        // The same samples set apart.
        #expect(smaller.plan.split.validation == subject.plan.split.validation)
    }

    @Test func aNarrowedNetworkKeepsItsForm() throws {
        let graph = try TrainingPlan(digits(network: "mlp-64-200-100-10")).graph
        let narrow = try graph.narrowed(toWeights: 3000)
        #expect(narrow.nodes.map(\.name) == graph.nodes.map(\.name) && narrow.output == graph.output)
        let counts = narrow.nodes.compactMap { $0.ownWeights?.rows }
        #expect(counts.count == 3 && abs(Double(counts[0]) / Double(counts[1]) - 2) < 0.1)
        #expect(try graph.narrowed(toWeights: 1 << 40).nodes.count == graph.nodes.count)
        #expect(throws: AnalysisError.self) { try graph.narrowed(toWeights: 20) }
    }
}
