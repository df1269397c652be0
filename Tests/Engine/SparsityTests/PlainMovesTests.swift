import Graph
import Kernels
import Sparsity
import Testing

/// Units go through channels that are shuffled and projections that are fused: their moves are written plainly first.
@Suite struct PlainMovesTests {
    typealias Bench = UnitRemovalTests.Bench

    /// As importers write one: parted, turned, joined.
    private static func shuffle(_ name: String, _ groups: Int, _ axes: [Int], of input: String) -> [Graph.Entry] {
        let parts = [groups, axes[0] / groups] + axes.dropFirst()
        return [
            .init("\(name).part", Reshape(parts), inputs: [input]),
            .init("\(name).turn", Transpose([1, 0] + Array(2..<parts.count))), .init(name, Reshape(axes)),
        ]
    }

    private static func attention() throws -> Bench {
        func part(_ name: String, _ number: Int) throws -> [Graph.Entry] {
            [
                .init("\(name).one", try Slice(starts: [number], ends: [number + 1]), inputs: ["three"]),
                .init(name, Reshape([2, 4, 3])),
            ]
        }
        return try Bench(
            [5, 3],
            [.init("qkv", Convolution(channels: 24, kernel: 1)), .init("three", Reshape([3, 8, 3]))]
                + part("q", 0) + part("k", 1) + part("v", 2) + [
                    .init("scores", MatMul(transposesA: true), inputs: ["q", "k"]),
                    .init("softmax", Softmax(axis: 2)),
                    .init("mixed", MatMul(transposesB: true), inputs: ["v", "softmax"]),
                    .init("joined", Reshape([8, 3])), .init("out", Convolution(channels: 4, kernel: 1)),
                    .init("flatten", Flatten()), .init("fc", Linear(outputs: 3)),
                ])
    }

