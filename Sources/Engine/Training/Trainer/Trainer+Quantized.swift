import Devices
import Graph
import Models
import Sparsity

extension Trainer {
    /// Before a step: where quantisation begins with it, ranges are measured on the weights as they are, and then the running
    /// statistics of batch normalisation under them, which would be far from those of clipped values.
    /// - Throws: `DeviceProblem` where a value is not finite.
    func beginQuantization() throws {
        guard let quantization, !quantization.isOn, measuresRanges, progress.step >= quantization.plan.beginStep else {
            return
        }
        progress.ranges = try measuredRanges(quantization.plan)
        quantization.follow(progress.ranges)
        let samples = plan.calibrationSamples(quantization.plan.choice.samples)
        answering {
            network.measureNormStatistics(
                Calibration.parts(samples, atMost: network.capacity), seed: plan.recipe.seed
            ) { filler.fill(from: plan.data.train, indices: $0) }
        }
    }

    /// The most of a range that an end moves by in a step; less and less towards the end.
    private static let rangeShare = 0.02

    /// After a step: ranges follow what was outside of them.
    func learnRanges(samples: Int) {
        guard let quantization, quantization.isOn, let ranges = progress.ranges else { return }
        var (begin, end) = (quantization.plan.beginStep, plan.totalSteps)
        for segment in progress.segments where progress.step >= segment.start {
            (begin, end) = (segment.start, segment.start + segment.steps)
        }
        let left = Double(end - progress.step) / Double(max(1, end - begin))
        progress.ranges = quantization.learned(
            ranges, samples: samples, share: Self.rangeShare * min(max(left, 0), 1))
        quantization.follow(progress.ranges)
    }

    private func measuredRanges(_ quantization: QuantizationPlan) throws -> [TensorRange] {
        let images = try plan.calibrationImages(
            quantization.choice.samples, shape: plan.graph.input, normalization: nil)
        return try quantization.measured(plan.graph, ModelArrays(network), images)
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
