import Descriptors
import Graph
import Sparsity
import Testing

/// Attention heads as a granularity. Small literal scores, the expected mask written out.
@Suite struct HeadTests {
    /// Two heads of one row each, on two features.
    private func attention(
        query: [Float], value: [Float], output: [Float], other: [Float] = [9, 9], mayVanish: Bool = true,
        protected: Set<String> = []
    ) -> [LiveWeights] {
        let rows = HeadMembers(rows: [0, 1], channels: [-1, -1])
        let columns = HeadMembers(rows: [-1, -1], channels: [0, 1])
        return [("query", query, rows), ("value", value, rows), ("output", output, columns), ("other", other, nil)]
            .map { name, values, heads in
                LiveWeights(
                    name: name, rows: values.count / 2, columns: 2, values: values, mayVanish: mayVanish,
                    isProtected: protected.contains(name), heads: heads)
            }
    }

    private func cut(
        _ sparsity: Double, _ layers: [LiveWeights], distribution: String = "global", norm: String = "l1"
    ) throws -> [[Bool]] {
        try masker(distribution: distribution, norm: norm).masks(sparsity: sparsity, layers: layers, seed: 1, step: 0)
    }

    private func masker(
        distribution: String = "global", _ values: [String: Value] = [:], norm: String = "l1"
    ) throws -> Masker {
        try Masker(
            criterion: Criteria.make("magnitude"), granularity: Granularities.make("head", ["norm": .text(norm)]),
            distribution: Distributions.make(distribution, values))
    }

    private static let headOne = [true, true, false, false]
    private static let headTwo = [false, false, true, true]

    @Test func aHeadGoesInAllItsLayers() throws {
        // Means: head 0 (1 + 1 + 4 + 4 + 9 + 9) / 6 = 14/3, head 1 (5 + 5 + 3 + 3 + 1 + 1) / 6 = 3.
        let layers = attention(query: [1, 1, 5, 5], value: [4, 4, 3, 3], output: [9, 1, 9, 1])
        let one = [Self.headOne, Self.headOne, [true, false, true, false], [true, true]]
        // One zero of fourteen, and up to the six of a head.
        #expect(try cut(0.07, layers) == one)
        #expect(try cut(6.0 / 14, layers) == one)
        // The next weight is in the other head, and nothing else is ever cut.
        let all = [
            [false, false, false, false], [false, false, false, false], [false, false, false, false], [true, true],
        ]
        #expect(try cut(0.5, layers) == all)
        #expect(try cut(0.99, layers) == all)
    }

    @Test func theNormIsThatOfTheWholeHead() throws {
        let layers = attention(query: [1, 1, 5, 5], value: [4, 4, 3, 3], output: [6, 5, 6, 4])
        // Means 22/6 and 25/6; largest 6 and 5.
        #expect(try cut(0.1, layers).first == Self.headTwo)
        #expect(try cut(0.1, layers, norm: "max").first == Self.headOne)
    }

    @Test func tiesGoByTheFirstHead() throws {
        let layers = attention(query: [1, 2, 2, 1], value: [3, 3, -3, 3], output: [5, -5, 1, 1])
        #expect(
            try cut(0.1, layers) == [Self.headTwo, Self.headTwo, [false, true, false, true], [true, true]])
    }

    @Test func oneHeadStaysWhereNoPathLeadsAround() throws {
        let layers = attention(query: [1, 1, 5, 5], value: [4, 4, 3, 3], output: [9, 1, 9, 1], mayVanish: false)
        #expect(
            try cut(0.9, layers) == [
                Self.headTwo.map { !$0 }, Self.headOne, [true, false, true, false], [true, true],
            ])
    }

    @Test func aLayerThatIsKeptWholeIsNoPart() throws {
        // Without the query: head 0 (4 + 4 + 1 + 1) / 4, head 1 (3 + 3 + 1 + 1) / 4.
        let layers = attention(
            query: [1, 1, 5, 5], value: [4, 4, 3, 3], output: [1, 1, 1, 1], protected: ["query"])
        #expect(
            try cut(0.1, layers)
                == [[true, true, true, true], Self.headOne, [true, false, true, false], [true, true]])
    }

    @Test func aTargetForEachLayerRanksItsOwnHeads() throws {
        let layers = attention(query: [1, 1, 5, 5], value: [4, 4, 3, 3], output: [9, 1, 9, 1])
        #expect(
            try cut(0.5, layers, distribution: "uniform")
                == [Self.headTwo, Self.headOne, [true, false, true, false], [true, true]])
    }

    @Test func headsAreThoseOfLiveWeights() throws {
        let head = try Granularities.make("head")
        let live = LiveWeights(
            name: "a", rows: 4, columns: 2, indices: [1, 4, 6, 7], values: [1, 2, 3, 4],
            heads: HeadMembers(rows: [3, 3, 5, -1], channels: [-1, 7]))
        // The last row is of no head, and of its two columns one is.
        #expect(head.groups(of: live) == [0, 1, -1, 2])
        #expect(head.sharedNumbers(of: live) == [3, 5, 7])
    }

    @Test func whatHasNoHeadsIsSaid() throws {
        let layers = [LiveWeights(name: "fc", rows: 1, columns: 2, indices: [], values: [])]
        let error = #expect(throws: SparsityError.self) { try masker().requireReachable(layers) }
        #expect(
            error?.description
                == "granularity 'head' can cut nothing: each layer is outside attentions of two heads or "
                + "more")
        let named = attention(query: [1, 1, 5, 5], value: [4, 4, 3, 3], output: [9, 1, 9, 1])
        #expect(
            throws: SparsityError.neverCut(layer: "other", granularity: "head", reason: Granularities.Head.neverCuts)
        ) {
            try masker(distribution: "by-hand", ["layers": .numbersByName(["other": 0.5])]).requireReachable(named)
        }
    }
}
