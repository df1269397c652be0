import Descriptors
import Foundation
import Graph
import Kernels
import Testing
import Training

/// What a review and an attack found, so that it does not come back.
@Suite struct FreshEyesTests {
    /// A restarted stretch no longer than the warm-up must not train at rate 0.
    @Test func everyRateTrainsInShortStretches() throws {
        for type in LearningRates.all {
            let name = type.descriptor.name
            let values: [String: Value] =
                name == "cosine" ? ["warm-up": .integer(150)] : name == "step" ? ["every": .integer(50)] : [:]
            let rate = try LearningRates.make(name, values)
            for total in [1, 2, 100, 150, 151, 200] {
                #expect((0..<total).contains { rate.rate(at: $0, of: total) > 1e-3 }, "\(name) over \(total)")
            }
        }
    }

    @Test func aGroupedNetworkIsKeptAndReadBack() throws {
        let folder = TemporaryFolder()
        let recipe = try RecipeReader.read(
            """
            data: digits
            validation: 237
            network:
              - {operator: convolution, channels: 6, kernel: 3, groups: 1}
              - {operator: convolution, channels: 6, kernel: 3, groups: 0}
              - {operator: batch-norm}
              - {operator: flatten}
              - {operator: linear, outputs: 10}
            """, file: "grouped", name: "grouped")
        let trainer = Trainer(try TrainingPlan(recipe), team: Team(size: 1))
        for _ in 0..<3 { _ = try trainer.step() }
        let state = trainer.state()
        let path = folder("kept.safetensors")
        try KeptNetwork(
            layers: state.layers, parameters: state.parameters, recipe: recipe, data: trainer.plan.data, classes: 10,
            input: trainer.plan.data.train.shape, step: 3
        ).write(to: path, graph: trainer.plan.graph)
        for file in [path, KeptNetwork.compactPath(path)] {
            let read = try KeptNetwork.read(file)
            #expect(read.layers.map(\.arrays.values) == state.layers.map(\.arrays.values))
            #expect(read.parameters.map(\.values) == state.parameters.map(\.values))
        }
    }

    @Test func aDamagedOrForeignCheckpointIsRefused() throws {
        let folder = TemporaryFolder()
        let recipe = try digits()
        let trainer = Trainer(try TrainingPlan(recipe), team: Team(size: 1))
        let path = folder("latest.safetensors")
        try Checkpoint(state: trainer.state()).write(to: path, recipe: recipe.yaml)
        _ = try Checkpoint.read(path, network: trainer.network, recipe: recipe.yaml)
        let other = try digits("seed: 2")
        #expect(throws: (any Error).self) {
            try Checkpoint.read(path, network: trainer.network, recipe: other.yaml)
        }
        var bytes = try #require(contents(path))
        bytes[bytes.count - 100] ^= 4
        _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
        #expect(throws: (any Error).self) { try Checkpoint.read(path, network: trainer.network, recipe: recipe.yaml) }
    }

    /// Cuts come more often than looks: the floor must look itself, and stop the schedule near it.
    @Test func theFloorIsNotPassedBetweenTwoLooks() throws {
        let folder = TemporaryFolder()
        let recipe = try digits(
            """
            floor: 80
            method: gradual-magnitude
            schedule: {name: linear, final: 0.99, begin: 200, end: 500, every: 5}
            """, epochs: 30)
        var changed = recipe
        changed.settings["validate-every"] = .integer(150)
        let play = try Play(changed, in: folder("run"), interactive: false)
        _ = try play.end()
        let last = try #require(play.metrics.last)
        #expect(last.sparsity < 0.99, "it held")
        #expect(last.sparsity > 0.3, "but not from the start")
    }

    @Test func aNetworkWithoutWeightsOrTooLargeIsRefused() throws {
        #expect(throws: GraphError.noWeights) {
            try TrainingPlan(
                RecipeReader.read(
                    "data: digits\nvalidation: 237\nnetwork:\n  - {operator: flatten}\n  - {operator: relu}", file: "r",
                    name: "r"))
        }
        #expect(throws: MemoryError.self) { try plan(network: "mlp-64-1000000-1000000-10").requireMemory() }
    }
}
