import Graph
import Kernels
import Sparsity
import Testing

/// Branches that a mask has cut through leave the network.
@Suite struct LayerRemovalTests {
    typealias Bench = UnitRemovalTests.Bench

    private func residual() throws -> Bench {
        try Bench(
            [2, 4, 4],
            [
                .init("conv0", Convolution(channels: 4, kernel: 3, padding: 1)), .init("relu0", ReLU()),
                .init("conv1", Convolution(channels: 4, kernel: 3, padding: 1)), .init("norm1", BatchNorm()),
                .init("relu1", ReLU()), .init("conv2", Convolution(channels: 4, kernel: 3, padding: 1)),
                .init("add", Add(), inputs: ["conv2", "relu0"]), .init("relu2", ReLU()),
                .init("pool", GlobalAveragePool()), .init("fc", Linear(outputs: 3)),
            ])
    }

    private func shrunk(_ bench: Bench) throws -> ShrunkNetwork {
        let shrunk = try ShrunkNetwork(bench.graph, bench.arrays)
        let distance = AnswerDistance((bench.graph, bench.arrays), (shrunk.graph, shrunk.arrays))
        #expect(distance.largest <= 1e-5 * max(1, distance.scale))
        return shrunk
    }

    @Test func aBranchOfZerosIsGone() throws {
        var bench = try residual()
        bench.clear("conv2") { _, _ in true }
        bench.arrays.layers[2].bias = [0, 0, 0, 0]
        let shrunk = try shrunk(bench)
        #expect(shrunk.layers?.gone == ["conv1", "conv2"])
        #expect(shrunk.graph.nodes.map(\.name) == ["conv0", "relu0", "relu2", "pool", "fc"])
    }

    @Test func aConstantBranchBecomesOne() throws {
        var bench = try residual()
        // The border of conv2 makes its constant another one along the border.
        bench.clear("conv1") { _, _ in true }
        let shrunk = try shrunk(bench)
        #expect(shrunk.layers?.gone == ["conv1", "conv2"])
        #expect(shrunk.graph.nodes.map(\.name) == ["conv0", "relu0", "conv2", "add", "relu2", "pool", "fc"])
        #expect(shrunk.graph.nodes[2].op is Constant && shrunk.arrays.parameters.map(\.node) == ["conv2"])
    }

    @Test func aNetworkWithoutSuchBranchesStays() throws {
        let bench = try residual()
        #expect(try shrunk(bench).layers == nil)
        // All of it is constant: nothing varies that could read it.
        var dead = bench
        dead.clear("fc") { _, _ in true }
        let whole = try shrunk(dead)
        #expect(whole.layers == nil && whole.graph.output.features == 3)
    }
}
