import Descriptors
import Foundation
import Graph
import Interchange
import Kernels
import Models
import Testing
import Training

/// Networks that come from a file, and weights that a run begins with.
@Suite struct FileNetworkTests {
    @Test func patternsTakeInAndOut() {
        let patterns = NamePatterns(["conv*", "!conv?.skip", "head"])
        #expect(patterns.contains("conv1"))
        #expect(!patterns.contains("conv1.skip"))
        #expect(patterns.contains("head"))
        #expect(!patterns.contains("fc"))
        // Where the first takes out, all others are in.
        #expect(NamePatterns(["!fc*"]).contains("conv1"))
        #expect(!NamePatterns(["!fc*"]).contains("fc1"))
        // The last that fits decides.
        #expect(NamePatterns(["!fc*", "fc2"]).contains("fc2"))
        #expect(NamePatterns(["a*b*c"]).contains("a.b.b.c"))
        #expect(!NamePatterns(["a*b*c"]).contains("a.b.b.cd"))
        #expect(NamePatterns(["encoder.*.weight", "none*"]).unused(among: ["encoder.0.weight"]) == ["none*"])
    }

    @Test func aGraphIsWhatWasWrittenDown() throws {
        let recipe = try digits(
            network: """

                  - {operator: convolution, name: a, channels: 6, kernel: 3, padding: 1}
                  - {operator: batch-norm, epsilon: 0.001}
                  - {operator: relu, name: r}
                  - {operator: max-pool, kernel: 2}
                  - {operator: dropout, rate: 0.25}
                  - {operator: flatten}
                  - {operator: linear, outputs: 10}
                """)
        let graph = try TrainingPlan(recipe).graph
        var list = NodeList(graph)
        list.nodes[0].isKeptWhole = true
        list.nodes[0].isFrozen = true
        let again = try NodeList(json: list.json())
        #expect(again == list)
        let read = try again.graph()
        #expect(NodeList(read) == list)
        #expect(read.nodes.map(\.shape) == graph.nodes.map(\.shape))
        #expect(!read.nodes[0].isPrunable && read.nodes[0].isFrozen)
        for type in Operators.all {
            for test in type.cases {
                let op = try Operators.make(type.descriptor.name, test.arguments)
                let same = try Operators.make(type.descriptor.name, op.arguments)
                #expect(same.arguments == op.arguments, "\(type.descriptor.name)")
                #expect(try same.outputShape(test.inputs) == op.outputShape(test.inputs), "\(type.descriptor.name)")
            }
        }
    }

    /// Masks of transformers are infinite constants, which training leaves as they are.
    @Test func aMaskMayBeInfinite() throws {
        let folder = TemporaryFolder()
        let plain = try TrainingPlan(digits()).graph
        let last = try #require(plain.nodes.last)
        let entries: [Graph.Entry] = [
            .init("mask", Constant(shape: last.shape)),
            .init("kept", try Operators.make("max", [:]), inputs: [last.name, "mask"]),
        ]
        let graph = try Graph(input: plain.input, plain.entries + entries)
        let network = Network(graph, capacity: 1, team: Team(size: 1), trains: false)
        network.initialize(seed: 1)
        var arrays = try ModelArrays(network)
        arrays.parameters["mask.value"] = [Float](repeating: -.infinity, count: last.shape.features)
        try AtomicFile.write(Models.onnx(graph, arrays), to: folder("model.onnx"))
        let play = try Play(digits(network: "{file: \(folder("model.onnx"))}"), in: folder("run"), interactive: false)
        _ = try play.end()
        let kept = try KeptNetwork.read(play.run.final)
        #expect(kept.parameters.contains { $0.values.first == -.infinity })
    }

