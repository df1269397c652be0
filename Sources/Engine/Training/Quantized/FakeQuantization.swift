import Devices
import Graph
import Models

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

    func maskChanged(_ layer: Int) { weights.maskChanged(layer) }
    func roundWeights() { if isOn { weights.round() } }
    func restoreWeights() { if isOn { weights.restore() } }
}

extension Trainer {
    /// Before a step: where quantisation begins with it, ranges are measured on the weights as they are.
    /// - Throws: `DeviceProblem` where a value is not finite.
    func beginQuantizedStep() throws {
        guard let quantization else { return }
        if !quantization.isOn, measuresRanges, progress.step >= quantization.plan.beginStep {
            progress.ranges = try measuredRanges(quantization.plan)
            quantization.follow(progress.ranges)
        }
        quantization.roundWeights()
    }

    private func measuredRanges(_ quantization: QuantizationPlan) throws -> [TensorRange] {
        let images = try plan.calibrationImages(
            quantization.choice.samples, shape: plan.graph.input, normalization: nil)
        return try Quantizer(plan.graph, ModelArrays(network)).ranges(images, quantization.choice.range)
    }

    /// What `body` gives of the network as it answers: under quantisation, where that has begun.
    package func answering<Result>(_ body: () throws -> Result) rethrows -> Result {
        quantization?.roundWeights()
        defer { quantization?.restoreWeights() }
        return try body()
    }

    /// A network of the plan's graph with these weights, that only answers, in floats.
    package func answeringCopy(capacity: Int) -> Network {
        let held = min(capacity, Answering.capacity(plan.graph, threads: network.team.size))
        let copy = Network(plan.graph, capacity: held, team: network.team, trains: false)
        StartWeights(
            plan.graph, layers: network.layers.map { $0.live(withSlots: false) },
            parameters: network.parameters.map { $0.state(withSlots: false) }
        ).apply(to: copy)
        return copy
    }
}
