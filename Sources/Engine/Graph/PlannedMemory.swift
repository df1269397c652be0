import Kernels

/// Bytes that a network takes, known before any of them is taken.
package struct PlannedMemory: Sendable, Equatable {
    /// Values of the weights, and the patterns that say where those of a sparse layer are.
    package private(set) var weights = 0.0
    /// Of the weights; with the sums of the second half of a batch.
    package private(set) var gradients = 0.0
    /// What the optimizer keeps.
    package private(set) var slots = 0.0
    /// Values of the graph, their gradients, and what operators remember from the forward pass for the way back.
    package private(set) var activations = 0.0

    package var total: Double { weights + gradients + slots + activations }

    /// - Parameters:
    ///   - slots: arrays that the optimizer keeps for each weight.
    ///   - counts: weights that each layer starts with; nil: all of them.
    /// - Complexity: O(nodes).
    package init(_ graph: Graph, capacity: Int, trains: Bool, slots: Int = 0, counts: [Int]? = nil) {
        let lanes = graph.lanes(capacity: capacity)
        let panels = Double((capacity + lanes - 1) / lanes)
        let plan = TensorPlan(graph, lanes: lanes, trains: trains, inputGradient: false)
        for block in plan.blocks { activations += 4 * panels * Double(block) }
        var halfSums = 0.0
        var layer = 0
        for (number, node) in graph.nodes.enumerated() {
            let place = plan.places[number + 1]
            if trains {
                activations += panels * Double(place.layout.panelFloats * node.op.rememberedBytes)
            }
            for parameter in node.op.parameters(node.inputShapes) {
                // Statistics come with those of the latest batch.
                let arrays = parameter.role == .fixed ? 1 : parameter.role == .trained ? 2 + slots : 2
                self.slots += 4 * Double(parameter.count * arrays)
            }
            guard let shape = node.weightShape else { continue }
            let all = shape.weights
            let held = node.weightsOf.map { owner in graph.nodes[..<owner].count { $0.ownWeights != nil } } ?? layer
            let count = counts?[held] ?? all
            if node.weightsOf == nil { layer += 1 }
            // Four bytes of value, in rows of a few filled up; a sparse weight has twelve of patterns besides.
            let isPacked = count == all && shape.groups == 1
            weights += 4 * Double(shape.biases)
            weights +=
                isPacked && shape.isTable
                ? 4 * Double(all)
                : isPacked
                    ? 4 * Double(DensePacking.count(rows: shape.rows, columns: shape.columns)) : 16 * Double(count)
            guard trains else { continue }
            gradients += 4 * Double(count + shape.biases)
            self.slots += 4 * Double(slots) * Double(count + shape.biases)
            if !place.shape.isFlat, all <= PanelHalves.mostWeights { halfSums = max(halfSums, 4 * Double(all)) }
        }
        gradients += halfSums
    }
}
