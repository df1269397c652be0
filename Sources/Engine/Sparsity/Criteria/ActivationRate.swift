import Descriptors

extension Criteria {
    /// How often the unit that a weight leads to is not zero: with granularity `neuron` dead units go first.
    ///
    /// Reference: Hu et al. 2016, arXiv:1607.03250
    package struct ActivationRate: Criterion {
        package static let descriptor = Descriptor(
            name: "activation-rate", summary: "How often the unit behind the weight is not zero: dead units go first",
            citation: "Hu et al. 2016, arXiv:1607.03250", parameters: [Calibrated.samples(1024)])

        package let needs: [Need] = [.activationRates]
        package let samples: Int

        package init(_ arguments: Arguments) { samples = arguments.integer("samples") }

        package func scores(of layer: ScoredLayer) -> [Float] {
            let weights = layer.weights, rates = layer.facts.activationRates!
            return weights.values.indices.map { rates[weights.position($0) / weights.columns] }
        }
    }
}
