import Sparsity

/// What a target comes to in each layer, as the distribution splits it.
package struct TargetsQuery: Question {
    package static let kind = Query.Kind.targets
    package static let manner = Manner(extent: .weights, lane: .counts, copyAgeSeconds: 3600, pace: .seconds(1))

    package var sparsity: Double

    package init(sparsity: Double) { self.sparsity = sparsity }

    package func answer(from evidence: Evidence, _ reply: (TargetsAnswer) -> Void) throws {
        let copy = evidence.copy
        let layers = copy.plan.layers, live = copy.state.layers.map { $0.arrays.values.count }
        let parts = try copy.plan.recipe.choosing(copy.state.progress.choices).parts()
        let asked = try parts.masker.asked(sparsity, final: max(sparsity, parts.schedule.final), layers: layers)
        var kept = live
        for ranking in asked {
            let count = ranking.weights - ranking.zeros
            if ranking.layers.count == 1 {
                kept[ranking.layers[0]] = min(live[ranking.layers[0]], count)
            } else {
                // In one ranking over several layers it is the weights that decide: as they are now, by size.
                let cut = try copy.cut(Draft(scope: .global, anchor: .kept(count)))
                for number in ranking.layers { kept[number] = min(live[number], cut.layers[number].kept) }
            }
        }
        reply(
            TargetsAnswer(
                kept: kept,
                fileBytes: Payload.bytes(
                    layers.indices.map { number in
                        (
                            layers[number].total, kept[number], kept[number] == layers[number].total,
                            layers[number].rows,
                            copy.state.layers[number].arrays.bias.count
                        )
                    },
                    parameters: copy.state.parameters.reduce(0) { $0 + $1.values.count })))
    }
}

package struct TargetsAnswer: QuestionReply {
    /// Weights by layer; of layers that share a ranking, as their weights rank by size now.
    package var kept: [Int]
    package var fileBytes: Int

    package init(kept: [Int], fileBytes: Int) {
        self.kept = kept
        self.fileBytes = fileBytes
    }
}

extension Query.Kind {
    package static let targets = Query.Kind("targets")
}

extension Query {
    package static func targets(_ sparsity: Double) -> Query { Query(TargetsQuery(sparsity: sparsity)) }
}
