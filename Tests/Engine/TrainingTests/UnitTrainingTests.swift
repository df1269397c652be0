import Graph
import Kernels
import Sparsity
import Testing
import Training

/// A run goes on in the network that is left of its own.
@Suite struct UnitTrainingTests {
    private func recipe(_ optimizer: String) throws -> Recipe {
        try RecipeReader.read(
            """
            network:
              - {name: conv1, operator: convolution, channels: 8, kernel: 3, padding: 1}
              - {name: norm1, operator: batch-norm}
              - {operator: relu}
              - {operator: max-pool, kernel: 2}
              - {operator: flatten}
              - {name: fc1, operator: linear, outputs: 16}
              - {operator: relu}
              - {name: fc2, operator: linear, outputs: 10}
            data: digits
            validation: 237
            batch: 50
            epochs: 1
            optimizer: \(optimizer)
            learning-rate: {name: constant, rate: 0.01}
            """, file: "test", name: "units")
    }

    @Test(arguments: ["{name: sgd, momentum: 0.9}", "{name: adam}"])
    func stateAndStepsFollow(optimizer: String) throws {
        let recipe = try recipe(optimizer)
        let plan = try TrainingPlan(recipe)
        let trainer = Trainer(plan, team: Team(size: 1))
        for _ in 0..<3 { _ = try trainer.step() }
        let state = trainer.state()
        let shrunk = try ShrunkNetwork(
            plan.graph, GraphArrays(layers: state.layers.map(\.arrays), parameters: state.parameters),
            target: .channels(0.5))
        let followed = state.following(shrunk)
        let left = shrunk.chosen!.layers[0].rows
        #expect(left.count == 4 && followed.layers.map(\.total) == [36, 8 * 4 * 16, 80])
        // Optimizer state of the same weights, of biases and of normalisation.
        for (old, new) in zip(state.layers[0].arrays.slots, followed.layers[0].arrays.slots) {
            #expect(new == left.flatMap { Array(old[$0 * 9..<$0 * 9 + 9]) })
        }
        for (old, new) in zip(state.layers[0].arrays.biasSlots, followed.layers[0].arrays.biasSlots) {
            #expect(new == left.map { old[$0] })
        }
        for (old, new) in zip(state.parameters, followed.parameters) {
            #expect(new.values == left.map { old.values[$0] })
            #expect(new.slots == old.slots.map { slot in left.map { slot[$0] } })
        }
        let smaller = try TrainingPlan(
            recipe, data: plan.data, starting: StartingNetwork(graph: shrunk.graph))
        let rest = Trainer(smaller, team: Team(size: 1), initialize: false)
        rest.restore(followed)
        for _ in 0..<3 {
            let outcome = try rest.step()
            #expect(outcome.isFinite)
        }
        #expect(rest.progress.step == 6 && rest.state().layers.map(\.total) == followed.layers.map(\.total))
        // The old state is as it was: going back is taking it up again.
        trainer.restore(state)
        #expect(trainer.state().layers == state.layers)
    }

    @Test func whatMayComeBackFollows() throws {
        let graph = try Graph(
            input: Shape([3]), [.init("a", Linear(outputs: 4)), .init("relu", ReLU()), .init("b", Linear(outputs: 2))])
        let arrays = GraphArrays(
            layers: [
                LayerArrays(
                    indices: [0, 1, 2, 6, 9, 10, 11], values: [1, 1, 1, 1, 1, 1, 1], slots: [], bias: [0, 0.5, 0, 0],
                    biasSlots: []),
                LayerArrays(
                    indices: nil, values: [Float](repeating: 1, count: 8), slots: [], bias: [0, 0], biasSlots: []),
            ], parameters: [])
        let removal = try UnitRemoval(graph, arrays)
        #expect(removal.layers[0].rows == [0, 2, 3])
        let cut = Removal(
            id: 1, event: 1, step: 10,
            layers: [
                Removal.Layer(name: "a", indices: [3, 4, 5, 7, 8], values: [1, 2, 3, 4, 5]),
                Removal.Layer(name: "b", indices: [1, 5], values: [6, 7]),
            ])
        let followed = cut.following(removal)
        #expect(followed.layers == [Removal.Layer(name: "a", indices: [4, 5], values: [4, 5])])
    }
}
