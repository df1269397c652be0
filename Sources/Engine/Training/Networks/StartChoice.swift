import Graph
import Interchange
import Models

/// What a new run is to begin with in place of random weights.
package struct StartChoice: Sendable {
    /// A run's folder, or a file.
    package var path: String
    /// Without the masks that the weights have there.
    package var isUnmasked: Bool

    package init(path: String, isUnmasked: Bool) {
        self.path = path
        self.isUnmasked = isUnmasked
    }

    /// - Throws: `FileProblem` where nothing fits.
    func apply(to starting: inout StartingNetwork) throws {
        var (weights, notices, scale) = try StartWeights.open(path, for: starting.graph)
        if isUnmasked { try weights.unmask(starting.graph) }
        starting.weights = weights
        let last = starting.graph.nodes.last { $0.ownWeights != nil }
        starting.targetScale = last.flatMap { weights.layers[$0.name] } == nil ? nil : scale
        starting.notices += notices
    }
}

extension StartWeights {
    /// What is cut is zero and may be trained.
    /// - Throws: `ZerosProblem`.
    mutating func unmask(_ graph: Graph) throws {
        for node in graph.nodes {
            guard let shape = node.ownWeights, var arrays = layers[node.name], let indices = arrays.indices else {
                continue
            }
            try ZerosProblem.require(4 * shape.weights)
            var values = [Float](repeating: 0, count: shape.weights)
            for (index, value) in zip(indices, arrays.values) { values[index] = value }
            arrays.indices = nil
            arrays.values = values
            layers[node.name] = arrays
        }
    }
}
