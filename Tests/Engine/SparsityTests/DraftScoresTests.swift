import Graph
import Sparsity
import Testing

/// A line that ranks by something else than size, on literal weights.
@Suite struct DraftScoresTests {
    /// Two layers of two neurons with two inputs.
    private let values: [[Float]] = [[1, -2, 3, 4], [8, 7, -6, 5]]

    private func cut(
        _ draft: Draft, _ criterion: (any Criterion)? = nil, granularity: String = "weight",
        distribution: String = "global", norms: [Float] = []
    ) throws -> DraftCut {
        let layers = values.enumerated().map {
            LiveWeights(name: "fc\($0 + 1)", rows: 2, columns: 2, values: $1)
        }
        var facts = LayerFacts()
        facts.inputNorms = norms
        let scores = try DraftScores(
            Masker(
                criterion: try criterion ?? Criteria.make("magnitude", [:]),
                granularity: try Granularities.make(granularity, [:]),
                distribution: try Distributions.make(distribution, [:])),
            layers: layers, seed: 1, step: 0, facts: [facts, facts], words: "")
        let candidates = Candidates.all(
            values.enumerated().map {
                LayerState(
                    name: "fc\($0 + 1)",
                    arrays: LayerArrays(indices: nil, values: $1, slots: [], bias: [], biasSlots: []), total: 4)
            }, removals: [])
        return DraftCut(draft, candidates, scores: scores)
    }

    @Test func theLineMovesByGroups() throws {
        // Neurons by their means: 1.5, 3.5, 7.5, 5.5.
        let cut = try cut(Draft(scope: .global, anchor: .kept(6)), granularity: "neuron")
        #expect(cut.layers.map(\.keep) == [[false, false, true, true], [true, true, true, true]])
        #expect(cut.threshold == 3.5)
        // Of five, whole neurons stay: four weights. The next smallest is its layer's last, so the one after it goes.
        let odd = try self.cut(Draft(scope: .global, anchor: .kept(5)), granularity: "neuron")
        #expect(odd.layers.map(\.keep) == [[false, false, true, true], [true, true, false, false]])
        let typed = try self.cut(Draft(scope: .layer("fc2"), anchor: .threshold(6)), granularity: "neuron")
        #expect(typed.layers.map(\.keep) == [[true, true, true, true], [true, true, false, false]])
    }

    @Test func aTotalIsSplitByTheDistribution() throws {
        let uniform = try cut(Draft(scope: .global, anchor: .kept(4)), distribution: "uniform")
        #expect(uniform.layers.map(\.keep) == [[false, false, true, true], [true, true, false, false]])
        let locked = try cut(Draft(scope: .global, anchor: .kept(6), locked: ["fc1"]))
        #expect(locked.layers.map(\.keep) == [[true, true, true, true], [true, true, false, false]])
    }

    @Test func scoresAreTheCriterions() throws {
        let wanda = try Criteria.make("wanda", [:])
        // Inputs 1 and 0.1: in each row the second weight goes.
        let cut = try cut(Draft(scope: .layer("fc1"), anchor: .kept(2)), wanda, norms: [1, 0.1])
        #expect(cut.layers.map(\.keep) == [[true, false, true, false], [true, true, true, true]])
        // Where the line stands on what is there nothing goes, and nothing can come.
        let whole = try self.cut(Draft(scope: .global, anchor: .kept(9)))
        #expect(whole.kept == 8 && whole.notice?.hasPrefix("what was cut has no score") == true)
    }

    @Test(arguments: ["sparsegpt", "synflow", "movement"])
    func whatIsNoScoreIsRefused(name: String) throws {
        #expect(throws: RankingError.self) {
            try cut(Draft(scope: .global, anchor: .kept(4)), Criteria.make(name, [:]))
        }
    }
}
