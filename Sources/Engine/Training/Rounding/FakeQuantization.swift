import Devices
import Graph
import Models
import Sparsity

/// A network that computes as its integers will: weights rounded by rows, activations to the steps of their ranges. Straight through
/// all of that goes the gradient, to the weights as they are trained.
///
/// Batch normalisations go on, by the statistics of each batch. Kept still they would leave a deep network without any
/// normalisation, and what clipping takes away from one layer would reach the next: steps that were small before then undo it.
final class FakeQuantization {
    let plan: QuantizationPlan
    private let network: Network
    private let roundings: [RoundingSteps]
    private let weights: RoundedWeights
    /// Nil: floats stay floats.
    private var ranges: [TensorRange]?
    var isOn: Bool { ranges != nil }

    /// - Parameter network: of the plan's graph.
    init(_ plan: QuantizationPlan, _ network: Network, _ roundings: [RoundingSteps]) {
        self.plan = plan
        self.network = network
        self.roundings = roundings
        weights = RoundedWeights(network)
    }

    /// - Parameter ranges: nil, or of another network: floats stay floats.
    func follow(_ ranges: [TensorRange]?) {
        self.ranges = ranges.flatMap { plan.fits($0) ? $0 : nil }
        let steps = self.ranges.map(plan.steps)
        for (number, rounding) in roundings.enumerated() {
            rounding.steps = steps?[number].all
            rounding.stepsOfChannels = steps?[number].ofChannels ?? []
        }
    }

    /// Ranges after a step whose pass back was over so many samples.
    func learned(_ ranges: [TensorRange], samples: Int, share: Double) -> [TensorRange] {
        let panels = network.panels(samples)
        return plan.moved(ranges, roundings.map { $0.pulls(panels: panels) }, share: share)
    }

    func maskChanged(_ layer: Int) { weights.maskChanged(layer) }
    func roundWeights() { if let ranges { weights.round(plan.sums(ranges, network)) } }
    func restoreWeights() { if isOn { weights.restore() } }
}
