import Foundation
import Graph
import Kernels
import Sparsity
import Testing
import Training

/// What is computed in double precision with exact derivatives: SynFlow, GraSP, and the network underneath.
@Suite struct ExactFactsTests {
    @Test func synapticFlow() throws {
        let trainer = Trainer(try plan(), team: Team(size: 2))
        for _ in 0..<3 { _ = try trainer.step() }
        var model = DoubleMultilayer(trainer)
        for layer in model.layers.indices {
            model.layers[layer].weights = model.layers[layer].weights.map(abs)
            model.layers[layer].bias = model.layers[layer].bias.map(abs)
        }
        let expected = flow(model)
        let facts = try trainer.calibration().facts([.synapticFlow], keeping: nil, samples: 0)
        let largest = expected.joined().max()!
        for layer in facts.indices {
            #expect(relativeError(facts[layer].synapticFlow!, expected[layer].map { $0 / largest }) < 1e-5)
        }
    }

    private func flow(_ model: DoubleMultilayer) -> [[Double]] {
        let all = model.activations([Double](repeating: 1, count: model.layers[0].columns))
        var dy = [Double](repeating: 1, count: model.layers.last!.rows)
        var scores = model.layers.map { _ in [Double]() }
        for number in model.layers.indices.reversed() {
            let layer = model.layers[number]
            scores[number] = layer.weights.indices.map {
                layer.weights[$0] * dy[$0 / layer.columns] * all[number][$0 % layer.columns]
            }
            dy = (0..<layer.columns).map { column in
                (0..<layer.rows).reduce(0.0) { $0 + layer.weights[$1 * layer.columns + column] * dy[$1] }
            }
        }
        return scores
    }

