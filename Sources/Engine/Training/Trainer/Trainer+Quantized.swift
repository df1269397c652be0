import Devices
import Graph
import Models
import Sparsity

extension Trainer {
    /// Before a step: where quantisation begins with it, ranges are measured on the weights as they are.
    /// - Throws: `DeviceProblem` where a value is not finite.
    func beginQuantizedStep() throws {
        guard let quantization else { return }
        if !quantization.isOn, measuresRanges, progress.step >= quantization.plan.beginStep {
            // Weights that a method makes of others keep the scale that these have.
            if !(method is any LatentMethod), !quantization.plan.folds.isEmpty {
                quantization.fold()
                forget()
                // What was cut before was of other rows.
                progress.removals = []
            }
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
