import Graph
import Kernels
import Sparsity
import Testing
import Training

/// A cut without training, and what makes up for it.
@Suite struct RecoveryTests {
    private static let normed = """
        [{name: a, operator: convolution, channels: 8, kernel: 3, padding: 1}, {name: n, operator: batch-norm},
         {operator: relu}, {operator: max-pool}, {operator: flatten}, {name: out, operator: linear, outputs: 10}]
        """

    private func trained(_ network: String) throws -> Trainer {
        let trainer = Trainer(try plan(epochs: 4, network: network), team: Team(size: 2))
        for _ in 0..<60 { _ = try trainer.step() }
        return trainer
    }

    private func cut(_ trainer: Trainer, _ sparsity: Double = 0.7) throws -> CutNetwork {
        let state = trainer.state()
        let network = CutNetwork(
            trainer.plan, layers: state.layers, parameters: state.parameters, normalization: nil, team: Team(size: 2))
        try network.cut(
            Masker(
                criterion: Criteria.make("magnitude"), granularity: Granularities.make("weight"),
                distribution: Distributions.make("uniform")), sparsity: sparsity)
        return network
    }

    private func recover(_ network: CutNetwork, _ names: String...) throws {
        for recovery in try Recoveries.make(names) { try recovery.recover(network) }
    }

    @Test func momentsOfOutputs() throws {
        let trainer = try trained("mlp-64-24-16-10")
        let model = DoubleMultilayer(trainer), samples = CalibrationSamples(trainer.plan, 90)
        let moments = trainer.calibration().rowMoments(90)
        let last = samples.inputs.map { model.activations($0).last! }
        for unit in 0..<10 {
            let mean = last.reduce(0) { $0 + $1[unit] } / 90
            let variance = last.reduce(0) { $0 + ($1[unit] - mean) * ($1[unit] - mean) } / 90
            #expect(abs(moments[2][unit].mean - mean) < 1e-4 && abs(moments[2][unit].variance - variance) < 1e-3)
        }
    }

    @Test func biasesGiveMeansBack() throws {
        let network = try cut(try trained("mlp-64-24-16-10"))
        try recover(network, "bias-correction")
        let before = network.before.rowMoments(1024), after = network.calibration().rowMoments(1024)
        for (old, new) in zip(before.joined(), after.joined()) { #expect(abs(old.mean - new.mean) < 1e-4) }
    }

    /// With half of the trust in the median channel its variance goes half of the way, in roots.
    @Test func variancesComeBack() throws {
        let network = try cut(try trained("mlp-64-24-16-10"))
        let before = network.before.rowMoments(1024), cut = network.calibration().rowMoments(1024)
        try recover(network, "variance-matching")
        let after = network.calibration().rowMoments(1024)
        let median = cut[0].map(\.variance).sorted()[cut[0].count / 2]
        for row in cut[0].indices where cut[0][row].variance > 0 {
            let trust = cut[0][row].variance / (cut[0][row].variance + median)
            let ratio = (before[0][row].variance / cut[0][row].variance).squareRoot()
            let expected = cut[0][row].variance * (1 + trust * (ratio - 1)) * (1 + trust * (ratio - 1))
            #expect(abs(after[0][row].variance - expected) < 1e-3 * (1 + expected))
            #expect(abs(after[0][row].mean - before[0][row].mean) < 1e-3)
        }
    }

    /// Least squares never answer worse than the weights that were left, on the samples that they were made with.
    @Test func reconstructionLessensTheError() throws {
        let trainer = try trained("mlp-64-24-16-10")
        let plain = try cut(trainer), mended = try cut(trainer)
        try recover(mended, "reconstruction")
        let gram = try trainer.calibration().facts([.inputGram], keeping: nil, samples: 1024)
        let dense = trainer.state().layers
        func error(_ network: CutNetwork, _ number: Int) -> Double {
            let layer = network.layers[number].arrays, columns = trainer.plan.layers[number].columns
            var off = dense[number].arrays.values.map(Double.init)
            for (position, value) in zip(layer.indices!, layer.values) { off[position] -= Double(value) }
            var sum = 0.0
            for row in 0..<off.count / columns {
                for i in 0..<columns {
                    for j in 0..<columns {
                        let product = Double(gram[number].inputGram![i * columns + j])
                        sum += off[row * columns + i] * product * off[row * columns + j]
                    }
                }
            }
            return sum
        }
        for number in 0..<3 {
            #expect(mended.layers[number].arrays.indices == plain.layers[number].arrays.indices)
            #expect(error(mended, number) < error(plain, number))
        }
    }

    /// Mean over batches of what batch normalisation sees; the network itself is not changed.
    @Test func statisticsAreMeasuredAgain() throws {
        let trainer = try trained(Self.normed)
        let network = try cut(trainer)
        try recover(network, "norm-statistics")
        let mean = try #require(network.parameters.first { $0.name == "n.running_mean" })
        let moments = network.calibration().rowMoments(1024)[0]
        for channel in 0..<8 { #expect(abs(Double(mean.values[channel]) - moments[channel].mean) < 1e-4) }
        #expect(network.parameters.first { $0.name == "n.weight" }?.values == trainer.state().parameters.first?.values)
        #expect(throws: (any Error).self) { try Recoveries.make(["hope"]) }
    }

    @Test func theSameBytesOnAnyThreads() throws {
        let state = try trained(Self.normed).state()
        var seen: [[LayerState]] = []
        for threads in [1, 3] {
            let plan = try plan(epochs: 4, network: Self.normed)
            let network = CutNetwork(
                plan, layers: state.layers, parameters: state.parameters, normalization: nil,
                team: Team(size: threads))
            try network.cut(
                Masker(
                    criterion: Criteria.make("sparsegpt"), granularity: Granularities.make("weight"),
                    distribution: Distributions.make("global"), refinement: Refinements.make("sparse-swaps")),
                sparsity: 0.6)
            try recover(network, "reconstruction", "variance-matching", "bias-correction", "norm-statistics")
            seen.append(network.layers)
        }
        #expect(seen[0] == seen[1])
    }
}
