import Descriptors
import Sparsity
import Testing

/// Layers that are left out or capped, and the distributions by measurements: the figures written out.
@Suite struct LimitTests {
    private func layer(_ name: String, _ values: [Float], rows: Int = 1) -> LiveWeights {
        LiveWeights(name: name, rows: rows, columns: values.count / rows, values: values)
    }
    private func sized(_ name: String, _ rows: Int, _ columns: Int) -> LiveWeights {
        LiveWeights(name: name, rows: rows, columns: columns, indices: [], values: [])
    }
    private func masker(_ distribution: String, _ values: [String: Value]) throws -> Masker {
        Masker(
            criterion: try Criteria.make("magnitude"), granularity: try Granularities.make("weight"),
            distribution: try Distributions.make(distribution, values), limits: try LayerLimits(values))
    }
    private func cut(
        _ sparsity: Double, _ layers: [LiveWeights], _ distribution: String, _ values: [String: Value]
    ) throws -> [[Bool]] {
        try masker(distribution, values).masks(sparsity: sparsity, layers: layers, seed: 1, step: 0)
    }

    @Test func aKeptLayerStaysAndTheOthersMakeUpForIt() throws {
        let layers = [layer("a", [0.1, 0.2, 0.3, 0.4]), layer("b", [1, 2, 3, 4]), layer("c", [5, 6, 7, 8])]
        // Half of twelve are six zeros: b has all but its last weight to give, c the rest.
        let expected = [
            [true, true, true, true], [false, false, false, true], [false, false, false, true],
        ]
        #expect(try cut(0.5, layers, "global", ["keep": .texts(["a"])]) == expected)
        #expect(try cut(0.5, layers, "uniform", ["keep": .text("a")]) == expected)
    }

    @Test func aCappedLayerGivesItsShareAlone() throws {
        let layers = [layer("a", [0.1, 0.2, 0.3, 0.4]), layer("b", [1, 1, 2, 2])]
        let caps: [String: Value] = ["cap": .numbersByName(["a": 0.25])]
        #expect(try cut(0.5, layers, "global", caps) == [[false, true, true, true], [false, false, false, true]])
        #expect(try cut(0.25, layers, "global", caps) == [[false, true, true, true], [false, true, true, true]])
        // Uniform: 0.25 of a, and 0.75 of b for the half of all.
        #expect(try cut(0.5, layers, "uniform", caps) == [[false, true, true, true], [false, false, false, true]])
        #expect(try cut(0.25, layers, "uniform", caps) == [[false, true, true, true], [false, true, true, true]])
        // What a person gave is cut off and not made up for.
        var byHand = caps
        byHand["layers"] = .numbersByName(["a": 0.5, "b": 0.25])
        #expect(try cut(0.5, layers, "by-hand", byHand) == [[false, true, true, true], [false, true, true, true]])
    }

