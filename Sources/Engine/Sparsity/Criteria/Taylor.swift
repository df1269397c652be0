import Descriptors

extension Criteria {
    /// How much the loss would change without a weight, to first order.
    ///
    /// Reference: Molchanov et al. 2017, arXiv:1611.06440
    package struct Taylor: Criterion {
        package static let descriptor = Descriptor(
            name: "taylor", summary: "Weight × gradient: how much the loss would change, to first order",
            citation: "Molchanov et al. 2017, arXiv:1611.06440", parameters: [Calibrated.samples(1024)])

        package let needs: [Need] = [.gradient]
        package let samples: Int

        package init(_ arguments: Arguments) { samples = arguments.integer("samples") }

        package func scores(of layer: ScoredLayer) -> [Float] {
            zip(layer.weights.values, layer.facts.gradient!).map { abs($0 * $1) }
        }
    }
}
