import Foundation
import Graph
import Kernels
import Sparsity
import Testing
import Training

/// Activations that are zero: counted, asked for by a penalty, made by thresholds.
@Suite struct ActivationTests {
    private static func network(_ activation: String) -> String {
        "[{operator: flatten}, {name: a, operator: linear, outputs: 12}, {name: act, \(activation)}, "
            + "{name: b, operator: linear, outputs: 10}]"
    }
    private static let convolution = """
        [{name: c, operator: convolution, channels: 6, kernel: 3}, {name: r, operator: relu},
         {operator: max-pool, kernel: 2}, {operator: flatten}, {name: a, operator: linear, outputs: 20},
         {name: s, operator: relu}, {name: b, operator: linear, outputs: 10}]
        """

    /// Gradients of the first step with and without the penalty, and the weights before it.
    private func difference(_ network: String, lambda: Double) throws -> (trainer: Trainer, gradients: [[Double]]) {
        let trainers = try [0, lambda].map { lambda in
            Trainer(
                try plan("activation-l1: \(lambda)\nlearning-rate: {name: constant, rate: 1e-30}", network: network),
                team: Team(size: 2))
        }
        for trainer in trainers { _ = try trainer.step() }
        let gradients = zip(trainers[0].network.layers, trainers[1].network.layers).map { without, with in
            zip(with.liveGradient(), without.liveGradient()).map { Double($0) - Double($1) }
        }
        return (trainers[1], gradients)
    }

