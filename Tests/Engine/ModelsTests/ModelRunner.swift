import Graph
import Kernels
import Models

extension ImportedModel {
    /// What the file's arrays are of one graph, for answering one sample at a time.
    func planeNetwork(sparseFrom share: Double = 0.5) -> PlaneNetwork? {
        guard let graph else { return nil }
        let layers = graph.nodes.compactMap { node in
            node.ownWeights.map { arrays(node.name, count: $0.weights, biases: $0.biases, slots: 0, sparseFrom: share) }
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
final class ModelRunner {
    private let network: Network

    init(_ network: Network) { self.network = network }

    /// - Precondition: as many values as the network's input has; as many samples as it has room for at once, or fewer.
    func answers(_ samples: [[Float]]) -> [[Float]] {
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

    static func eachPoint(_ layout: ImageLayout, _ body: (_ feature: Int, _ offset: Int) -> Void) {
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