    private func expectSame(
        _ shrunk: ShrunkNetwork, _ bench: Bench, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let other = shrunk.chosen == nil ? (bench.graph, bench.arrays) : shrunk.masked
        let distance = AnswerDistance(other, (shrunk.graph, shrunk.arrays))
        #expect(
            distance.largest <= 1e-5 * max(1, distance.scale), "\(distance)", sourceLocation: sourceLocation)
    }

    private func rows(_ graph: Graph) -> [String: Int] {
        Dictionary(
            uniqueKeysWithValues: graph.nodes.compactMap { node in node.ownWeights.map { (node.name, $0.rows) } })
    }

    @Test func shuffledChannelsAreChannelsInAnotherOrder() throws {
        let bench = try Bench(
            [2, 3, 3],
            [.init("conv", Convolution(channels: 6, kernel: 1)), .init("relu", ReLU())]
                + Self.shuffle("shuffle", 2, [6, 3, 3], of: "relu")
                + [.init("last", Convolution(channels: 2, kernel: 3))])
        let plain = try bench.graph.withPlainMoves()
        #expect(plain.nodes.map(\.name) == ["conv", "relu", "shuffle", "last"])
        #expect((plain.nodes[2].op as? Gather)?.chosen == [0, 3, 1, 4, 2, 5])
        #expect(
            UnitRemovalTests.answers(plain, bench.arrays) == UnitRemovalTests.answers(bench.graph, bench.arrays))
        var silent = bench
        silent.clear(row: 4, of: "conv", bias: 0.5)
        silent.clear(channel: 0, of: "last")
        let shrunk = try ShrunkNetwork(silent.graph, silent.arrays)
        #expect(rows(shrunk.graph) == ["conv": 4, "last": 2] && shrunk.stays.isEmpty)
        expectSame(shrunk, silent)
    }

    @Test func rowsOfAFusedProjectionAreSlicedBeforeTheyAreHeads() throws {
        let plain = try Self.attention().graph.withPlainMoves()
        #expect(plain.nodes.prefix(5).map(\.name) == ["qkv", "q.part", "q", "k.part", "k"])
        #expect((plain.nodes[3].op as? Slice)?.starts == [8] && plain.nodes[4].shape == Shape([2, 4, 3]))
        // Turned heads, too: (tokens, heads, features) of rows 4 to 7.
        let turned = try Graph(
            input: Shape([2, 3]),
            [
                .init("fc", Convolution(channels: 8, kernel: 1)), .init("two", Reshape([2, 2, 2, 3])),
                .init("one", try Slice(starts: [1], ends: [2])), .init("turn", Transpose([3, 1, 2, 0])),
                .init("heads", Reshape([3, 2, 2])), .init("relu", ReLU()),
            ])
        let written = try turned.withPlainMoves()
        #expect(
            written.nodes.map { type(of: $0.op).descriptor.name }.dropLast() == [
                "convolution", "slice", "reshape", "transpose",
            ])
        let arrays = Bench(turned).arrays
        #expect(UnitRemovalTests.answers(written, arrays) == UnitRemovalTests.answers(turned, arrays))
    }

    @Test func aHeadOfAFusedProjectionGoes() throws {
        var bench = try Self.attention()
        bench.clear("out") { _, channel in channel >= 4 }
        let shrunk = try ShrunkNetwork(bench.graph, bench.arrays)
        #expect(rows(shrunk.graph)["qkv"] == 12)
        #expect(shrunk.idle.layers[0].rows == [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19])
        expectSame(shrunk, bench)
        // One of a target has all its rows, too, and optimizer state follows.
        let trained = Bench(try Self.attention().graph, slots: 1)
        let half = try ShrunkNetwork(trained.graph, trained.arrays, target: .multiplyAdds(0.6))
        #expect(half.graph.nodes.first { $0.name == "qkv" }?.weightShape?.rows == 12)
        #expect(half.following(trained.arrays).layers[0].slots[0].count == 12 * 5)
        expectSame(half, trained)
    }

    /// A unit as in ShuffleNet: grouped convolutions with shuffled channels between them, added to what came in.
    private static func shuffleNet() throws -> Bench {
        try Bench(
            [2, 4, 4],
            [
                .init("first", Convolution(channels: 8, kernel: 1)), .init("relu0", ReLU()),
                .init("one", Convolution(channels: 8, kernel: 1, groups: 2)), .init("norm", BatchNorm()),
                .init("relu1", ReLU()),
            ] + shuffle("shuffle", 2, [8, 4, 4], of: "relu1") + [
                .init("depthwise", Convolution(channels: 8, kernel: 3, padding: 1, groups: 0)),
                .init("two", Convolution(channels: 8, kernel: 1, groups: 2)),
                .init("add", Add(), inputs: ["relu0", "two"]), .init("relu2", ReLU()),
                .init("pool", GlobalAveragePool()), .init("flatten", Flatten()), .init("fc", Linear(outputs: 3)),
            ])
    }

    @Test func groupsOfShuffledChannelsStayEquallyLarge() throws {
        let bench = try Self.shuffleNet()
        let half = try ShrunkNetwork(bench.graph, bench.arrays, target: .channels(0.5))
        #expect(rows(half.graph) == ["first": 4, "one": 4, "depthwise": 4, "two": 4, "fc": 3])
        #expect(half.graph.nodes.first { $0.name == "two" }?.weightShape?.groups == 2)
        expectSame(half, bench)
        // One in one group alone stays, and it is said why; one in every group goes.
        var silent = bench
        silent.clear(row: 1, of: "one", bias: 0)
        for name in ["norm.bias", "norm.running_mean"] { silent.set(name, 1, 0) }
        let kept = try ShrunkNetwork(silent.graph, silent.arrays)
        #expect(kept.isWhole && kept.graph.nodes.count == bench.graph.nodes.count)
        #expect(kept.stays.allSatisfy { $0.reason.contains("equally large") } && kept.stays.count > 0)
        // Channel 1 is shuffled to 2, in the first group; 6 to 5, in the second.
        silent.clear(row: 6, of: "one", bias: 0)
        for name in ["norm.bias", "norm.running_mean"] { silent.set(name, 6, 0) }
        silent.clear(row: 2, of: "depthwise", bias: 0)
        silent.clear(row: 5, of: "depthwise", bias: 0)
        let gone = try ShrunkNetwork(silent.graph, silent.arrays)
        #expect(rows(gone.graph) == ["first": 8, "one": 6, "depthwise": 6, "two": 8, "fc": 3])
        expectSame(gone, silent)
    }

    @Test func aSplitAndShuffledBlock() throws {
        let bench = try Bench(
            [2, 4, 4],
            [
                .init("first", Convolution(channels: 8, kernel: 1)), .init("relu0", ReLU()),
                .init("left", try Slice(starts: [0], ends: [4])),
                .init("right", try Slice(starts: [4], ends: [8]), inputs: ["relu0"]),
                .init("way", Convolution(channels: 4, kernel: 3, padding: 1)), .init("relu1", ReLU()),
                .init("both", Concat(axis: 0), inputs: ["left", "relu1"]),
            ] + Self.shuffle("shuffle", 2, [8, 4, 4], of: "both") + [
                .init("last", Convolution(channels: 4, kernel: 1)), .init("pool", GlobalAveragePool()),
                .init("flatten", Flatten()), .init("fc", Linear(outputs: 3)),
            ])
        let half = try ShrunkNetwork(bench.graph, bench.arrays, target: .channels(0.5))
        #expect(half.graph.parameterCount * 2 < bench.graph.parameterCount)
        expectSame(half, bench)
    }
}
