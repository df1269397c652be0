import Descriptors
import Graph
import Kernels
import Sparsity

extension DraftScores {
    /// Of a network at a step boundary: what the criterion needs is measured on a copy, the same numbers on any number of threads.
    ///
    /// - Parameter ranking: of a draft.
    /// - Throws: what the reader, the masker or the criterion says against it.
    init(
        _ ranking: [String: String], _ plan: TrainingPlan, choices: Choices?, layers: [LayerState],
        parameters: [ParameterState], step: Int, watch: CalibrationWatch? = nil, team: () -> Team
    ) throws {
        for part in ranking.keys.sorted() where !Draft.rankingParts.contains(part) {
            throw RankingError(
                description: "a line ranks by \(Draft.rankingParts.joined(separator: ", ")), not by '\(part)'")
        }
        // What a line ranks by is its own: where it says nothing, weights by size and all layers together.
        var parts = choices ?? [:]
        let plain = ["criterion": "magnitude", "granularity": "weight", "distribution": "global"]
        for part in Draft.rankingParts {
            let value = ranking[part] ?? plain[part]!
            // An empty one is the run's.
            if !value.isEmpty { parts[part] = value }
        }
        let recipe = try plan.recipe.choosing(parts)
        let masker = try recipe.parts().masker
        try Self.require(masker)
        let weights = zip(plan.layers, layers).map {
            LiveWeights($0, indices: $1.arrays.indices, values: $1.arrays.values)
        }
        let criterion = masker.criterion
        let facts =
            criterion.needs.isEmpty
            ? weights.map { _ in LayerFacts() }
            : try Calibration(plan, layers: layers, parameters: parameters, team: team(), watch: watch)
                .facts(criterion.needs, keeping: nil, samples: criterion.samples)
        try self.init(
            masker, layers: weights, seed: plan.recipe.seed, step: step, facts: facts,
            words: recipe.rankingWords(masker))
    }
}

extension Recipe {
    /// As `|w|`, `taylor of 128`, `|w|, neuron l2`.
    fileprivate func rankingWords(_ masker: Masker) -> String {
        var words = criterion.name == "magnitude" ? "|w|" : criterion.name
        if !masker.criterion.needs.isEmpty, masker.criterion.samples > 0 { words += " of \(masker.criterion.samples)" }
        if type(of: masker.criterion).scope == .row, type(of: masker.granularity).ranksWeights {
            words += ", place in row"
        }
        guard granularity.name != "weight" else { return words }
        words += ", \(granularity.name)"
        if case .text(let norm)? = granularity.values["norm"] { words += " \(norm)" }
        return words
    }
}
