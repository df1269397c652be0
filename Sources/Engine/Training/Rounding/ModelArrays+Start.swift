import Graph
import Models

extension ModelArrays {
    /// Of a network that has not begun: given weights where there are any, else zeros and what parameters begin with.
    init(_ graph: Graph, _ given: StartWeights?) {
        self.init()
        for node in graph.nodes {
            guard let shape = node.ownWeights else { continue }
            add(
                node.name,
                given?.layers[node.name]
                    ?? LayerArrays(
                        indices: nil, values: [Float](repeating: 0, count: shape.weights), slots: [],
                        bias: [Float](repeating: 0, count: shape.biases), biasSlots: []), weights: shape.weights)
        }
        for parameter in graph.parameters {
            let shape = parameter.shape
            // What is fixed may be what something is divided by.
            let initial = shape.role == .fixed ? 1 : shape.initial
            parameters[parameter.name] =
                given?.parameters[parameter.name] ?? [Float](repeating: initial, count: shape.count)
        }
    }
}
