import Graph
import Kernels
import Testing

/// Tables of which rows are looked up: whole ones and pruned ones.
@Suite struct TableTests {
    private static let samples = 19
    private static let vocabulary = 7
    private static let features = 20

    /// Rows of five tokens, read by a layer, which a second one follows that uses the table's weights.
    private static func graph(tied: Bool) throws -> Graph {
        var entries: [Graph.Entry] = [
            .init("table", Embedding(vocabulary: vocabulary, features: features)),
            .init("mean", try Operators.make("reduce", ["axes": .integers([0]), "keep": .boolean(false)])),
            .init("fc", Linear(outputs: features)),
        ]
        if tied { entries.append(.init("words", Linear(outputs: vocabulary), weightsOf: "table")) }
        return try Graph(input: Shape([5]), entries)
    }

    private static func network(_ density: Double, tied: Bool, threads: Int = 2) throws -> Network {
        let network = Network(try graph(tied: tied), capacity: samples, team: Team(size: threads), trains: true)
        network.initialize(seed: 3)
        let random = CounterRandom(seed: 9, purpose: .test)
        if density < 1 {
            let live = network.layers[0].live()
            network.layers[0].set(live.keeping(live.values.indices.map { Double(random.uniform(2, $0)) < density }))
        }
        forEachPoint(network.input.shape, network.input.layout, samples) {
            network.input.values[$2] = Float(random.integer(below: vocabulary, 3, $0, $1))
        }
        return network
    }

    private static func run(_ network: Network) -> Double {
        network.forward(samples: samples, step: 0)
        var total = 0.0
        forEachPoint(network.output.shape, network.output.layout, samples) {
            let weight = Float(($0 * 5 + $1 * 3) % 7) - 3
            total += Double(network.output.values[$2]) * Double(weight)
            network.output.gradient![$2] = weight
        }
        network.backward(samples: samples)
        return total
    }

    /// Outputs and gradients of a pruned table are, bit by bit, those of a whole one with zeros in its place.
    @Test func aPrunedTableIsAWholeOneWithZeros() throws {
        let pruned = try Self.network(0.3, tied: false), whole = try Self.network(1, tied: false)
        let layer = pruned.layers[0], live = layer.live()
        let indices = try #require(live.indices)
        #expect(layer.nnz == indices.count && indices.count < Self.vocabulary * Self.features / 2)
        var arrays = whole.layers[0].live()
        arrays.values = [Float](repeating: 0, count: arrays.values.count)
        for (index, value) in zip(indices, live.values) { arrays.values[index] = value }
        whole.layers[0].set(arrays)
        #expect(Self.run(pruned) == Self.run(whole))
        let all = whole.layers[0].liveGradient()
        #expect(layer.liveGradient() == indices.map { all[$0] })
        #expect(layer.values.count == indices.count && layer.bias.count == 0)
        let alone = try Self.network(0.3, tied: false, threads: 1)
        #expect(Self.run(alone) == Self.run(pruned) && alone.layers[0].liveGradient() == layer.liveGradient())
    }

    @Test(arguments: [1, 0.4], [false, true]) func gradientsAreFiniteDifferences(density: Double, tied: Bool) throws {
        let network = try Self.network(density, tied: tied)
        #expect(network.layers.map(\.name) == ["table", "fc"])
        _ = Self.run(network)
        let layer = network.layers[0], gradient = layer.liveGradient()
        let scale = Double(gradient.map(abs).max()!)
        for index in gradient.indices {
            func moved(_ by: Float) -> Double {
                var arrays = layer.live()
                arrays.values[index] += by
                layer.set(arrays)
                return Self.run(network)
            }
            let step: Float = 1 / 64
            let above = moved(step), below = moved(-2 * step)
            _ = moved(step)
            #expect(abs((above - below) / Double(2 * step) - Double(gradient[index])) <= 2e-3 * scale)
        }
    }

    @Test(arguments: [1, 0.4], [false, true]) func oneSampleHasTheBitsOfPanels(density: Double, tied: Bool) throws {
        let network = try Self.network(density, tied: tied)
        let answering = Answering(network)
        forEachPoint(network.input.shape, network.input.layout, Self.samples) {
            answering.images[$0 * 5 + $1] = network.input.values[$2]
        }
        answering.forward(samples: Self.samples, .panels)
        answering.takeAnswers(Self.samples)
        let expected = answering.answers.array
        answering.forward(samples: Self.samples, .images)
        #expect(answering.answers.array == expected && expected.contains { $0 != 0 })
    }

    /// Column 0 of the table is read through the first column of the layer behind alone.
    @Test func aPathLeadsThroughTheColumnsThatAreThere() throws {
        let graph = try Graph(
            input: Shape([1]),
            [
                .init("table", Embedding(vocabulary: 2, features: 2)), .init("flat", Flatten()),
                .init("fc", Linear(outputs: 1)),
            ])
        let paths = Paths(graph)
        // Row 1 of column 0.
        #expect(paths.isJoined([PathLayer(indices: [2]), PathLayer(indices: [0])]))
        #expect(!paths.isJoined([PathLayer(indices: [2]), PathLayer(indices: [1])]))
        #expect(!paths.isJoined([PathLayer(indices: []), PathLayer(indices: nil)]))
        let found = paths.strongest([PathLayer(indices: nil), PathLayer(indices: nil)]) { layer, live in
            layer == 0 ? [5, 2, 3, 9][live] : [4, 8][live]
        }
        // 9 and 8 through column 1; 5 and 4 are weaker.
        #expect(found?.strength == 8 && found?.weights.map(\.live) == [1, 3])
    }

    /// What a method that grows asks of a step: gradients of weights that are not there.
    @Test func gradientsOutsideTheMaskAreThoseOfAWholeTable() throws {
        let pruned = try Self.network(0.3, tied: false), whole = try Self.network(1, tied: false)
        let live = pruned.layers[0].live(), indices = Set(live.indices!)
        var arrays = whole.layers[0].live()
        arrays.values = [Float](repeating: 0, count: arrays.values.count)
        for (index, value) in zip(live.indices!, live.values) { arrays.values[index] = value }
        whole.layers[0].set(arrays)
        _ = Self.run(whole)
        let all = whole.layers[0].liveGradient()
        let probe = GradientProbe(.largest(5))
        pruned.layers[0].probe = probe
        _ = Self.run(pruned)
        let outside = all.indices.filter { !indices.contains($0) }
        let expected = outside.sorted { (abs(all[$0]), -$0) > (abs(all[$1]), -$1) }.prefix(5).sorted()
        #expect(probe.answer?.map(\.position) == expected && probe.answer?.map(\.value) == expected.map { all[$0] })
        let at = GradientProbe(.at([0, 17, 60]))
        pruned.layers[0].probe = at
        _ = Self.run(pruned)
        #expect(at.answer?.map(\.value) == [0, 17, 60].map { all[$0] })
    }

    @Test func initialMasksAreTheSeeds() throws {
        let graph = try Self.graph(tied: false)
        func values(_ counts: [Int]?) -> LayerArrays {
            let network = Network(graph, capacity: 1, team: Team(size: 1), trains: true)
            network.initialize(seed: 4, counts: counts)
            return network.layers[0].live()
        }
        let whole = values(nil), sparse = values([30, 400])
        let indices = try #require(sparse.indices)
        #expect(indices.count == 30 && sparse.values == indices.map { whole.values[$0] })
    }
}