    /// Nothing leads back from a weight that is no number; a layer that `head` replaces may hold such.
    @Test func weightsThatAreNoNumbersAreToldBeforeTheFirstStep() throws {
        let folder = TemporaryFolder()
        let graph = try TrainingPlan(digits()).graph
        let network = Network(graph, capacity: 1, team: Team(size: 1), trains: false)
        network.initialize(seed: 1)
        var arrays = try ModelArrays(network)
        let last = try #require(graph.nodes.last { $0.ownWeights != nil }).name
        arrays.weights[last]![3] = .nan
        arrays.weights[last]![4] = .infinity
        let path = folder("model.onnx"), count = arrays.weights[last]!.count
        try AtomicFile.write(Models.onnx(graph, arrays), to: path)
        let found = try Models.importModel(path: path).notFinite
        #expect(found.map(\.wrong) == [2] && found.map(\.count) == [count])
        #expect { try TrainingPlan(digits(network: "{file: \(path)}")) } throws: {
            "\($0)".contains("2 of \(count + 10) numbers that are NaN or infinite")
        }
        #expect { try TrainingPlan(digits(), start: StartChoice(path: path, isUnmasked: false)) } throws: {
            "\($0)".contains("numbers that are NaN or infinite")
        }
        _ = try TrainingPlan(digits(network: "{file: \(path), head: 10}"))
    }

    @Test func aPatternThatFitsNothingSaysWhatIsNear() throws {
        let folder = TemporaryFolder()
        let first = try Play(digits(epochs: 1), in: folder("first"), interactive: false)
        _ = try first.end()
        #expect { try TrainingPlan(digits(network: "{file: \(first.run.final), prune: [f1c]}")) } throws: {
            "\($0)".hasSuffix("; did you mean 'fc1'?")
        }
    }

    /// A trunk that is kept whole and frozen, a new head that learns; resumed without the file, with the same bytes.
    @Test func aTrunkFromAFileGetsANewHead() throws {
        let folder = TemporaryFolder()
        let first = try Play(digits(epochs: 2), in: folder("first"), interactive: false)
        _ = try first.end()
        let trunk = folder("trunk.safetensors")
        try FileManager.default.copyItem(atPath: first.run.final, toPath: trunk)
        let recipe = try digits(
            """
            method: gradual-magnitude
            schedule: {name: cubic, final: 0.2, begin: 0, end: 30, every: 5}
            """, network: "{file: \(trunk), prune: [\"!fc1\"], freeze: [fc1], head: 10}")
        #expect(try RecipeReader.read(recipe.yaml, file: "again", name: "x") == recipe)
        let play = try Play(recipe, in: folder("run"), interactive: false, copies: [(25, folder("copy"))])
        _ = try play.end()
        let kept = try KeptNetwork.read(first.run.final), tuned = try KeptNetwork.read(play.run.final)
        #expect(tuned.layers[0].arrays.values == kept.layers[0].arrays.values, "frozen")
        #expect(tuned.layers[0].arrays.indices == nil, "kept whole")
        #expect(tuned.layers[2].arrays.bias != kept.layers[2].arrays.bias, "a new head")
        let zeros = tuned.layers.reduce(0) { $0 + $1.total - $1.arrays.values.count }
        #expect(zeros == 416, "the others gave way")

        try FileManager.default.removeItem(atPath: trunk)
        let resumed = try Play(in: folder("copy"), interactive: false)
        _ = try resumed.end()
        #expect(contents(resumed.run.final) == contents(play.run.final))
    }

    @Test func whatIsKeptWholeCannotBeCutByHand() throws {
        let folder = TemporaryFolder()
        let first = try Play(digits(epochs: 1), in: folder("first"), interactive: false)
        _ = try first.end()
        let recipe = try digits(network: "{file: \(first.run.final), prune: [\"!fc1\"]}")
        let play = try Play(
            recipe, in: folder("run"), interactive: false,
            [.init(10, .cut(keep(1700))), .init(20, .cut(keep(100, "fc1")))])
        _ = try play.end()
        let kept = try KeptNetwork.read(play.run.final)
        #expect(kept.layers[0].arrays.indices == nil)
        #expect(kept.layers.reduce(0) { $0 + $1.arrays.values.count } == 1700)
        #expect(play.messages.contains { $0.contains("kept whole") })
    }

    @Test func aRunBeginsWithWeightsOfAnother() throws {
        let folder = TemporaryFolder()
        let first = try Play(
            digits(
                """
                method: gradual-magnitude
                schedule: {name: cubic, final: 0.5, begin: 0, end: 30, every: 5}
                """), in: folder("first"), interactive: false)
        _ = try first.end()
        let kept = try KeptNetwork.read(first.run.final)
        for path in [folder("first"), first.run.final, KeptNetwork.compactPath(first.run.final)] {
            let plan = try TrainingPlan(digits("seed: 5"), start: StartChoice(path: path, isUnmasked: false))
            let trainer = Trainer(plan, team: Team(size: 1))
            #expect(trainer.state().layers.map(\.arrays.bias) == kept.layers.map(\.arrays.bias), "\(path)")
        }
        // The checkpoint and the compact copy have masks.
        let masked = Trainer(
            try TrainingPlan(digits(), start: StartChoice(path: folder("first"), isUnmasked: false)),
            team: Team(size: 1))
        #expect(masked.state().layers.map(\.arrays.indices) == kept.layers.map(\.arrays.indices))
        let whole = Trainer(
            try TrainingPlan(digits(), start: StartChoice(path: folder("first"), isUnmasked: true)), team: Team(size: 1)
        )
        #expect(whole.state().layers.allSatisfy { $0.arrays.indices == nil })
        // Another head: what fits is taken, and it is said what is not.
        let other = try TrainingPlan(
            digits(network: "mlp-64-24-16-12"), start: StartChoice(path: first.run.final, isUnmasked: false))
        #expect(other.notices.contains { $0.contains("2 of 3 layers") && $0.contains("fc3") })
        #expect(throws: (any Error).self) {
            try TrainingPlan(
                digits(network: "mlp-64-7-10"), start: StartChoice(path: first.run.final, isUnmasked: false))
        }
    }

    @Test func patternsThatFitNothingAreRefused() throws {
        let folder = TemporaryFolder()
        let first = try Play(digits(epochs: 1), in: folder("first"), interactive: false)
        _ = try first.end()
        #expect(throws: (any Error).self) {
            try TrainingPlan(digits(network: "{file: \(first.run.final), prune: [conv*]}"))
        }
        #expect(throws: (any Error).self) { try TrainingPlan(digits(network: "{file: \(folder("none.onnx"))}")) }
    }

    @Test func whatHasNoGradientIsNotTrained() throws {
        let recipe = try digits(
            network: """

                  - {operator: flatten}
                  - {operator: linear, outputs: 12}
                  - {operator: arg-max, name: largest}
                  - {operator: linear, outputs: 10}
                """)
        #expect { try TrainingPlan(recipe).requireTrainable() } throws: {
            "\($0)".contains("'largest'") && "\($0)".contains("no gradient")
        }
    }
}
