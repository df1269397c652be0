import Foundation

/// Score, then mask: which live weights stay when a target sparsity is asked for.
package struct Masker: Sendable {
    package let criterion: any Criterion
    package let granularity: any Granularity
    package let distribution: any Distribution
    /// Of masks of single weights; nil: none.
    package let refinement: (any Refinement)?
    package let limits: LayerLimits

    package init(
        criterion: any Criterion, granularity: any Granularity, distribution: any Distribution,
        refinement: (any Refinement)? = nil, limits: LayerLimits = .none
    ) {
        self.refinement = refinement
        self.limits = limits
        self.criterion = criterion
        self.granularity = granularity
        self.distribution = distribution
    }

    /// What a cut wants to know besides the weights.
    package var needs: [Need] {
        let own = criterion.needs
        return own + (refinement?.needs ?? []).filter { !own.contains($0) }
    }

    /// What a target comes to.
    package struct Cut: Sendable, Equatable {
        /// A flag for each live weight of each layer: whether it stays.
        package var keep: [[Bool]]
        /// New values of the weights of a layer that stay, in their order; nil: as they were.
        package var values: [Int: [Float]] = [:]
        /// Weights that stay for the path's sake alone; others went instead where there were others.
        package var spared = 0
        /// False where the live weights joined input and output neither before nor after.
        package var isJoined = true
    }

    /// Sparsity is zeros over all weights, those cut before included; a ranking asks for
    /// round(sparsity × weights) zeros and cuts only what is missing, never fewer zeros than there are. Groups go
    /// lowest score first, ties by (layer, first position), whole, while there are too few zeros: so a target is
    /// passed by less than one group. A layer that may not vanish keeps its best group, and the ranking takes the
    /// next group instead where there is one. Where that leaves no path from input to output, the groups of the strongest
    /// path stay instead, and the ranking is made again without them.
    ///
    /// Where layers were cut whole and no group is left, nothing more is cut.
    ///
    /// A criterion of several rounds gets there over as many, each of which keeps the same share of the weights, and sees
    /// what the one before left.
    ///
    /// - Parameters:
    ///   - pathGuard: of the graph whose layers these are; nil: paths are not looked for.
    ///   - facts: answers what the criterion needs; it may be nil where that is nothing.
    /// - Throws: `SparsityError.nothingToCut` where every weight is of a kind the granularity never cuts;
    ///   `SparsityError.noSuchLayer` from the distribution; what the facts throw.
    package func cut(
        sparsity: Double, final: Double? = nil, layers: [LiveWeights], seed: UInt64, step: Int,
        pathGuard: PathGuard? = nil, facts source: (any FactSource)? = nil
    ) throws -> Cut {
        func facts(_ keeping: [[Bool]]?) throws -> [LayerFacts] {
            if needs.isEmpty { return layers.map { _ in LayerFacts() } }
            guard let source else { preconditionFailure("criterion without the facts it needs") }
            return try source.facts(
                needs, keeping: keeping, samples: max(criterion.samples, refinement?.samples ?? 0))
        }
        let all = layers.map { [Bool](repeating: true, count: $0.values.count) }
        let live = layers.map(\.values.count)
        if try asked(sparsity, final: final, layers: layers).allSatisfy({ $0.missing(live) == 0 }) {
            return Cut(keep: all)
        }
        let rounds = criterion.rounds
        guard rounds > 1 else {
            let known = try facts(nil)
            let cut = try cut(
                sparsity: sparsity, final: final, layers: layers, seed: seed, step: step, pathGuard: pathGuard,
                facts: known)
            let scored = layers.indices.map {
                ScoredLayer(layers[$0], number: $0, seed: seed, step: step, facts: known[$0])
            }
            return improved(cut, of: scored, pathGuard: pathGuard)
        }
        let total = Double(layers.reduce(0) { $0 + $1.total })
        let before = Double(live.reduce(0, +)) / total, after = min(before, 1 - sparsity)
        var cut = Cut(keep: all)
        for round in 1...rounds {
            let density = round == rounds ? 1 - sparsity : before * pow(after / before, Double(round) / Double(rounds))
            let known = try facts(round == 1 ? nil : cut.keep)
            let left = zip(layers, cut.keep).map { $0.keeping($1) }
            let next = try self.cut(
                sparsity: 1 - density, final: final, layers: left, seed: seed, step: step, pathGuard: pathGuard,
                facts: zip(known, cut.keep).map { $0.keeping($1) })
            for number in layers.indices {
                var places = next.keep[number].makeIterator()
                for live in cut.keep[number].indices where cut.keep[number][live] {
                    cut.keep[number][live] = places.next()!
                }
            }
            (cut.spared, cut.isJoined) = (next.spared, next.isJoined)
        }
        return cut
    }

    private func cut(
        sparsity: Double, final: Double?, layers: [LiveWeights], seed: UInt64, step: Int, pathGuard: PathGuard?,
        facts: [LayerFacts]
    ) throws -> Cut {
        let all = layers.map { [Bool](repeating: true, count: $0.values.count) }
        let live = layers.map(\.values.count)
        let asked = try asked(sparsity, final: final, layers: layers).filter { $0.missing(live) > 0 }
        if asked.isEmpty { return Cut(keep: all) }
        try requireCuttable(layers)

        let numbers = asked.flatMap(\.layers)
        let scored = scores(of: numbers, layers: layers, seed: seed, step: step, facts: facts)
        return cut(asked, layers: layers, scored: zip(numbers, scored).map { ($0, $1) }, pathGuard: pathGuard)
    }

    /// By layer, in the order of these numbers, as the granularity can pool and rank them.
    func scores(of numbers: [Int], layers: [LiveWeights], seed: UInt64, step: Int, facts: [LayerFacts]) -> [[Float]] {
        var scored = numbers.map { number in
            criterion.scores(
                of: ScoredLayer(layers[number], number: number, seed: seed, step: step, facts: facts[number]))
        }
        fit(&scored, of: numbers.map { layers[$0] })
        return scored
    }

    /// - Parameter scored: layers by number, with their scores; all that is asked for.
    func cut(
        _ asked: [Asked], layers: [LiveWeights], scored: [(number: Int, scores: [Float])], pathGuard: PathGuard?
    ) -> Cut {
        let all = layers.map { [Bool](repeating: true, count: $0.values.count) }
        let live = layers.map(\.values.count)
        var parts: [SharedGroups] = []
        var ranked = [RankedLayer?](repeating: nil, count: layers.count)
        for (number, scores) in scored {
            let groups =
                layers[number].isProtected
                ? [Int32](repeating: -1, count: scores.count)
                : granularity.groups(of: layers[number], scores: scores)
            ranked[number] = RankedLayer(
                number: number, groups: groups, scores: granularity.groupScores(scores, groups: groups),
                mayVanish: layers[number].mayVanish)
            if let shared = granularity.sharedNumbers(of: layers[number]), !layers[number].isProtected {
                parts.append(SharedGroups(layer: number, numbers: shared, weightScores: scores))
            }
        }
        for ranking in asked {
            for (number, most) in zip(ranking.layers, ranking.most ?? []) {
                ranked[number]!.hold(cuttingAtMost: max(0, most - (layers[number].total - live[number])))
            }
            let together = parts.filter { ranking.layers.contains($0.layer) }
            SharedGroups.pool(together, in: &ranked) { granularity.groupScores($0, groups: $1) }
        }
        func keep() -> [[Bool]] {
            var keep = all
            for ranking in asked {
                let members = ranking.layers.map { ranked[$0]! }
                for (layer, kept) in zip(members, RankedLayer.keptGroups(of: members, cutting: ranking.missing(live))) {
                    keep[layer.number] = layer.groups.map { $0 < 0 || kept[Int($0)] }
                }
            }
            return keep
        }
        let first = keep()
        let offsets = ranked.reduce(into: [0]) { $0.append($0.last! + ($1?.scores.count ?? 0)) }
        let spared = pathGuard?.weightsToSpare(layers, stays: { first[$0][$1] }) { number, live in
            guard let layer = ranked[number], layer.groups[live] >= 0 else { return (0, 0) }
            let group = Int(layer.groups[live])
            return (layer.scores[group], offsets[number] + group)
        }
        switch spared {
        case nil: return Cut(keep: first)
        case .impossible: return Cut(keep: first, isJoined: false)
        case .path(let saved, let whole):
            let held = ranked.map { $0?.held ?? [] }
            for number in ranked.indices { ranked[number]?.spared = held[number] }
            for (number, weights) in Dictionary(grouping: whole, by: \.layer) {
                let groups = weights.compactMap { ranked[number]?.groups[$0.live] }.filter { $0 >= 0 }
                ranked[number]?.spared = Set(groups.map(Int.init) + held[number]).sorted()
            }
            let count = saved.reduce(0) { count, weight in
                guard !first[weight.layer][weight.live], let layer = ranked[weight.layer] else { return count }
                return count + layer.sizes[Int(layer.groups[weight.live])]
            }
            return Cut(keep: keep(), spared: count)
        }
    }

    /// Makes scores what the granularity can pool and rank.
    private func fit(_ scores: inout [[Float]], of layers: [LiveWeights]) {
        let kind = type(of: criterion), ranksWeights = type(of: granularity).ranksWeights
        if kind.scope == .row, ranksWeights {
            for (place, layer) in layers.enumerated() { scores[place] = layer.placesInRows(scores[place]) }
        }
        // Norms pool magnitudes: from the least score on the order is the same, and means differ by as much.
        if kind.isSigned, !ranksWeights, let least = scores.compactMap({ $0.min() }).min(), least < 0 {
            for place in scores.indices { scores[place] = scores[place].map { $0 - least } }
        }
    }

    /// The flags alone, without a graph.
    package func masks(
        sparsity: Double, final: Double? = nil, layers: [LiveWeights], seed: UInt64, step: Int
    ) throws -> [[Bool]] {
        try cut(sparsity: sparsity, final: final, layers: layers, seed: seed, step: step).keep
    }

    /// What can be known before there are weights.
    /// - Throws: `SparsityError.nothingToCut` where the granularity can cut no layer, whatever its weights are;
    ///   `SparsityError.neverCut` where it can not cut one that is given a sparsity by name.
    package func requireReachable(_ layers: [LiveWeights]) throws {
        if type(of: criterion).scope == .network,
            case .perLayer = try distribution.allocate(target: 0.5, final: 0.5, layers: layers)
        {
            throw SparsityError.needsOneRanking(
                criterion: type(of: criterion).descriptor.name, distribution: type(of: distribution).descriptor.name)
        }
        try requireCuttable(layers)
        let named = Set(distribution.namedLayers)
        for layer in layers where named.contains(layer.name) && !canCut(layer) {
            throw SparsityError.neverCut(
                layer: layer.name, granularity: type(of: granularity).descriptor.name,
                reason: type(of: granularity).neverCuts)
        }
    }

    private func canCut(_ layer: LiveWeights) -> Bool { !layer.isProtected && granularity.canCut(layer) }

    func requireCuttable(_ layers: [LiveWeights]) throws {
        guard !layers.contains(where: canCut) else { return }
        throw SparsityError.nothingToCut(
            granularity: type(of: granularity).descriptor.name,
            reason: layers.contains { $0.isProtected }
                ? "each layer is one that the recipe does not let be pruned, or is \(type(of: granularity).neverCuts)"
                : "each layer is \(type(of: granularity).neverCuts)")
    }
}
