/// What a draft with a ranking ranks by: the scores of the live weights of all layers, found once for a network.
package struct DraftScores: Sendable {
    /// By layer, a score for each live weight: that of its group, as it stands in a ranking; infinite where it is never cut.
    package let standing: [[Float]]
    /// As a picture may call them.
    package let words: String
    private let masker: Masker
    private let layers: [LiveWeights]
    /// By layer, as the granularity pools and ranks them.
    private let scores: [[Float]]

    /// - Parameters:
    ///   - facts: of all that the criterion needs.
    ///   - words: what the scores are.
    /// - Throws: `SparsityError` where nothing could be ranked so, or a layer could never be cut; `RankingError` of a criterion
    ///   that is more than a score.
    package init(
        _ masker: Masker, layers: [LiveWeights], seed: UInt64, step: Int, facts: [LayerFacts], words: String
    ) throws {
        try Self.require(masker)
        try masker.requireReachable(layers)
        self.masker = masker
        self.layers = layers
        self.words = words
        scores = masker.scores(of: Array(layers.indices), layers: layers, seed: seed, step: step, facts: facts)
        standing = masker.standing(layers, scores: scores)
    }

    /// What can be known before anything is measured.
    package static func require(_ masker: Masker) throws {
        let criterion = masker.criterion, name = type(of: criterion).descriptor.name
        func refuse(_ reason: String) -> RankingError {
            RankingError(description: "a line cannot rank by criterion '\(name)': \(reason)")
        }
        if criterion is any SolvingCriterion {
            throw refuse("it gives new values to what stays, which a schedule and 'espalier prune' can do")
        }
        if criterion.rounds > 1 {
            throw refuse(
                "its score holds for one of \(criterion.rounds) rounds; a schedule and 'espalier prune' go through them"
            )
        }
        if criterion.needs.contains(where: \.isKept) {
            throw refuse("its score is what a method keeps while it trains, which no copy has")
        }
    }

    /// Flags of the layers' live weights: so many stay, as the distribution splits them where the line is of all layers.
    func keep(_ count: Int, of members: [Int], isOfAll: Bool) throws -> [[Bool]] {
        if isOfAll {
            let fixed = Set(layers.indices).subtracting(members)
            let all = layers.enumerated().map { fixed.contains($0) ? $1.protected : $1 }
            let total = all.reduce(0) { $0 + $1.total }
            let kept = count + fixed.reduce(0) { $0 + layers[$1].values.count }
            let asked = try masker.asked(1 - Double(kept) / Double(max(1, total)), layers: all)
            let cut = masker.cut(asked, layers: all, scored: scores.enumerated().map { ($0, $1) }, pathGuard: nil)
            return members.map { cut.keep[$0] }
        }
        let own = members.map { layers[$0] }
        let total = own.reduce(0) { $0 + $1.total }
        let alone = Masker(
            criterion: masker.criterion, granularity: masker.granularity,
            distribution: try Distributions.make("global", [:]))
        try alone.requireCuttable(own)
        let asked = try alone.asked(1 - Double(count) / Double(max(1, total)), layers: own)
        return alone.cut(
            asked, layers: own, scored: members.enumerated().map { ($0, scores[$1]) }, pathGuard: nil
        ).keep
    }
}

package struct RankingError: Error, CustomStringConvertible {
    package let description: String
    package init(description: String) { self.description = description }
}

extension Need {
    fileprivate var isKept: Bool { if case .kept = self { true } else { false } }
}

extension LiveWeights {
    /// The same, never cut.
    fileprivate var protected: LiveWeights {
        let findHeads = findHeads
        return LiveWeights(
            name: name, rows: rows, columns: columns, kernelArea: kernelArea, kernelWidth: kernelWidth,
            groupCount: groupCount, indices: indices, values: values, mayVanish: mayVanish, isOutput: isOutput,
            isProtected: true, isFrozen: isFrozen, isConvolution: isConvolution, heads: findHeads())
    }
}

extension Masker {
    /// Each live weight's score as it stands in a ranking: that of its group, over layers where groups reach over them.
    func standing(_ layers: [LiveWeights], scores: [[Float]]) -> [[Float]] {
        var parts: [SharedGroups] = []
        var ranked: [RankedLayer?] = layers.enumerated().map { number, layer in
            guard !layer.isProtected else { return nil }
            let groups = granularity.groups(of: layer, scores: scores[number])
            if let shared = granularity.sharedNumbers(of: layer) {
                parts.append(SharedGroups(layer: number, numbers: shared, weightScores: scores[number]))
            }
            return RankedLayer(
                number: number, groups: groups, scores: granularity.groupScores(scores[number], groups: groups),
                mayVanish: true)
        }
        SharedGroups.pool(parts, in: &ranked) { granularity.groupScores($0, groups: $1) }
        return layers.indices.map { number in
            guard let layer = ranked[number] else { return scores[number].map { _ in .infinity } }
            return layer.groups.map { $0 < 0 ? .infinity : layer.scores[Int($0)] }
        }
    }
}
