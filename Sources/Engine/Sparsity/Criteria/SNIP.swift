import Descriptors

extension Criteria {
    /// How much the loss depends on whether a connection is there, before training: one ranking over all layers.
    ///
    /// Reference: Lee et al. 2019, arXiv:1810.02340
    package struct SNIP: Criterion {
        package static let descriptor = Descriptor(
            name: "snip", summary: "Weight × gradient on one batch at the start, in one ranking of all layers",
            citation: "Lee et al. 2019, arXiv:1810.02340", parameters: [Calibrated.samples(128)])

        package static let scope = RankingScope.network
        package let needs: [Need] = [.gradient]
        package let samples: Int

        package init(_ arguments: Arguments) { samples = arguments.integer("samples") }

        package func scores(of layer: ScoredLayer) -> [Float] {
            zip(layer.weights.values, layer.facts.gradient!).map { abs($0 * $1) }
        }
    }
}
