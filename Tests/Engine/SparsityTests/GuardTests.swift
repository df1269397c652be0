import Descriptors
import Graph
import Sparsity
import Testing

/// A path from input to output stays, whatever is cut. Small literal scores, the expected mask written out.
@Suite struct GuardTests {
    private func cut(
        _ sparsity: Double, _ graph: Graph, _ values: [[Float]], granularity: String = "weight",
        distribution: (String, [String: Value]) = ("global", [:]), indices: [[Int]?]? = nil
    ) throws -> Masker.Cut {
        let nodes = graph.nodes.enumerated().filter { $0.element.weightShape != nil }
        let isRead = graph.isReadByWeights
        let layers = nodes.enumerated().map { number, entry in
            let shape = entry.element.weightShape!
            return LiveWeights(
                name: entry.element.name, rows: shape.rows, columns: shape.columns,
                kernelArea: shape.kernelHeight * shape.kernelWidth, indices: indices?[number], values: values[number],
                mayVanish: graph.isAvoidable(entry.offset), isOutput: !isRead[entry.offset])
        }
        return try Masker(
            criterion: Criteria.make("magnitude"), granularity: Granularities.make(granularity),
            distribution: Distributions.make(distribution.0, distribution.1)
        ).cut(sparsity: sparsity, layers: layers, seed: 1, step: 0, pathGuard: PathGuard(graph))
    }

    private static let chain = try! Graph(
        input: Shape(channels: 2), [.init("a", Linear(outputs: 2)), .init("r", ReLU()), .init("b", Linear(outputs: 1))])
    private static let parallel = try! Graph(
        input: Shape(channels: 2),
        [
            .init("r", ReLU()), .init("a", Linear(outputs: 2), inputs: ["r"]),
            .init("b", Linear(outputs: 2), inputs: ["r"]), .init("sum", Add(), inputs: ["a", "b"]),
        ])

    @Test func aMaskThatLeavesAPathIsAsItWas() throws {
        let cut = try cut(0.5, Self.chain, [[0.9, 0.1, 0.2, 0.3], [0.8, 0.4]])
        #expect(cut.keep == [[true, false, false, false], [true, true]] && cut.spared == 0 && cut.isJoined)
    }

    /// Two of six stay. The best of each layer do not meet: 0.9 feeds unit 0, 0.8 reads unit 1. Through unit 0 the weakest
    /// weight is 0.4, through unit 1 it is 0.3, so 0.9 and 0.4 stay, and 0.8 goes in place of 0.4.
    @Test func theStrongestPathStaysInsteadAndTheCountIsKept() throws {
        let cut = try cut(4.0 / 6, Self.chain, [[0.9, 0.1, 0.2, 0.3], [0.4, 0.8]])
        #expect(cut.keep == [[true, false, false, false], [true, false]])
        #expect(cut.spared == 1 && cut.isJoined)
    }

    @Test func whatIsAskedBeyondAPathFallsShort() throws {
        let cut = try cut(0.9, Self.chain, [[0.9, 0.1, 0.2, 0.3], [0.4, 0.8]])
        #expect(cut.keep == [[true, false, false, false], [true, false]])
    }

    /// Equal scores: the last would be cut last, and their path stays.
    @Test func tiesGoAsInEveryRanking() throws {
        let cut = try cut(4.0 / 6, Self.chain, [[1, 1, 1, 1], [1, 1]])
        #expect(cut.keep == [[false, false, false, true], [false, true]])
        let earlier = try self.cut(4.0 / 6, Self.chain, [[1, 2, 1, 1], [1, 2]])
        // 2 and 2 do not meet. Of the paths through a 1 the one whose 1 would be cut last: through b's first weight.
        #expect(earlier.keep == [[false, true, false, false], [true, false]])
    }

