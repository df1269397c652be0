import Graph
import Kernels

extension ImportedModel {
    /// The arrays of a node's weights; zeros of the file are weights that are not there where so large a share of them is zero.
    package func arrays(_ layer: WeightLayer, slots: Int = 0, sparseFrom share: Double = 0.5) -> LayerArrays {
        arrays(
            layer.name, count: layer.map.weights, rows: layer.map.rows, slots: slots, sparseFrom: share)
    }

    func arrays(_ name: String, count: Int, rows: Int, slots: Int, sparseFrom share: Double) -> LayerArrays {
        let values = weights[name] ?? [Float](repeating: 0, count: count)
        let bias = biases[name] ?? [Float](repeating: 0, count: rows)
        precondition(values.count == count && bias.count == rows)
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
            bias: bias, biasSlots: (0..<slots).map { _ in [Float](repeating: 0, count: rows) })
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

    /// What the file's arrays are of one graph, for answering one sample at a time.
    package func planeNetwork(sparseFrom share: Double = 0.5) -> PlaneNetwork? {
        guard let graph else { return nil }
        let layers = graph.nodes.compactMap { node in
            node.ownWeights.map { arrays(node.name, count: $0.weights, rows: $0.rows, slots: 0, sparseFrom: share) }
        }
        let states = graph.parameters.map { parameter in
            ParameterState(
                node: parameter.node, shape: parameter.shape,
                values: parameters[parameter.name]
                    ?? [Float](repeating: parameter.shape.initial, count: parameter.shape.count))
        }
        return PlaneNetwork(graph, layers: layers, parameters: states)
    }
}

/// Answers for samples as a file has them: row-major, without a batch.
package final class ModelRunner {
    private let network: Network

    package init(_ network: Network) { self.network = network }

    /// - Precondition: as many values as the network's input has; as many samples as it has room for at once, or fewer.
    package func answers(_ samples: [[Float]]) -> [[Float]] {
        let input = network.input, layout = input.layout, lanes = network.lanes
        for (sample, values) in samples.enumerated() {
            let start = sample / lanes * layout.panelFloats + sample % lanes
            Self.eachPoint(layout) { feature, offset in input.values[start + offset] = values[feature] }
        }
        network.forward(samples: samples.count)
        let output = network.output, outputLayout = output.layout
        return samples.indices.map { sample in
            let start = sample / lanes * outputLayout.panelFloats + sample % lanes
            var answer = [Float](repeating: 0, count: outputLayout.features)
            Self.eachPoint(outputLayout) { feature, offset in answer[feature] = output.values[start + offset] }
            return answer
        }
    }

    private static func eachPoint(_ layout: ImageLayout, _ body: (_ feature: Int, _ offset: Int) -> Void) {
        var feature = 0
        for channel in 0..<layout.channels {
            for y in 0..<layout.height {
                for x in 0..<layout.width {
                    body(feature, layout.offset(channel, y, x))
                    feature += 1
                }
            }
        }
    }
}
