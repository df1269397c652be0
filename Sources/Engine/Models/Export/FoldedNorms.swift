import Descriptors
import Graph
import Kernels

/// A graph whose batch normalisations are parts of the layers before them.
package struct FoldedNorms {
    package let graph: Graph
    package let arrays: ModelArrays

    package init?(_ graph: Graph, _ given: ModelArrays) {
        var arrays = given
        var entries = graph.entries
        var replaced: [String: String] = [:]
        var removed: Set<String> = []
        for (number, node) in graph.nodes.enumerated() where type(of: node.op).descriptor.name == "batch-norm" {
            let before = node.inputs[0]
            guard before >= 0, graph.readers(of: before) == [number], let shape = graph.nodes[before].ownWeights,
                graph.users(ofWeightsOf: before).count == 1
            else { continue }
            let layer = graph.nodes[before].name
            guard let scale = Self.scale(node, given) else { continue }
            var weights = arrays.weights[layer] ?? []
            var bias = arrays.biases[layer] ?? [Float](repeating: 0, count: shape.rows)
            guard weights.count == shape.weights, scale.slopes.count == shape.rows else { continue }
            for row in 0..<shape.rows {
                for column in 0..<shape.columns { weights[row * shape.columns + column] *= scale.slopes[row] }
                bias[row] = bias[row] * scale.slopes[row] + scale.shifts[row]
            }
            arrays.weights[layer] = weights
            arrays.biases[layer] = bias
            replaced[node.name] = layer
            removed.insert(node.name)
        }
        entries = entries.filter { !removed.contains($0.name) }.map { entry in
            Graph.Entry(
                entry.name, entry.op, inputs: entry.inputs.map { replaced[$0] ?? $0 }, isPrunable: entry.isPrunable,
                isFrozen: entry.isFrozen, weightsOf: entry.weightsOf)
        }
        guard let graph = try? Graph(input: graph.input, entries) else { return nil }
        self.graph = graph
        self.arrays = arrays
    }

    private static func scale(_ node: Graph.Node, _ arrays: ModelArrays) -> NormScale? {
        let states = node.op.parameters(node.inputShapes).map { shape in
            ParameterState(
                node: node.name, shape: shape,
                values: arrays.parameters["\(node.name).\(shape.name)"]
                    ?? [Float](repeating: shape.initial, count: shape.count))
        }
        return node.op.planeScale(states)
    }
}
