import Graph
import Sparsity

extension TrainingState {
    package var arrays: GraphArrays { GraphArrays(layers: layers.map(\.arrays), parameters: parameters) }

    /// The state in the network that is left: weights, masks, biases and parameters with their optimizer state go to where they are now.
    package func following(_ shrunk: ShrunkNetwork) -> TrainingState {
        let arrays = shrunk.following(arrays)
        var state = self
        state.parameters = arrays.parameters
        let old = Dictionary(layers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let nodes = shrunk.graph.nodes.filter { $0.ownWeights != nil }
        state.layers = zip(nodes, arrays.layers).map { node, arrays in
            // Layers of another name there are none.
            var layer = old[node.name]!
            layer.arrays = arrays
            layer.total = node.weightShape!.weights
            layer.rows = node.weightShape!.rows
            return layer
        }
        state.progress.rewindPoint = progress.rewindPoint?.following(shrunk, self)
        return state
    }
}

extension RewindPoint {
    /// - Parameter state: of the network that it is for.
    func following(_ shrunk: ShrunkNetwork, _ state: TrainingState) -> RewindPoint {
        var arrays = state.arrays
        for number in arrays.layers.indices {
            arrays.layers[number].bias = biases[number]
            if let values = uncut[number] { arrays.layers[number].values = values }
        }
        for number in arrays.parameters.indices { arrays.parameters[number].values = parameters[number] }
        // What is constant now was not then: no bias gains anything.
        let left = shrunk.following(arrays, folding: false)
        var uncut: [Int: [Float]] = [:]
        for (new, old) in (shrunk.layers?.layers ?? Array(biases.indices)).enumerated() where self.uncut[old] != nil {
            uncut[new] = left.layers[new].values
        }
        return RewindPoint(
            biases: left.layers.map(\.bias), parameters: left.parameters.map(\.values), uncut: uncut)
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

    package func following(_ shrunk: ShrunkNetwork) -> Removal {
        let gone = Set(shrunk.layers?.gone ?? [])
        var left = self
        left.layers.removeAll { gone.contains($0.name) }
        left = left.following(shrunk.idle)
        return shrunk.chosen.map { left.following($0) } ?? left
    }
}
