import Graph
import Kernels
import Sparsity
import Testing
import Training

/// Lottery tickets: rounds of training and cutting, weights and learning rate put back to an early step.
@Suite struct RewindingTests {
    private static let recipe = """
        method: {name: iterative, rounds: 2, every: 20, rewind: 5}
        learning-rate: {name: cosine, rate: 0.05}
        """
    private static let normed = """
        [{operator: flatten}, {name: fc1, operator: linear, outputs: 24}, {operator: batch-norm}, {operator: relu},
         {name: fc2, operator: linear, outputs: 16}, {operator: relu}, {name: fc3, operator: linear, outputs: 10}]
        """

    private func follow(_ trainer: Trainer) throws {
        for decision in trainer.decisions() {
            trainer.transform(decision)
            if let changes = try trainer.changes(for: decision) { trainer.apply(changes, event: 1) }
        }
    }

    @Test func whatStaysIsWhereItWas() throws {
        let trainer = Trainer(try plan(Self.recipe, network: Self.normed), team: Team(size: 2))
        try follow(trainer)
        var early: TrainingState?, rates: [Double] = []
        for _ in 0..<20 {
            rates.append(trainer.rate(after: trainer.progress.step))
            _ = try trainer.step()
            if trainer.progress.step == 5 { early = trainer.state() }
            if trainer.progress.step < 20 { try follow(trainer) }
        }
        let before = trainer.state()
        try follow(trainer)
        let start = try #require(early), after = trainer.state()
        // A fifth of each layer, a tenth of the output layer; the smallest of step 20.
        #expect(after.layers.map(\.arrays.values.count) == [1229, 307, 144])
        for number in 0..<3 {
            let layer = after.layers[number].arrays, indices = try #require(layer.indices)
            let trained = before.layers[number].arrays.values
            let cut = Set(indices)
            let largest = trained.indices.filter { !cut.contains($0) }.map { abs(trained[$0]) }.max()!
            #expect(indices.allSatisfy { abs(trained[$0]) >= largest })
            #expect(layer.values == indices.map { start.layers[number].arrays.values[$0] })
            #expect(layer.bias == start.layers[number].arrays.bias)
            #expect(layer.slots[0].allSatisfy { $0 == 0 } && layer.biasSlots[0].allSatisfy { $0 == 0 })
        }
        #expect(after.parameters.map(\.values) == start.parameters.map(\.values))
        // And the learning rate of step 5 again; 15 steps on comes the next cut.
        #expect(trainer.rate(after: 20) == rates[5] && trainer.rate(after: 34) == rates[19])
        #expect(trainer.rate(after: 35) == rates[5] && trainer.rate(after: 60) == rates[19])
    }

    /// With its means at zero a corrected first step is as long as the rate, whatever the gradient.
    @Test func adamCountsAnew() throws {
        let recipe = try RecipeReader.read(
            """
            network: mlp-64-24-16-10
            data: digits
            validation: 237
            batch: 60
            method: {name: iterative, rounds: 2, every: 20, rewind: 5}
            optimizer: {name: adam, epsilon: 1e-12}
            learning-rate: {name: constant, rate: 0.01}
            """, file: "digits", name: "digits")
        let trainer = Trainer(try TrainingPlan(recipe), team: Team(size: 1))
        try follow(trainer)
        for _ in 0..<20 {
            _ = try trainer.step()
            try follow(trainer)
        }
        let before = trainer.state().layers[2].arrays.bias
        _ = try trainer.step()
        let after = trainer.state().layers[2].arrays.bias
        let lengths = zip(before, after).map { abs($0 - $1) }
        #expect(lengths.count == 10)
        for length in lengths { #expect(abs(length - 0.01) < 1e-4) }
    }

    @Test func aRunGoesThroughItsRounds() throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(Self.recipe), in: folder("run"), threads: 2, interactive: false)
        guard case .finished = try play.end() else { return }
        for (step, kept) in [(19, 2080), (20, 1680), (34, 1680), (35, 1359), (60, 1359)] {
            #expect(play.metrics.first { $0.step == step }?.nnz == kept, "\(step)")
        }
    }

    /// The state of step 5 lies in the checkpoint: a run that ended after it goes on to the same bytes.
    @Test func aResumedRunRewindsToTheSame() throws {
        let folder = TemporaryFolder()
        let whole = try Play(digits(Self.recipe), in: folder("whole"), threads: 1, interactive: false)
        try whole.end()
        let first = try Play(
            digits(Self.recipe), in: folder("part"), threads: 2, interactive: false, [.init(12, .stop)])
        try first.end()
        let second = try Play(in: folder("part"), threads: 2, interactive: false)
        try second.end()
        let (expected, found) = (try KeptNetwork.read(whole.run.final), try KeptNetwork.read(second.run.final))
        #expect(expected.layers == found.layers && expected.parameters == found.parameters)
    }

    @Test func onlyCriteriaOfWeights() throws {
        let plan = try plan("criterion: taylor\n" + Self.recipe)
        #expect(throws: (any Error).self) { try plan.requireTrainable() }
    }
}
