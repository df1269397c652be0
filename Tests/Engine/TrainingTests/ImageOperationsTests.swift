import Graph
import Kernels
import Sparsity
import Testing
import Training

/// Multiply-adds of one image by layer, on numbers that are counted by hand.
@Suite struct ImageOperationsTests {
    private func layer(_ indices: [Int]?, _ values: [Float], rows: Int) -> LayerArrays {
        LayerArrays(
            indices: indices, values: values, slots: [], bias: [Float](repeating: 0, count: rows), biasSlots: [])
    }

    @Test func zerosOfImagesAndOfReLUsAreSkipped() throws {
        let graph = try Graph(
            input: Shape(channels: 3),
            [.init("a", Linear(outputs: 2)), .init("relu", ReLU()), .init("b", Linear(outputs: 4))])
        // a has weights 0 ← 0, 0 ← 2 and 1 ← 1; b all eight.
        let arrays = GraphArrays(
            layers: [layer([0, 2, 4], [1, 1, -1], rows: 2), layer(nil, [Float](repeating: 1, count: 8), rows: 4)],
            parameters: [])
        var operations = ImageOperations(graph, arrays)
        #expect(operations.layers == [.init(dense: 6, kept: 3), .init(dense: 8, kept: 8)])
        #expect(operations.active == nil && operations.dense == 14 && operations.kept == 11)
        operations.measure(graph, arrays, on: [[1, 1, 1]]) { true }
        #expect(operations.active == nil && operations.images == 0, "cancelled, nothing is claimed")
        // The first image: all of a, then 2 and −1, of which the ReLU leaves one. The second: no input but 1, which a ReLU lets pass.
        operations.measure(graph, arrays, on: [[1, 1, 1], [0, -1, 0]])
        #expect(operations.layers.map(\.active) == [2, 4] && operations.active == 6 && operations.images == 2)
    }

    @Test func productsOfActivationsAreSkippedByNobody() throws {
        let graph = try NamedNetworks.make("encoder-mini", input: Shape([12]), classes: 3)
        let network = Network(graph, capacity: 16, team: Team(size: 1), trains: false)
        network.initialize(seed: 1)
        let arrays = GraphArrays(network)
        var operations = ImageOperations(graph, arrays)
        #expect(operations.products > 0 && operations.kept == operations.dense)
        #expect(
            operations.dense == graph.multiplyAdds && network.multiplyAdds() == (graph.multiplyAdds, graph.multiplyAdds)
        )
        operations.measure(graph, arrays, on: [[Float](repeating: 1, count: 12)])
        let active = try #require(operations.active)
        #expect(active > Double(operations.products) && active <= Double(operations.dense))
    }

    @Test func partsOfTheTimeAreThere() throws {
        let graph = try NamedNetworks.make("mlp-6-5-4", input: Shape(channels: 6), classes: 4)
        let network = Network(graph, capacity: 16, team: Team(size: 1), trains: false)
        network.initialize(seed: 1)
        let time = AnswerTime(threads: 1, seconds: 0.001)
        let parts = try #require(time.parts(graph, GraphArrays(network)))
        #expect(parts.layers.count == 2 && parts.layers.allSatisfy { $0 > 0 && $0 < 1 })
        #expect(parts.whole > 0 && (parts.others ?? 1) > 0)
        #expect(time.parts(graph, GraphArrays(network)) { true } == nil)
    }
}
