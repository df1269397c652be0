import Graph
import Kernels
import Sparsity

/// Multiply-adds of the answer to one image, by layer: all of them, those with weights that are not zero, and of these those with
/// an activation that is not zero.
package struct ImageOperations: Codable, Sendable, Equatable {
    package struct Layer: Codable, Sendable, Equatable {
        package var dense: Int
        package var kept: Int
        /// On average over the images; nil: not measured.
        package var active: Double?

        package init(dense: Int, kept: Int, active: Double? = nil) {
            (self.dense, self.kept, self.active) = (dense, kept, active)
        }
    }

    /// In the order of the network's layers.
    package var layers: [Layer]
    /// Of activations with each other, as in attention: the same in all three.
    package var products: Int
    /// That activations were measured on.
    package var images = 0

    package init(layers: [Layer], products: Int, images: Int = 0) {
        (self.layers, self.products, self.images) = (layers, products, images)
    }

    package init(_ graph: Graph, _ arrays: GraphArrays) {
        let owners = graph.layerOfNode
        layers = arrays.layers.map { _ in Layer(dense: 0, kept: 0) }
        let counts = arrays.layers.map { layer in layer.values.count { $0 != 0 } }
        products = 0
        for (number, node) in graph.nodes.enumerated() {
            let count = node.op.multiplyAdds(node.inputShapes)
            guard let layer = owners[number], let shape = node.weightShape else {
                products += count
                continue
            }
            layers[layer].dense += count
            layers[layer].kept += count / shape.weights * counts[layer]
        }
    }

    package var dense: Int { products + layers.reduce(0) { $0 + $1.dense } }
    package var kept: Int { products + layers.reduce(0) { $0 + $1.kept } }
    package var active: Double? {
        layers.reduce(Double(products)) { sum, layer in sum.flatMap { sum in layer.active.map { sum + $0 } } }
    }

    /// Answers images one after the other and counts. Changes nothing where it is cancelled, or where there is no image.
    package mutating func measure(
        _ graph: Graph, _ arrays: GraphArrays, on images: [[Float]], isCancelled: () -> Bool = { false }
    ) {
        guard !images.isEmpty else { return }
        let planes = PlaneNetwork(graph, layers: arrays.layers, parameters: arrays.parameters, keepsAll: true)
        let memory = planes.memory()
        var answer = [Float](repeating: 0, count: graph.output.features)
        var activities = graph.nodes.map(InputActivity.init)
        for image in images {
            if isCancelled() { return }
            planes.run(memory, team: nil, image: image, answer: &answer)
            for (number, node) in graph.nodes.enumerated() where activities[number] != nil {
                activities[number]!.add(planes.value(of: node.inputs[0], memory))
            }
        }
        for layer in layers.indices { layers[layer].active = 0 }
        for (number, layer) in graph.layerOfNode.enumerated() {
            guard let layer, let count = activities[number]?.multiplyAdds(arrays.layers[layer]) else { continue }
            layers[layer].active! += count
        }
        self.images = images.count
    }
}
