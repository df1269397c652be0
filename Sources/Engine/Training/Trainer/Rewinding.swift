import Graph
import Kernels
import Sparsity

/// What a rewind puts back besides prunable weights, which the method keeps with each weight.
package struct RewindPoint: Codable, Sendable, Equatable {
    var biases: [[Float]]
    /// Of all parameters, statistics among them.
    var parameters: [[Float]]
    /// Of layers that are trained and never cut, by number.
    var uncut: [Int: [Float]]
}

extension Trainer {
    func remember() {
        var uncut: [Int: [Float]] = [:]
        for (number, layer) in network.layers.enumerated() where !layer.isLatent && !layer.isFrozen {
            uncut[number] = layer.live(withSlots: false).values
        }
        progress.rewindPoint = RewindPoint(
            biases: network.layers.map(\.bias.array), parameters: network.parameters.map(\.values.array), uncut: uncut)
    }

    func rewind() {
        guard let point = progress.rewindPoint else { return }
        forget()
        // Quantisation begins again, with what comes back.
        progress.ranges = nil
        quantization?.follow(nil)
        for (number, layer) in network.layers.enumerated() {
            for (place, value) in point.biases[number].enumerated() { layer.bias[place] = value }
            guard let values = point.uncut[number] else { continue }
            for (place, value) in zip(layer.rowMajorOrder(), values) { layer.values[Int(place)] = value }
            layer.valuesChanged()
        }
        for (parameter, values) in zip(network.parameters, point.parameters) {
            for (place, value) in values.enumerated() { parameter.values[place] = value }
        }
    }
}
