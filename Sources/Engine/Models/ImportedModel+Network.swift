import Graph
import Kernels

extension ImportedModel {
    /// The arrays of a node's weights; zeros of the file are weights that are not there where so large a share of them is zero.
    package func arrays(_ layer: WeightLayer, slots: Int = 0, sparseFrom share: Double = 0.5) -> LayerArrays {
        arrays(
            layer.name, count: layer.map.weights, biases: layer.bias.count, slots: slots, sparseFrom: share)
    }

    package func arrays(_ name: String, count: Int, biases: Int, slots: Int, sparseFrom share: Double)
        -> LayerArrays
    {
        let values = weights[name] ?? [Float](repeating: 0, count: count)
        let bias = self.biases[name] ?? [Float](repeating: 0, count: biases)
        precondition(values.count == count && bias.count == biases)
        let zeros = values.count { $0 == 0 }
        var indices: [Int]?
        var live = values
        if Double(zeros) >= share * Double(count), zeros > 0 {
            let kept = values.indices.filter { values[$0] != 0 }
            indices = kept
            live = kept.map { values[$0] }
        }
        return LayerArrays(
            indices: indices, values: live, slots: (0..<slots).map { _ in [Float](repeating: 0, count: live.count) },
            bias: bias, biasSlots: (0..<slots).map { _ in [Float](repeating: 0, count: biases) })
    }

    /// Puts the file's weights and everything else that it holds into a network of `graph`.
    package func fill(_ network: Network, slots: Int = 0, sparseFrom share: Double = 0.5) {
        for layer in network.layers { layer.set(arrays(layer, slots: slots, sparseFrom: share)) }
        for parameter in network.parameters {
            guard let values = parameters[parameter.name] else { continue }
            precondition(values.count == parameter.values.count)
            for (index, value) in values.enumerated() { parameter.values[index] = value }
        }
    }
}
