import Descriptors
import Sparsity
import Testing

/// Each criterion on literal weights and facts: the scores, and the mask at a sparsity, ties included.
@Suite struct CriterionTests {
    /// Facts of every layer as given.
    private struct Given: FactSource {
        let all: [LayerFacts]
        func facts(_ needs: [Need], keeping: [[Bool]]?, samples: Int) -> [LayerFacts] { all }
    }

    private func layer(_ rows: Int, _ columns: Int, _ values: [Float], groups: Int = 1) -> LiveWeights {
        LiveWeights(name: "fc", rows: rows, columns: columns, groupCount: groups, values: values, mayVanish: true)
    }

    private func check(
        _ name: String, _ layer: LiveWeights, _ facts: LayerFacts, scores: [Float], sparsity: Double, keep: [Int],
        granularity: String = "weight", _ place: SourceLocation = #_sourceLocation
    ) throws {
        let criterion = try Criteria.make(name)
        #expect(criterion.scores(of: ScoredLayer(layer, facts: facts)) == scores, sourceLocation: place)
        let masker = Masker(
            criterion: criterion, granularity: try Granularities.make(granularity),
            distribution: try Distributions.make("global"))
        let cut = try masker.cut(sparsity: sparsity, layers: [layer], seed: 1, step: 0, facts: Given(all: [facts]))
        #expect(cut.keep[0].indices.filter { cut.keep[0][$0] } == keep, sourceLocation: place)
    }

    @Test func gradientTimesWeight() throws {
        var facts = LayerFacts()
        facts.gradient = [1, -2, 0.5, 4]
        let weights = layer(2, 2, [1, 1, -4, 0.25])
        // 1 and 1 are equal: the earlier goes.
        try check("taylor", weights, facts, scores: [1, 2, 2, 1], sparsity: 0.25, keep: [1, 2, 3])
        try check("snip", weights, facts, scores: [1, 2, 2, 1], sparsity: 0.75, keep: [2])
    }

    @Test func movementIsSigned() throws {
        var facts = LayerFacts()
        facts.kept["movement"] = [-3, 0.5, 0, -0.5]
        try check(
            "movement", layer(2, 2, [9, 9, 9, 9]), facts, scores: [-3, 0.5, 0, -0.5], sparsity: 0.5, keep: [1, 2])
        // A unit with −3 and 0.5 is worth less than one with 0 and −0.5.
        try check(
            "movement", layer(2, 2, [9, 9, 9, 9]), facts, scores: [-3, 0.5, 0, -0.5], sparsity: 0.5, keep: [2, 3],
            granularity: "neuron")
    }

    @Test func curvature() throws {
        var facts = LayerFacts()
        facts.squaredGradient = [2, 1, 0, 8]
        try check("obd", layer(2, 2, [1, 2, 100, -0.5]), facts, scores: [1, 2, 0, 1], sparsity: 0.5, keep: [1, 3])
    }

    @Test func wandaRanksWithinRows() throws {
        var facts = LayerFacts()
        facts.inputNorms = [1, 10, 2]
        // Of one ranking the second row would lose all.
        try check(
            "wanda", layer(2, 3, [30, 1, 20, -3, 0.2, 1]), facts, scores: [30, 10, 40, 3, 2, 2], sparsity: 1 / 3.0,
            keep: [0, 2, 3, 5])
        // Three of six: a weight a row, and the first row's next.
        try check(
            "wanda", layer(2, 3, [30, 1, 20, -3, 0.2, 1]), facts, scores: [30, 10, 40, 3, 2, 2], sparsity: 0.5,
            keep: [2, 3, 5])
        // Groups have inputs of their own.
        facts.inputNorms = [1, 2, 3, 4]
        try check(
            "wanda", layer(2, 2, [1, 1, 1, -1], groups: 2), facts, scores: [1, 2, 3, 4], sparsity: 0.5, keep: [1, 3])
    }

    @Test func rowsCountTheZerosTheyHave() throws {
        var facts = LayerFacts()
        facts.inputNorms = [1, 1, 1, 1]
        // The first row has two zeros, the second none: both of the next go from the second.
        let sparse = LiveWeights(
            name: "fc", rows: 2, columns: 4, indices: [0, 1, 4, 5, 6, 7], values: [1, 2, 3, 4, 5, 6], mayVanish: true)
        try check("wanda", sparse, facts, scores: [1, 2, 3, 4, 5, 6], sparsity: 0.5, keep: [0, 1, 4, 5])
    }

    @Test func wandaKeepsTheBestOfEachFour() throws {
        var facts = LayerFacts()
        facts.inputNorms = [4, 3, 2, 1]
        try check(
            "wanda", layer(2, 4, [1, 1, 1, 1, 1, 1, 3, 9]), facts, scores: [4, 3, 2, 1, 4, 3, 6, 9], sparsity: 0.5,
            keep: [0, 1, 6, 7], granularity: "n-of-m")
    }

    @Test func unitsByActivationAndNorm() throws {
        var facts = LayerFacts()
        facts.activationRates = [0.5, 0]
        try check(
            "activation-rate", layer(2, 2, [1, 2, 3, 4]), facts, scores: [0.5, 0.5, 0, 0], sparsity: 0.5, keep: [0, 1],
            granularity: "neuron")
        facts.normScales = [0.25, 2]
        try check(
            "norm-scale", layer(2, 2, [1, 2, 3, 4]), facts, scores: [0.25, 0.25, 2, 2], sparsity: 0.5, keep: [2, 3],
            granularity: "neuron")
        #expect(
            try Criteria.make("norm-scale").scores(of: ScoredLayer(layer(1, 2, [1, 2]))) == [.infinity, .infinity])
    }

    @Test func oneRankingIsNotSplit() throws {
        let masker = Masker(
            criterion: try Criteria.make("snip"), granularity: try Granularities.make("weight"),
            distribution: try Distributions.make("uniform"))
        #expect(throws: SparsityError.needsOneRanking(criterion: "snip", distribution: "uniform")) {
            try masker.requireReachable([layer(2, 2, [1, 2, 3, 4])])
        }
    }
}