    /// Round by round, with the ranking written out.
    @Test func theMaskOfManyRounds() throws {
        let recipe =
            "criterion: {name: synflow, rounds: 8}\nmethod: one-shot\nschedule: {name: one-shot, final: 0.9, at: 9}"
        let trainer = Trainer(try plan(recipe), team: Team(size: 2))
        var model = DoubleMultilayer(trainer)
        for layer in model.layers.indices { model.layers[layer].weights = model.layers[layer].weights.map(abs) }
        let total = model.layers.reduce(0) { $0 + $1.weights.count }
        for round in 1...8 {
            let kept = total - Int(((1 - pow(0.1, Double(round) / 8)) * Double(total)).rounded())
            let scores = flow(model)
            let ranking = scores.indices.flatMap { layer in scores[layer].indices.map { (scores[layer][$0], layer, $0) }
            }
            .sorted { ($0.0, $0.1, $0.2) < ($1.0, $1.1, $1.2) }
            for entry in ranking.prefix(total - kept) { model.layers[entry.1].weights[entry.2] = 0 }
        }
        trainer.apply(try #require(try trainer.changes(for: .cut(sparsity: 0.9))), event: 1)
        for (number, layer) in trainer.network.layers.enumerated() {
            let expected = model.layers[number].weights.indices.filter { model.layers[number].weights[$0] != 0 }
            #expect(layer.liveIndices() == expected)
        }
    }

    /// The direction is the mean gradient of both halves; H g by central differences in double precision.
    @Test(arguments: [1, 3]) func hessianTimesGradient(threads: Int) throws {
        let trainer = Trainer(try plan(), team: Team(size: threads))
        let model = DoubleMultilayer(trainer)
        let facts = try trainer.calibration().facts([.hessianGradient], keeping: nil, samples: 6)
        var order = trainer.plan.split.train
        CounterRandom(seed: trainer.plan.recipe.seed, purpose: .calibration).shuffle(&order)
        let labels = trainer.plan.data.train.classes
        var chosen: [Int32] = []
        for label in Int32(0)..<10 { chosen += order.filter { labels[Int($0)] == label }.prefix(6) }
        let samples = CalibrationSamples(trainer.plan, chosen)
        func gradient(_ model: DoubleMultilayer) -> [[Double]] {
            model.meanGradient(samples.inputs, labels: samples.labels, temperature: 200)
        }
        let direction = gradient(model)
        let step = 1e-4 / direction.joined().reduce(0) { max($0, abs($1)) }
        func moved(_ sign: Double) -> [[Double]] {
            var moved = model
            for layer in direction.indices {
                for place in direction[layer].indices {
                    moved.layers[layer].weights[place] += sign * step * direction[layer][place]
                }
            }
            return gradient(moved)
        }
        let (above, below) = (moved(1), moved(-1))
        for layer in facts.indices {
            let expected = zip(above[layer], below[layer]).map { ($0 - $1) / (2 * step) }
            #expect(relativeError(facts[layer].hessianGradient!, expected) < 1e-5, "\(layer)")
        }
    }

    private static let image = """
        [{name: a, operator: convolution, channels: 4, kernel: 3, padding: 1}, {name: n, operator: batch-norm},
         {name: r, operator: relu}, {operator: max-pool}, {name: b, operator: convolution, channels: 4, kernel: 3,
         padding: 1, groups: 2}, {name: p, operator: average-pool, kernel: 3, stride: 1, padding: 1},
         {name: c, operator: convolution, channels: 4, kernel: 1, input: b},
         {name: s, operator: add, input: [p, c]}, {operator: leaky-relu}, {operator: global-average-pool},
         {operator: flatten}, {name: out, operator: linear, outputs: 10}]
        """

    /// The gradient is that of the network in single precision, and its derivative that of its own differences.
    @Test func everyExactOperator() throws {
        let trainer = Trainer(try plan("", network: Self.image), team: Team(size: 2))
        let chosen = Array(trainer.plan.split.train.prefix(48))
        let samples = CalibrationSamples(trainer.plan, chosen)
        let input = samples.inputs.flatMap { $0.map { Dual($0) } }
        let state = trainer.state()
        func pass(_ change: (ExactNetwork) -> Void) throws -> [[Dual]] {
            let network = try ExactNetwork(
                trainer.plan.graph, layers: state.layers.map(\.arrays), parameters: state.parameters,
                team: Team(size: 2))
            change(network)
            let output = network.forward(input, samples: 48, isTraining: true)
            var gradient: [Dual] = []
            for (sample, label) in samples.labels.enumerated() {
                let scores = output[sample * 10..<sample * 10 + 10].map(\.exponential)
                let sum = scores.reduce(Dual.zero) { $0 + $1 }
                gradient += scores.enumerated().map { (1 / 48.0) * ($1 / sum - Dual($0 == label ? 1 : 0)) }
            }
            network.backward(gradient)
            return network.weightGradients
        }
        let network = trainer.network
        PanelFiller(trainer.plan.data, network: network).fill(from: trainer.plan.data.train, indices: chosen[...])
        network.forward(samples: 48, step: 0, seed: 1)
        _ = trainer.plan.loss.evaluate(
            network.output, targets: TargetBatch(labels: samples.labels.map(Int32.init)), wantsGradient: true)
        network.backward(samples: 48)
        let plain = try pass { _ in }
        for (layer, held) in network.layers.enumerated() {
            #expect(relativeError(held.liveGradient(), plain[layer].map(\.value)) < 1e-4, "\(held.name)")
        }
        let along = try pass { network in
            for layer in plain.indices {
                for place in plain[layer].indices { network.weights[layer][place].tangent = plain[layer][place].value }
            }
        }
        let step = 1e-5
        func moved(_ sign: Double) throws -> [[Dual]] {
            try pass { network in
                for layer in plain.indices {
                    for place in plain[layer].indices {
                        network.weights[layer][place].value += sign * step * plain[layer][place].value
                    }
                }
            }
        }
        let (above, below) = (try moved(1), try moved(-1))
        for layer in plain.indices {
            let expected = zip(above[layer], below[layer]).map { ($0.value - $1.value) / (2 * step) }
            #expect(relativeError(along[layer].map { Float($0.tangent) }, expected) < 1e-5, "\(layer)")
        }
    }

    @Test func whatHasNoSecondDerivativeIsNamed() throws {
        let plan = try plan(
            "", network: "[{operator: flatten}, {name: g, operator: gelu}, {name: out, operator: linear, outputs: 10}]")
        let error = #expect(throws: GraphError.self) {
            try Trainer(plan, team: Team(size: 1)).calibration().facts([.hessianGradient], keeping: nil, samples: 2)
        }
        #expect("\(try #require(error))".contains("'g'"))
    }

    /// In one shot without retraining: what keeps the outputs of layers loses least.
    @Test func oneShotLosses() throws {
        let trained = Trainer(try plan(epochs: 6, network: "mlp-64-48-24-10"), team: Team(size: 2))
        for _ in 0..<120 { _ = try trained.step() }
        let state = trained.state()
        let samples = CalibrationSamples(trained.plan, Array(trained.plan.split.validation))
        var losses: [String: Double] = [:]
        for criterion in ["magnitude", "wanda", "sparsegpt", "alps"] {
            for sparsity in [0.5, 0.6, 0.7, 0.8] {
                let plan = try plan(
                    "criterion: \(criterion)\ndistribution: uniform\nmethod: one-shot\n"
                        + "schedule: {name: one-shot, final: 0.9, at: 9}", epochs: 6, network: "mlp-64-48-24-10")
                let trainer = Trainer(plan, team: Team(size: 2), initialize: false)
                trainer.restore(state)
                trainer.apply(try #require(try trainer.changes(for: .cut(sparsity: sparsity))), event: 1)
                let model = DoubleMultilayer(trainer)
                for (input, label) in zip(samples.inputs, samples.labels) {
                    let outputs = model.activations(input).last!
                    losses[criterion, default: 0] += log(outputs.reduce(0) { $0 + exp($1 - outputs[label]) })
                }
            }
        }
        let order = ["alps", "sparsegpt", "wanda", "magnitude"].map { losses[$0]! }
        #expect(order == order.sorted(), "\(losses)")
    }
}