    @Test func eachLayersOwnTargetIsHeldWhereItCanBe() throws {
        let cut = try cut(
            0.5, Self.chain, [[0.9, 0.1, 0.2, 0.3], [0.4, 0.8]],
            distribution: ("by-hand", ["layers": .numbersByName(["a": 0.75, "b": 0.5])]))
        // a keeps one and b one: 0.9 and 0.4, where the best of b was 0.8.
        #expect(cut.keep == [[true, false, false, false], [true, false]] && cut.spared == 1)
    }

    @Test(arguments: [0.9, 0.98, 0.9999]) func ofTwoLayersSideBySideOneStays(sparsity: Double) throws {
        let values: [[Float]] = [[1, 2, 3, 4], [4, 4, 4, 3]]
        let layers = try cut(sparsity, Self.parallel, values, granularity: "layer")
        #expect(layers.keep == [[false, false, false, false], [true, true, true, true]])
        let weights = try cut(sparsity, Self.parallel, values)
        #expect(weights.keep == [[false, false, false, false], [false, false, true, false]])
        // Both are the network's answer, of which whole rows never go.
        #expect(throws: SparsityError.self) { try cut(sparsity, Self.parallel, values, granularity: "neuron") }
    }

    @Test func blocksOfAPathStayWhole() throws {
        let graph = try Graph(
            input: Shape(channels: 2),
            [.init("a", Linear(outputs: 8)), .init("r", ReLU()), .init("b", Linear(outputs: 1))])
        // Blocks of four rows and one column. a's best block feeds units 0 to 3, b's best weights read 4 to 7.
        let a: [Float] = [9, 1, 9, 1, 9, 1, 9, 1, 2, 3, 2, 3, 2, 3, 2, 3]
        let cut = try cut(20.0 / 24, graph, [a, [1, 1, 1, 1, 5, 5, 5, 5]], granularity: "block")
        // Through the block of threes and the last five the weakest is 3; through the nines it would be 1.
        let none = [Bool](repeating: false, count: 8)
        #expect(cut.keep[0] == none + [false, true, false, true, false, true, false, true])
        #expect(cut.keep[1] == [false, false, false, false, false, false, false, true] && cut.spared == 4)
    }

    /// A weight that is zero joins nothing, and stays where nothing better is left.
    @Test func zerosAreNoPath() throws {
        // Two stay: 0.9 into unit 0, whose reader is zero, and 0.8 from unit 1.
        let cut = try cut(3.0 / 6, Self.chain, [[0.9, 0, 0, 0.3], [0, 0.8]])
        #expect(cut.keep == [[true, false, false, true], [false, true]] && cut.spared == 0)
        let dead = try self.cut(4.0 / 6, Self.chain, [[0.9, 0, 0, 0], [0, 0.8]])
        #expect(dead.isJoined && PathGuard(Self.chain).isJoined(dead.keep.map { PathLayer(indices: nil, flags: $0) }))
    }

    /// However high a criterion ranks a zero: the path that stays is one of weights that are not.
    @Test func aZeroOfAHighScoreIsNoPath() throws {
        let values: [[Float]] = [[0.9, 0.9, 0.1, 0.1], [0, 0.2]]
        let layers = zip(["a", "b"], values).map { name, values in
            LiveWeights(
                name: name, rows: values.count / 2, columns: 2, kernelArea: 1, indices: nil, values: values,
                mayVanish: false, isOutput: name == "b")
        }
        let spared = PathGuard(Self.chain).weightsToSpare(layers, stays: { _, _ in false }) { layer, live in
            (values[layer][live] == 0 ? 100 : values[layer][live], live)
        }
        guard case .path(let path, _) = spared else {
            Issue.record("no path")
            return
        }
        #expect(path.allSatisfy { values[$0.layer][$0.live] != 0 })
    }

    @Test func whatWasNeverJoinedIsSaid() throws {
        let cut = try cut(5.0 / 6, Self.chain, [[0.9, 0.2], [0.8]], indices: [[0, 1], [1]])
        #expect(!cut.isJoined)
    }

