import Graph

/// A network without the units (rows, channels, heads) that do nothing for its answer, and how its arrays follow.
///
/// A unit goes where what it gives is constant or unread. A constant is added to the biases of who reads it; into the border of a
/// convolution only zeros can be, for there the border's zeros stand in its place.
package struct UnitRemoval: Sendable {
    package struct Options: Sendable {
        /// The number of channels of each layer that loses some stays divisible by it.
        package var multiple = 1
        /// Whether units go whose absence changes the answer a little: where a normalisation or a mean counts them, and where a
        /// constant is read along a border.
        package var isApproximate = false
        /// Roots of groups that are to go although they do something; who reads them reads nothing more.
        package var forced: Set<Int> = []
        /// By root of a group: where some have to stay the largest do.
        package var scores: [Int: Double] = [:]

        package init() {}
    }

    /// Units that do nothing and stay.
    package struct Stay: Sendable, Equatable {
        package let reason: String
        package var count: Int
    }

    package let old: Graph
    package let graph: Graph
    package let layers: [LayerMap]
    package let parameters: [ParameterMap]
    package let stays: [Stay]
    /// What changed the answer: nodes that counted what is gone; nothing where the function is the same.
    package let approximations: [String]
    /// Units that went.
    package let count: Int
    /// Of each layer, by old row: what its bias gains.
    private let folds: [[Float]]

    /// - Throws: `GraphError`.
    package init(_ graph: Graph, _ arrays: GraphArrays, _ options: Options = Options()) throws {
        var refused: [Int: String] = [:]
        while true {
            let groups = AxisGroups(graph, refused: refused)
            let forced = options.forced.filter { groups.refusals[$0] == nil }
            let verdicts = try UnitVerdicts(
                groups, arrays, isApproximate: options.isApproximate, forced: forced)
            var stays: [Stay] = []
            func stay(_ reason: String) {
                if let place = stays.firstIndex(where: { $0.reason == reason }) {
                    stays[place].count += 1
                } else {
                    stays.append(Stay(reason: reason, count: 1))
                }
            }
            for reason in verdicts.stays { stay(reason) }
            let chosen = UnitBalance(groups, multiple: options.multiple, scores: options.scores)
                .balanced(verdicts.going) { stay($1) }
            do {
                let narrowed = try NarrowedGraph(groups, removing: chosen)
                old = graph
                self.graph = narrowed.graph
                layers = narrowed.layers
                parameters = narrowed.parameters
                count = chosen.count
                self.stays = stays
                approximations = verdicts.approximations(chosen)
                folds = verdicts.folds(chosen)
                return
            } catch let refusal as NarrowedGraph.Refusal {
                refused[refusal.node] = refusal.reason
            }
        }
    }

    /// The arrays of what is left, with their optimizer state.
    /// - Parameter folding: whether biases gain what constants that are gone gave: not of a state before they were constant.
    package func arrays(_ arrays: GraphArrays, folding: Bool = true) -> GraphArrays {
        var layers: [LayerArrays] = []
        for (number, map) in self.layers.enumerated() {
            var given = arrays.layers[number]
            if folding { for (row, fold) in folds[number].enumerated() where fold != 0 { given.bias[row] += fold } }
            layers.append(map.arrays(given))
        }
        return GraphArrays(
            layers: layers, parameters: zip(parameters, arrays.parameters).map { $0.state($1) })
    }

    package var isExact: Bool { approximations.isEmpty }
}
