import Devices
import Graph
import Models
import Sparsity

/// A network that computes as its integers will: weights rounded by rows, activations to the steps of their ranges, batch
/// normalisations as they stand. Straight through all of that goes the gradient, to the weights as they are trained.
final class FakeQuantization {
    let plan: QuantizationPlan
    private let network: Network
    private let roundings: [RoundingSteps]
    private let weights: RoundedWeights
    private(set) var isOn = false

    /// - Parameter network: of the plan's graph.
    init(_ plan: QuantizationPlan, _ network: Network, _ roundings: [RoundingSteps]) {
        self.plan = plan
        self.network = network
        self.roundings = roundings
        weights = RoundedWeights(network)
    }

    /// - Parameter ranges: nil, or of another network: floats stay floats.
    func follow(_ ranges: [TensorRange]?) {
        let steps = ranges.flatMap { plan.fits($0) ? plan.steps($0) : nil }
        isOn = steps != nil
        network.pass.keepsStatistics = isOn
        for (number, rounding) in roundings.enumerated() { rounding.steps = steps?[number] }
    }

    /// Each folded normalisation gives its slopes to the rows before it: of its own are left 1. The network answers as before.
    ///
    /// Where a channel hardly varies its slope is large, and a step of training that moves a weight by little moves the
    /// output by its square: with statistics that do not follow, training would not come back from that.
    func fold() {
        for fold in plan.folds {
            guard let number = network.layers.firstIndex(where: { $0.name == fold.layer }),
                let node = network.graph.nodes.first(where: { $0.name == fold.norm }),
                case .number(let epsilon)? = node.op.arguments["epsilon"]
            else { continue }
            let parameters = network.parameters.filter { $0.node == fold.norm }
            guard let slopes = node.op.planeScale(parameters.map { $0.state(withSlots: false) })?.slopes else {
                continue
            }
            weights.scale(number, rows: slopes)
            let (scale, mean, variance) = (parameters[0].values, parameters[2].values, parameters[3].values)
            for (channel, slope) in slopes.enumerated() {
                mean[channel] *= slope
                (scale[channel], variance[channel]) = (1, 1 - Float(epsilon))
            }
        }
    }

    func maskChanged(_ layer: Int) { weights.maskChanged(layer) }
    func roundWeights() { if isOn { weights.round() } }
    func restoreWeights() { if isOn { weights.restore() } }
}
