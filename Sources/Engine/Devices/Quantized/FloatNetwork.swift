import Graph
import Kernels
import Models

/// The network that becomes integers: normalisations folded into the layers before them, and every node's value at hand.
package struct FloatNetwork: Sendable {
    package let graph: Graph
    package let arrays: ModelArrays
    private let planes: PlaneNetwork

    package init(_ graph: Graph, _ arrays: ModelArrays) {
        let folded = FoldedNorms(graph, arrays)
        self.graph = folded?.graph ?? graph
        self.arrays = folded?.arrays ?? arrays
        var layers: [LayerArrays] = [], parameters: [ParameterState] = []
        for node in self.graph.nodes {
            if let shape = node.ownWeights {
                layers.append(
                    LayerArrays(
                        indices: nil, values: self.arrays.weights[node.name]!, slots: [],
                        bias: self.arrays.biases[node.name] ?? [Float](repeating: 0, count: shape.biases),
                        biasSlots: []))
            }
            parameters += Self.parameters(node, self.arrays)
        }
        planes = PlaneNetwork(self.graph, layers: layers, parameters: parameters, keepsAll: true)
    }

    static func parameters(_ node: Graph.Node, _ arrays: ModelArrays) -> [ParameterState] {
        node.op.parameters(node.inputShapes).map {
            ParameterState(
                node: node.name, shape: $0,
                values: arrays.parameters["\(node.name).\($0.name)"]
                    ?? [Float](repeating: $0.initial, count: $0.count))
        }
    }

    /// The values of the input and of each node, image after image.
    package func forEachValue(_ images: [[Float]], _ body: (_ image: Int, _ values: [[Float]]) -> Void) {
        let memory = planes.memory()
        var answer = [Float](repeating: 0, count: graph.output.features)
        for (number, image) in images.enumerated() {
            planes.run(memory, team: nil, image: image, answer: &answer)
            body(number, (-1..<graph.nodes.count).map { planes.value(of: $0, memory) })
        }
    }
}
