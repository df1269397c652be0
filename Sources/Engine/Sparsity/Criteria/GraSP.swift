import Descriptors

extension Criteria {
    /// Weights whose loss would let the gradient flow more strongly go first: those with the largest −θ⊙Hg. One ranking over
    /// all layers.
    ///
    /// Reference: Wang et al. 2020, arXiv:2002.07376
    package struct GraSP: Criterion {
        package static let descriptor = Descriptor(
            name: "grasp", summary: "Weight × (Hessian · gradient) at the start: what the flow of gradients needs",
            citation: "Wang et al. 2020, arXiv:2002.07376",
            parameters: [
                Parameter(
                    "samples", "Training samples of each class, taken in two halves; without classes ten times as many",
                    .integer(2...10_000), default: .integer(25))
            ])

        package static let scope = RankingScope.network
        package static let isSigned = true
        package let needs: [Need] = [.hessianGradient]
        package let samples: Int

        package init(_ arguments: Arguments) { samples = arguments.integer("samples") }

        package func scores(of layer: ScoredLayer) -> [Float] {
            zip(layer.weights.values, layer.facts.hessianGradient!).map { $0 * $1 }
        }
    }
}
