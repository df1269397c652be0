import Descriptors
import Graph
import Kernels
import Sparsity
import Testing

/// After a cut by a structured granularity the layer has the kernels that gain from it.
@Suite struct CutPatternTests {
    @Test(
        arguments: [
            ("block", ["rows": .integer(4)], "BlockPattern"),
            ("block", ["rows": .integer(8), "columns": .integer(2)], "BlockPattern"),
            ("input-channel", [:], "BlockPattern"), ("neuron", [:], "BlockPattern"), ("n-of-m", [:], "SparsePattern"),
            ("n-of-m", ["n": .integer(1), "m": .integer(8)], "SparsePattern"), ("weight", [:], "SparsePattern"),
        ] as [(String, [String: Value], String)])
    func aCutLayerHasThePatternOfItsGranularity(name: String, values: [String: Value], pattern: String) throws {
        let graph = try Graph(
            input: Shape(channels: 64), [.init("a", Linear(outputs: 64)), .init("b", Linear(outputs: 10))])
        let network = Network(graph, capacity: 1, team: Team(size: 1), trains: false)
        network.initialize(seed: 1)
        let layer = network.layers[0]
        let live = LiveWeights(name: "a", rows: 64, columns: 64, values: layer.live().values)
        let masker = try Masker(
            criterion: Criteria.make("magnitude"), granularity: Granularities.make(name, values),
            distribution: Distributions.make("global"))
        let keep = try masker.masks(sparsity: 0.5, layers: [live], seed: 1, step: 0)[0]
        layer.set(layer.live().keeping(keep))
        #expect(layer.pattern.map { "\(type(of: $0))" } == pattern)
        #expect(layer.nnz == keep.count { $0 })
    }
}
