import Graph

/// Links of masks that lie on no way from a network's input to its output: those of a unit that no link enters or none leaves, and
/// so on along the chain of layers.
///
/// Reference: Zhang et al. 2024, "Epitopological learning and Cannistraci-Hebb network shape intelligence" (chain removal)
package struct IdleLinks {
    /// By layer, of its live weights; nil: all are of use.
    private let works: [[Bool]?]

    /// - Parameter masks: of each layer with weights, ascending positions; nil: all.
    /// - Complexity: O(links + numbers of the axes).
    package init(_ graph: Graph, masks: [[Int]?]) {
        let groups = AxisGroups(graph), flow = UnitFlow(groups, masks: masks)
        var works = [[Bool]?](repeating: nil, count: masks.count)
        // Where nothing joins the ends, no link is of more use than another.
        guard flow.varies(value: graph.nodes.count - 1) else {
            self.works = works
            return
        }
        let layers = graph.layerNumbers
        // A table gives whole rows, whatever reads them.
        let tables = Set(graph.nodes.indices.filter { graph.nodes[$0].summedWeights == nil }.compactMap { layers[$0] })
        for (number, weights) in flow.weights.enumerated() {
            guard let weights, let layer = layers[number], !tables.contains(layer) else { continue }
            let rows = groups.elements.first(number, axis: 0)
            let channels = groups.elements.first(graph.nodes[number].inputs[0], axis: 0)
            // Of nodes that share weights one is enough.
            var own = works[layer] ?? [Bool](repeating: false, count: weights.arrays.values.count)
            weights.forEachNonzero { row, channel, _, _, live in
                if flow.varies[channels + channel], flow.isRead[rows + row] { own[live] = true }
            }
            works[layer] = own
        }
        self.works = works
    }

    /// Whether a live weight of a layer, by number, can do nothing.
    package func contains(_ layer: Int, _ live: Int) -> Bool { works[layer].map { !$0[live] } ?? false }
}
