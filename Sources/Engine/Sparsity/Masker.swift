/// Score, then mask: which live weights stay when a target sparsity is asked for.
package struct Masker: Sendable {
    package let criterion: any Criterion
    package let granularity: any Granularity
    package let distribution: any Distribution

    package init(criterion: any Criterion, granularity: any Granularity, distribution: any Distribution) {
        self.criterion = criterion
        self.granularity = granularity
        self.distribution = distribution
    }

    /// A keep flag for each live weight of each layer.
    ///
    /// Sparsity is zeros over all weights, those cut before included; a ranking asks for
    /// round(sparsity × weights) zeros and cuts only what is missing, never fewer zeros than there are. Groups go
    /// lowest score first, ties by (layer, first position), whole, while there are too few zeros: so a target is
    /// passed by less than one group. A layer that may not vanish keeps its best group, and the ranking takes the
    /// next group instead where there is one.
    ///
    /// Where layers were cut whole and no group is left, nothing more is cut.
    ///
    /// - Throws: `SparsityError.nothingToCut` where every weight is of a kind the granularity never cuts;
    ///   `SparsityError.noSuchLayer` from the distribution.
    package func masks(
        sparsity: Double, final: Double? = nil, layers: [LiveWeights], seed: UInt64, step: Int
    ) throws -> [[Bool]] {
        var keep = layers.map { [Bool](repeating: true, count: $0.values.count) }
        let rankings: [(layers: [Int], missing: Int)] =
            switch try distribution.allocate(target: sparsity, final: final ?? sparsity, layers: layers) {
            case .together(let target):
                [(Array(layers.indices), Self.missingZeros(target, layers))]
            case .perLayer(let targets):
                layers.indices.map { ([$0], Self.missingZeros(targets[$0], [layers[$0]])) }
            }
        let wanted = rankings.filter { $0.missing > 0 }
        if wanted.isEmpty { return keep }

        guard
            layers.contains(where: { granularity.groups(of: $0).contains { $0 >= 0 } })
                || layers.contains(where: { $0.values.isEmpty && $0.total > 0 })
        else {
            throw SparsityError.nothingToCut(
                granularity: type(of: granularity).descriptor.name,
                reason: "each layer is the output layer or lies on every path from input to output")
        }
        for ranking in wanted {
            let ranked = ranking.layers.map { number in
                let scores = criterion.scores(of: layers[number], layerNumber: number, seed: seed, step: step)
                let groups = granularity.groups(of: layers[number], scores: scores)
                return RankedLayer(
                    number: number, groups: groups, scores: granularity.groupScores(scores, groups: groups),
                    mayVanish: layers[number].mayVanish)
            }
            for (layer, kept) in zip(ranked, RankedLayer.keptGroups(of: ranked, cutting: ranking.missing)) {
                keep[layer.number] = layer.groups.map { $0 < 0 || kept[Int($0)] }
            }
        }
        return keep
    }

    private static func missingZeros(_ target: Double, _ layers: [LiveWeights]) -> Int {
        let total = layers.reduce(0) { $0 + $1.total }
        let zeros = total - layers.reduce(0) { $0 + $1.values.count }
        return Int((target * Double(total)).rounded()) - zeros
    }
}
