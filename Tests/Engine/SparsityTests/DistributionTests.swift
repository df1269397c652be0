import Descriptors
import Sparsity
import Testing

@Suite struct DistributionTests {
    private func layer(
        _ name: String, _ rows: Int, _ inputs: Int, kernel: Int = 1, isConvolution: Bool = false,
        isProtected: Bool = false
    ) -> LiveWeights {
        LiveWeights(
            name: name, rows: rows, columns: inputs * kernel * kernel, kernelArea: kernel * kernel,
            kernelWidth: kernel, indices: [], values: [], isProtected: isProtected, isConvolution: isConvolution)
    }
    private func sparsities(
        _ name: String, _ values: [String: Value] = [:], target: Double, final: Double? = nil, _ layers: [LiveWeights]
    ) throws -> [Double] {
        let allocation = try Distributions.make(name, values).allocate(
            target: target, final: final ?? target, layers: layers)
        guard case .perLayer(let sparsities) = allocation else { return [] }
        return sparsities
    }
    private func expect(_ found: [Double], _ expected: [Double]) {
        #expect(found.count == expected.count)
        for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-12, "\(found)") }
    }

    @Test(arguments: ["erdos-renyi", "erk"]) func linearLayersKeepMoreTheSmallerTheyAre(name: String) throws {
        // Shares (30 + 10) / 300 and (10 + 10) / 100; they sum to 40 + 20 weights, 0.15 · 400 = 60 are wanted: ε is 1.
        expect(try sparsities(name, target: 0.85, [layer("a", 10, 30), layer("b", 10, 10)]), [1 - 40.0 / 300, 0.8])
    }

    @Test func aLayerThatWouldPassOneIsDenseAndTheRestIsSolvedAgain() throws {
        // LeNet-300-100 at 0.9: ε = 26,620 / 1,594 would give fc3 a density of 1.84; then ε = 25,620 / 1,484.
        let layers = [layer("fc1", 300, 784), layer("fc2", 100, 300), layer("fc3", 10, 100)]
        let scale = 25_620.0 / 1_484
        expect(
            try sparsities("erdos-renyi", target: 0.9, layers),
            [1 - scale * 1_084 / 235_200, 1 - scale * 400 / 30_000, 0])
        // Dense is dense.
        expect(try sparsities("erdos-renyi", target: 0, layers), [0, 0, 0])
    }

    @Test func sidesOfKernelsCountInERKAlone() throws {
        // (4 + 8 + 3 + 3) / 288 and (8 + 8 + 1 + 1) / 64: together 36 weights of 352; 0.9 leaves 35.2.
        let layers = [
            layer("a", 8, 4, kernel: 3, isConvolution: true), layer("b", 8, 8, kernel: 1, isConvolution: true),
        ]
        let scale = 35.2 / 36
        expect(try sparsities("erk", target: 0.9, layers), [1 - scale * 18 / 288, 1 - scale * 18 / 64])
        // (4 + 8) / 32 and (8 + 8) / 64: together 12 · 9 + 16 weights.
        let flat = 35.2 / 124
        expect(try sparsities("erdos-renyi", target: 0.9, layers), [1 - flat * 12 / 32, 1 - flat * 16 / 64])
    }

    @Test(arguments: ["erdos-renyi", "erk"]) func ownAndProtectedLayersStayOutOfTheSums(name: String) throws {
        let layers = [
            layer("a", 10, 30), layer("own", 7, 9), layer("b", 10, 10), layer("whole", 50, 50, isProtected: true),
        ]
        let own: [String: Value] = ["layers": .numbersByName(["own": 0.5])]
        expect(try sparsities(name, own, target: 0.85, layers), [1 - 40.0 / 300, 0.5, 0.8, 0])
        #expect(try Distributions.make(name, own).namedLayers == ["own"])
        // Half way to the final figure the layer of its own is half way, too.
        #expect(try sparsities(name, own, target: 0.4, final: 0.8, layers)[1] == 0.25)
        #expect(throws: SparsityError.self) {
            try sparsities(name, ["layers": .numbersByName(["none": 0.5])], target: 0.5, layers)
        }
    }

    @Test func epsilonGivesTheDensities() throws {
        // 3 · 40 / 300 = 0.4, 3 · 20 / 100 = 0.6; 3 · 4 / 4 is more than all.
        let layers = [layer("a", 10, 30), layer("b", 10, 10), layer("c", 2, 2)]
        expect(try sparsities("erdos-renyi", ["epsilon": .number(3)], target: 0.9, layers), [0.6, 0.4, 0])
        expect(
            try sparsities("erdos-renyi", ["epsilon": .number(3)], target: 0.45, final: 0.9, layers), [0.3, 0.2, 0])
        #expect(throws: ArgumentError.self) { try Distributions.make("erdos-renyi", ["epsilon": .number(0)]) }
    }

    @Test func randomStartsAndCutsCountTheSame() throws {
        let layers = [layer("a", 10, 30), layer("b", 10, 10)]
        let masker = Masker(
            criterion: try Criteria.make("random"), granularity: try Granularities.make("weight"),
            distribution: try Distributions.make("erk"))
        #expect(try masker.drawnCounts(sparsity: 0.85, layers: layers) == [40, 20])
        let full = layers.map { layer in
            LiveWeights(layer, indices: nil, values: (0..<layer.total).map { Float($0 % 17 + 1) })
        }
        let keep = try masker.masks(sparsity: 0.85, layers: full, seed: 1, step: 0)
        #expect(keep.map { $0.count { $0 } } == [40, 20])
    }
}
