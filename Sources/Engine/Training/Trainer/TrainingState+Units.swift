import Graph
import Sparsity

extension TrainingState {
    /// The state in the network that is left: weights, masks, biases and parameters with their optimizer state go to where they are now.
    package func following(_ shrunk: ShrunkNetwork) -> TrainingState {
        let arrays = shrunk.following(GraphArrays(layers: layers.map(\.arrays), parameters: parameters))
        var state = self
        state.parameters = arrays.parameters
        let old = Dictionary(layers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let nodes = shrunk.graph.nodes.filter { $0.ownWeights != nil }
        state.layers = zip(nodes, arrays.layers).map { node, arrays in
            // Layers of another name there are none.
            var layer = old[node.name]!
            layer.arrays = arrays
            layer.total = node.weightShape!.weights
            return layer
        }
        return state
    }
}

extension Removal {
    /// The weights that can still come back: those whose row and column are left.
    package func following(_ removal: UnitRemoval) -> Removal {
        let maps = Dictionary(removal.layers.map { ($0.node, $0) }, uniquingKeysWith: { $1 })
        var result = self
        for (number, layer) in layers.enumerated() {
            guard let map = maps[layer.name] else { continue }
            let (live, indices) = map.places(layer.indices)
            result.layers[number].values = live.map { layer.values[$0] }
            result.layers[number].indices = indices ?? Array(0..<live.count)
        }
        result.layers.removeAll { $0.indices.isEmpty }
        return result
    }
}
