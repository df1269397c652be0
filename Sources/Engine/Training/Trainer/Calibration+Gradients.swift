import Graph
import Kernels

/// Gradients over calibration samples, in training mode: batch normalisation by the batch at hand.
extension Calibration {
    /// Mean gradient at each live weight, by layer.
    func gradients(_ samples: Int) -> [[Float]] {
        var sums = layers.map { [Double](repeating: 0, count: $0.values.count) }
        var total = 0.0
        var result = LossResult()
        let parts = Calibration.parts(chosen(samples), atMost: network.capacity)
        for (number, part) in parts.enumerated() {
            guard goesOn(number, of: parts.count) else { break }
            let weight = differentiate(part, number: number, &result)
            total += weight
            for (layer, held) in network.layers.enumerated() {
                let gradient = held.liveGradient()
                for live in gradient.indices { sums[layer][live] += weight * Double(gradient[live]) }
            }
        }
        return sums.map { $0.map { Float($0 / total) } }
    }

    /// Mean squared gradient of single samples. Where batches are normalised one sample is no batch: there it is that of sixteen
    /// at a time, times sixteen, which is the same where their gradients are independent.
    func squaredGradients(_ samples: Int) -> [[Float]] {
        let normalizes = plan.graph.nodes.contains { $0.op.traits.contains(.normalizesBatch) }
        let parts = Calibration.parts(chosen(samples), atMost: normalizes ? min(16, network.capacity) : 1)
        var sums = layers.map { [Double](repeating: 0, count: $0.values.count) }
        var result = LossResult()
        for (number, part) in parts.enumerated() {
            guard goesOn(number, of: parts.count) else { break }
            _ = differentiate(part, number: number, &result)
            for (layer, held) in network.layers.enumerated() {
                let gradient = held.liveGradient()
                for live in gradient.indices {
                    sums[layer][live] += Double(part.count) * Double(gradient[live]) * Double(gradient[live])
                }
            }
        }
        return sums.map { $0.map { Float($0 / Double(parts.count)) } }
    }
}
