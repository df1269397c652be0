import Descriptors

extension Criteria {
    /// How much the loss would grow without a weight where its slope is zero: half the curvature along the weight, times the
    /// square of its distance to zero. The curvature is the mean squared gradient of single samples (the diagonal of the
    /// empirical Fisher matrix).
    ///
    /// Reference: LeCun, Denker & Solla 1989, "Optimal Brain Damage"
    package struct OptimalBrainDamage: Criterion {
        package static let descriptor = Descriptor(
            name: "obd", summary: "Weight² × curvature / 2: how much the loss would grow (diagonal Hessian)",
            citation: "LeCun, Denker & Solla 1989, Optimal Brain Damage", parameters: [Calibrated.samples(512)])

        package let needs: [Need] = [.squaredGradient]
        package let samples: Int

        package init(_ arguments: Arguments) { samples = arguments.integer("samples") }

        package func scores(of layer: ScoredLayer) -> [Float] {
            zip(layer.weights.values, layer.facts.squaredGradient!).map { $0 * $0 * $1 / 2 }
        }
    }
}
