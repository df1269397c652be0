import Devices
import Graph
import Interchange
import Kernels

extension TrainingPlan {
    /// The figure of a quantised network on this plan's validation or test samples, by integer arithmetic.
    package func measure(
        _ quantized: QuantizedNetwork, onTest: Bool, normalization: Normalization? = nil, threads: Int = 1
    ) throws -> Reading {
        let kept = QuantizedKept(
            quantized, recipe: recipe, normalization: normalization ?? data.normalization, identity: nil, step: 0)
        let network = Network(try kept.standIn(), capacity: 64, team: Team(size: 1), trains: false)
        let executor = QuantizedExecutor(quantized), team = Team(size: threads)
        return try measure(network, onTest: onTest, normalization: normalization) {
            executor.answers($0, team: team)
        }
    }

    /// The figure of a program that answers in a network's place, in the data's own units.
    ///
    /// - Parameter network: of the same input and output; only its panels are used.
    package func measure(
        _ network: Network, onTest: Bool, normalization: Normalization?,
        answers: @escaping ([[Float]]) throws -> [[Float]]
    ) throws -> Reading {
        let images = PanelImages(network)
        var problem: (any Error)?
        let reading = try answering(in: .none).measure(network, onTest: onTest, normalization: normalization) {
            samples in
            guard problem == nil else { return }
            do {
                for (sample, answer) in try answers((0..<samples).map(images.image)).enumerated() {
                    images.give(answer, to: sample)
                }
            } catch { problem = error }
        }
        if let problem { throw problem }
        return reading
    }
}