    @Test func aCapHoldsWholeGroups() throws {
        let rows = layer("a", [1, 1, 2, 2, 3, 3, 4, 4], rows: 4)
        let masker = Masker(
            criterion: try Criteria.make("magnitude"), granularity: try Granularities.make("neuron"),
            distribution: try Distributions.make("global"), limits: try LayerLimits(["cap": .numbersByName(["a": 0.6])])
        )
        // Four of eight weights: a third neuron would pass 0.6.
        #expect(
            try masker.masks(sparsity: 0.9, layers: [rows], seed: 1, step: 0)
                == [[false, false, false, false, true, true, true, true]])
    }

    @Test func whatIsOutOfReachIsNotAskedFor() throws {
        let layers = [sized("a", 10, 10), sized("b", 10, 10)]
        let masker = try masker("uniform", ["keep": .text("a")])
        // b alone goes to 99 %, no further.
        #expect(abs(try masker.askedSparsity(0.9, layers: layers) - 0.495) < 1e-12)
        #expect(try self.masker("global", ["keep": .text("a")]).askedSparsity(0.9, layers: layers) == 0.5)
        #expect(abs(try masker.askedSparsity(0.4, layers: layers) - 0.4) < 1e-12)
        #expect(throws: SparsityError.noSuchLayer("x", layers: ["a", "b"])) {
            try self.masker("uniform", ["keep": .text("x")]).asked(0.5, layers: layers)
        }
        #expect(throws: ArgumentError.self) {
            try LayerLimits(["keep": .text("a"), "cap": .numbersByName(["a": 0.5])])
        }
    }

    @Test func aRandomStartKnowsTheLimitsToo() throws {
        let layers = [sized("a", 10, 10), sized("b", 10, 30)]
        for distribution in ["uniform", "global"] {
            let masker = Masker(
                criterion: try Criteria.make("random"), granularity: try Granularities.make("weight"),
                distribution: try Distributions.make(distribution), limits: try LayerLimits(["keep": .text("a")]))
            #expect(try masker.drawnCounts(sparsity: 0.5, layers: layers) == [100, 100], "\(distribution)")
        }
    }

    // MARK: By measurements

    @Test func sensitivityScalesTheLargestSparsities() throws {
        let layers = [sized("a", 10, 10), sized("b", 10, 30), sized("c", 10, 10)]
        let given: [String: Value] = ["layers": .numbersByName(["a": 0.8, "b": 0.4])]
        let distribution = try Distributions.make("sensitivity", given)
        // Of 500 weights 200 lie within: half of that halves both.
        #expect(try distribution.allocate(target: 0.2, final: 0.2, layers: layers) == .perLayer([0.4, 0.2, 0]))
        #expect(try distribution.allocate(target: 0.4, final: 0.4, layers: layers) == .perLayer([0.8, 0.4, 0]))
        guard case .perLayer(let beyond) = try distribution.allocate(target: 0.6, final: 0.6, layers: layers) else {
            Issue.record("no targets")
            return
        }
        // 300 of the 400 that may go: the densities 0.2 and 0.6 are halved.
        for (found, expected) in zip(beyond, [0.9, 0.7, 0]) { #expect(abs(found - expected) < 1e-12) }
        #expect(throws: ArgumentError.self) { try Distributions.make("sensitivity", [:]) }
    }

    @Test func bytesAskForWhatTheFileMayTake() throws {
        // 8,000 weights: 1,000 bytes of bitmasks, 4 · 200 of biases; 6,200 bytes are left for 1,550 values.
        let layers = [sized("a", 100, 40), sized("b", 100, 40)]
        let distribution = try Distributions.make("bytes", ["budget": .integer(8_000)])
        #expect(
            try distribution.allocate(target: 0.9, final: 0.9, layers: layers)
                == .perLayer([1 - 1_550.0 / 8_000, 1 - 1_550.0 / 8_000]))
        guard case .perLayer(let half) = try distribution.allocate(target: 0.45, final: 0.9, layers: layers) else {
            return
        }
        #expect(abs(half[0] - (1 - 1_550.0 / 8_000) / 2) < 1e-12)
        #expect(throws: SparsityError.tooFewBytes(1_000, least: 1_808)) {
            try Distributions.make("bytes", ["budget": .integer(1_000)]).allocate(
                target: 0.9, final: 0.9, layers: layers)
        }
    }

    @Test func latencyCutsMostWhereAWeightCostsMost() throws {
        // A weight of a costs four times one of b: its density is half.
        let layers = [sized("a", 10, 10), sized("b", 10, 10)]
        let distribution = try Distributions.make("latency", ["times": .numbersByName(["a": 4, "b": 1])])
        guard case .perLayer(let found) = try distribution.allocate(target: 0.7, final: 0.7, layers: layers) else {
            return
        }
        // 4d + 2d = 0.3 · 5.
        for (found, expected) in zip(found, [0.75, 0.5]) { #expect(abs(found - expected) < 1e-8, "\(found)") }
        guard case .perLayer(let dense) = try distribution.allocate(target: 0.1, final: 0.7, layers: layers) else {
            return
        }
        // b would pass 1: it stays dense, and a has the rest.
        for (found, expected) in zip(dense, [0.125, 0]) { #expect(abs(found - expected) < 1e-8, "\(found)") }
    }
}