    @Test func drawnCountsOpenAPath() throws {
        let masker = try Masker(
            criterion: Criteria.make("random"), granularity: Granularities.make("weight"),
            distribution: Distributions.make("uniform"))
        let layers = ["a", "b"].map {
            LiveWeights(name: $0, rows: 2, columns: 2, indices: [], values: [], mayVanish: true, isOutput: true)
        }
        #expect(try masker.drawnCounts(sparsity: 0.98, layers: layers) == [0, 0])
        let counts = try #require(try masker.drawnCounts(sparsity: 0.98, layers: layers, graph: Self.parallel))
        #expect(counts.reduce(0, +) == 1)
    }

    // MARK: What is asked

    @Test func targetsAreCountedAsTheDistributionSplitsThem() throws {
        let layers = [
            LiveWeights(name: "a", rows: 10, columns: 10, indices: [], values: []),
            LiveWeights(name: "b", rows: 10, columns: 30, indices: [], values: []),
        ]
        func masker(_ name: String, _ values: [String: Value] = [:]) throws -> Masker {
            try Masker(
                criterion: Criteria.make("magnitude"), granularity: Granularities.make("weight"),
                distribution: Distributions.make(name, values))
        }
        let byHand = try masker("by-hand", ["layers": .numbersByName(["b": 0.8])])
        #expect(try abs(byHand.askedSparsity(0.3, final: 0.6, layers: layers) - 0.3) < 1e-12)
        #expect(try abs(byHand.askedSparsity(0.2, final: 0.2, layers: layers) - 0.6) < 1e-12)
        let asked = try byHand.asked(0.2, final: 0.2, layers: layers)
        #expect(
            asked.map(\.zeros) == [0, 240] && asked[1].missing([100, 100]) == 40 && asked[0].missing([50, 0]) == 0)
        #expect(try masker("uniform").askedSparsity(0.9, layers: layers) == 0.9)
        #expect(try masker("global").askedSparsity(0.9, layers: layers) == 0.9)
        #expect(try masker("global").asked(0.9, layers: layers)[0].missing([20, 30]) == 10)
    }

    @Test func whatCanNeverBeCutIsKnownBefore() throws {
        func masker(_ granularity: String, _ layers: [String: Double]) throws -> Masker {
            try Masker(
                criterion: Criteria.make("magnitude"), granularity: Granularities.make(granularity),
                distribution: Distributions.make("by-hand", ["layers": .numbersByName(layers)]))
        }
        let layers = [
            LiveWeights(name: "a", rows: 2, columns: 2, indices: [], values: []),
            LiveWeights(name: "out", rows: 2, columns: 2, indices: [], values: [], isOutput: true),
        ]
        try masker("neuron", ["a": 0.5, "out": 0]).requireReachable(layers)
        #expect(
            throws: SparsityError.neverCut(
                layer: "out", granularity: "neuron",
                reason: "the output layer or lies on every path from input to output")
        ) {
            try masker("neuron", ["a": 0.5, "out": 0.5]).requireReachable(layers)
        }
        #expect(throws: SparsityError.self) { try masker("layer", ["a": 0.5]).requireReachable(layers) }
    }

    /// The step of the last update is where the updates end, and finding it goes through none of them.
    @Test func theLastUpdateIsKnownWithoutGoingThere() throws {
        let far = try Schedules.make(
            "cubic", ["final": .number(0.9), "end": .integer(Int.max / 4), "every": .integer(1)])
        let method = try Methods.make("one-shot")
        #expect(method.nextCut(after: 0, schedule: far) == Int.max / 4)
        #expect(method.lastCut(far) == Int.max / 4)
        let near = try Schedules.make("linear", ["final": .number(0.9), "end": .integer(10), "every": .integer(4)])
        var last = -1
        while let next = near.nextUpdate(after: last) { last = next }
        #expect(near.lastUpdate == last)
    }
}
