import Descriptors
import Sparsity
import Testing

@Suite struct RandomStartTests {
    private func masker(
        _ distribution: String = "global", _ values: [String: Value] = [:], criterion: String = "random",
        granularity: String = "weight"
    ) throws -> Masker {
        Masker(
            criterion: try Criteria.make(criterion), granularity: try Granularities.make(granularity),
            distribution: try Distributions.make(distribution, values))
    }
    private func layer(_ name: String, _ rows: Int, _ columns: Int, mayVanish: Bool = false) -> LiveWeights {
        LiveWeights(name: name, rows: rows, columns: columns, indices: [], values: [], mayVanish: mayVanish)
    }

    @Test func globalSharesAreRoundedToTheExactTotal() throws {
        let layers = [layer("a", 3, 5), layer("b", 1, 7), layer("c", 2, 9)]
        // 40 weights, 13 kept: ⌊13 · 15 / 40⌋ = 4, to ⌊13 · 22 / 40⌋ = 7, to 13.
        #expect(try masker().drawnCounts(sparsity: 0.675, layers: layers) == [4, 3, 6])
    }

    @Test func eachLayerHasItsOwnTarget() throws {
        let layers = [layer("a", 10, 10), layer("b", 10, 20)]
        #expect(try masker("uniform").drawnCounts(sparsity: 0.9, layers: layers) == [10, 20])
        let byHand = try masker("by-hand", ["layers": .numbersByName(["b": 0.95])])
        #expect(try byHand.drawnCounts(sparsity: 0.5, layers: layers) == [100, 10])
        #expect(throws: SparsityError.self) {
            try byHand.drawnCounts(sparsity: 0.5, layers: [layer("a", 10, 10)])
        }
    }

    @Test func aLayerThatMayNotVanishKeepsAWeight() throws {
        let layers = [layer("a", 1, 4), layer("b", 1, 4, mayVanish: true), layer("c", 100, 100)]
        #expect(try masker("uniform").drawnCounts(sparsity: 0.99, layers: layers) == [1, 0, 100])
    }

    @Test func fortyBillionWeightsAreCounted() throws {
        let layers = [layer("a", 200_000, 200_000), layer("b", 1_000_000_000, 1_000_000_000)]
        #expect(try masker("uniform").drawnCounts(sparsity: 0.9999, layers: layers)?[0] == 4_000_000)
        let global = try #require(try masker().drawnCounts(sparsity: 0.9999, layers: layers))
        #expect(abs(global[0] - 4_000_000) <= 1)
    }

    @Test func whatLooksAtWeightsCannotBeDrawn() throws {
        let layers = [layer("a", 10, 10)]
        #expect(try masker(criterion: "magnitude").drawnCounts(sparsity: 0.5, layers: layers) == nil)
        #expect(try masker(granularity: "neuron").drawnCounts(sparsity: 0.5, layers: layers) == nil)
    }
}