    /// λ/N · Σ x over the samples at which the unit is not zero: 60 of 64 lanes hold one.
    @Test(arguments: ["operator: relu", "operator: fat-relu, threshold: 0.5"])
    func thePenaltyPullsAtActiveUnits(activation: String) throws {
        let lambda = 0.3
        let (trainer, gradients) = try difference(Self.network(activation), lambda: lambda)
        let network = trainer.network, layer = network.layers[0].live(withSlots: false)
        let least = activation.contains("fat") ? 0.5 : 0
        let input = network.input.layout
        var expected = [Double](repeating: 0, count: 12 * 64)
        for sample in 0..<60 {
            let x = (0..<64).map {
                Double(network.input.values.pointer[input.offset(0, $0 / 8) + $0 % 8 * input.lanes + sample])
            }
            for unit in 0..<12 {
                let sum = (0..<64).reduce(0.0) { $0 + Double(layer.values[unit * 64 + $1]) * x[$1] }
                guard sum > 0, sum >= least else { continue }
                for column in 0..<64 { expected[unit * 64 + column] += lambda / 60 * x[column] }
            }
        }
        for (found, expected) in zip(gradients[0], expected) { #expect(abs(found - expected) < 1e-4) }
        // Behind it nothing is penalised.
        #expect(gradients[1].reduce(true) { $0 && abs($1) < 1e-6 })
    }

    /// The same by finite differences of λ/N · Σ|y|, through a convolution, pooling and a second ReLU.
    @Test func thePenaltyIsThatOfItsObjective() throws {
        let lambda = 0.3
        let (trainer, gradients) = try difference(Self.convolution, lambda: lambda)
        let network = trainer.network, state = trainer.state()
        let held = network.graph.nodes.indices.filter { network.graph.nodes[$0].op.traits.contains(.makesZeros) }
        #expect(held.count == 2)
        func objective(_ layer: Int, _ direction: [Float], _ step: Float) -> Double {
            var state = state
            for (place, change) in direction.enumerated() { state.layers[layer].arrays.values[place] += step * change }
            trainer.restore(state)
            network.forward(samples: 60, step: 0)
            return held.reduce(0.0) { sum, number in
                let tensor = network.tensors[number + 1], layout = tensor.layout
                var sum = sum
                for channel in 0..<layout.channels {
                    for row in 0..<layout.height {
                        for x in 0..<layout.width {
                            for sample in 0..<60 {
                                let panel = sample / layout.lanes * layout.panelFloats + sample % layout.lanes
                                sum += Double(
                                    tensor.values.pointer[panel + layout.offset(channel, row) + x * layout.lanes])
                            }
                        }
                    }
                }
                return sum
            } * lambda / 60
        }
        let random = CounterRandom(seed: 3, purpose: .test)
        for layer in 0..<2 {
            let direction = gradients[layer].indices.map { random.uniform($0, layer) - 0.3 }
            let expected = (objective(layer, direction, 1e-3) - objective(layer, direction, -1e-3)) / 2e-3
            let found = zip(gradients[layer], direction).reduce(0) { $0 + $1.0 * Double($1.1) }
            #expect(abs(found - expected) < 0.02 * abs(expected), "layer \(layer): \(found), \(expected)")
        }
    }

    @Test func aPenaltyMakesZeros() throws {
        let folder = TemporaryFolder()
        func zeros(_ lambda: Double) throws -> [UnitActivity] {
            let play = try Play(digits("activation-l1: \(lambda)"), in: folder("\(lambda)"), interactive: true)
            let snapshot = try play.snapshot { $0.phase == .outOfSteps }
            try play.stop()
            return snapshot.activations
        }
        let without = try zeros(0), with = try zeros(0.003)
        #expect(without.map(\.node) == with.map(\.node) && without.map(\.layer) == ["fc1", "fc2"])
        for (with, without) in zip(with, without) {
            #expect(with.zeroShare > without.zeroShare + 0.05)
            #expect(with.rates.count == (with.layer == "fc1" ? 24 : 16))
            let mean = with.rates.reduce(0) { $0 + Double($1) } / Double(with.rates.count)
            #expect(abs(1 - mean - with.zeroShare) < 1e-5)
        }
    }

    @Test func thresholdsMakeTheZerosAskedFor() throws {
        let plan = try plan()
        let trainer = Trainer(plan, team: Team(size: 2))
        for _ in 0..<60 { _ = try trainer.step() }
        let state = trainer.state()
        let finder = ActivationThresholds(
            plan, graph: plan.graph, layers: state.layers, parameters: state.parameters, team: Team(size: 2))
        let before = try finder.measure([:])
        let found = try finder.thresholds(zeroing: 0.8)
        let after = try finder.measure(found)
        #expect(found.count == 2 && found.values.reduce(true) { $0 && $1 > 0 })
        for (before, after) in zip(before.activations, after.activations) {
            // Found on training samples, counted on others.
            #expect(before.zeroShare < 0.75 && abs(after.zeroShare - 0.8) < 0.06)
        }
        // A ReLU that makes as many zeros keeps its own.
        #expect(try finder.thresholds(zeroing: 0.05).values.reduce(true) { $0 && $1 == 0 })
        let (within, share) = try finder.thresholds(losing: 3)
        #expect(share > 0.3 && within.count == 2)
        #expect(try before.figure.value - finder.measure(within).figure.value <= 3)
        #expect(try finder.secondsPerImage([:], found) != nil)
    }

    /// The network that skips zeros and the one that does not answer with the same bits.
    @Test func skippedZerosChangeNoBit() throws {
        let plan = try plan()
        let trainer = Trainer(plan, team: Team(size: 1))
        for _ in 0..<20 { _ = try trainer.step() }
        let cut = try #require(try trainer.changes(for: .cut(sparsity: 0.85)))
        trainer.apply(cut, event: 1)
        let state = trainer.state()
        let finder = ActivationThresholds(
            plan, graph: plan.graph, layers: state.layers, parameters: state.parameters, team: Team(size: 1))
        let thresholds = try finder.network(finder.thresholds(zeroing: 0.9), looks: false, capacity: 16)
        let largest = try finder.network([:], keeping: 0.2, looks: false, capacity: 16)
        #expect(largest.graph.nodes.count { $0.op is TopK } == 2)
        let random = CounterRandom(seed: 8, purpose: .test)
        for image in 0..<20 {
            let answering = Answering(image < 10 ? thresholds : largest, samples: 1)
            for place in 0..<64 { answering.images[place] = random.uniform(image, place) * 2 - 1 }
            answering.forward(samples: 1, .images)
            let one = (0..<10).map { answering.answers[$0].bitPattern }
            answering.fillPanels()
            answering.forward(samples: 1, .panels)
            answering.takeAnswers(1)
            #expect((0..<10).map { answering.answers[$0].bitPattern } == one)
        }
    }
}
