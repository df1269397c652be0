import Graph

/// A network without what does nothing in it, and then without the units that it can best spare, down to a target.
package struct ShrunkNetwork: Sendable {
    package let graph: Graph
    package let arrays: GraphArrays
    /// The network that answers as this one does: what was given, with the weights cut that read units which a target took.
    package let masked: (graph: Graph, arrays: GraphArrays)
    /// Layers that gave the same for every sample; nil: none did.
    package let layers: LayerRemoval?
    /// Units that went because they did nothing, and those that went to come down to the target.
    package let idle: UnitRemoval
    package let chosen: UnitRemoval?
    /// How many of the units that can be spared were asked for, the smallest first; nil without a target.
    package let asked: Int?

    /// - Parameters:
    ///   - target: shares of the network as it is given; nil: only what does nothing goes.
    ///   - measure: seconds of one answer, for a latency.
    /// - Throws: `GraphError`, `UnitChoice.Problem`, and what `measure` throws.
    package init(
        _ given: Graph, _ arrays: GraphArrays, target: UnitChoice.Target? = nil, evenly: Bool = true,
        options: UnitRemoval.Options = .init(),
        measure: (_ graph: Graph, _ arrays: GraphArrays) throws -> Double = { _, _ in 0 }
    ) throws {
        let graph = try given.withPlainMoves()
        layers = try LayerRemoval(graph, arrays)
        let base = layers.map { ($0.graph, $0.arrays(arrays)) } ?? (graph, arrays)
        idle = try UnitRemoval(base.0, base.1, options)
        let left = idle.arrays(base.1)
        guard let target, let rest = try target.rest(of: graph, arrays, in: idle.graph, left, options, measure)
        else {
            // Where nothing is gone the moves, too, stay as they were.
            self.graph = layers == nil && idle.count == 0 ? given : idle.graph
            (self.arrays, masked, chosen, asked) = (left, (given, arrays), nil, nil)
            return
        }
        let choice = try UnitChoice(
            idle.graph, left, target: rest, evenly: evenly, options: options, measure: measure)
        let removal = try UnitRemoval(idle.graph, choice.masked, choice.options)
        (chosen, asked) = (removal, choice.asked)
        masked = (idle.graph, choice.masked)
        self.graph = removal.graph
        self.arrays = removal.arrays(choice.masked)
    }

    package var stays: [UnitRemoval.Stay] { idle.stays }
    /// What differs from the network that it stands for, in sentences.
    package var approximations: [String] { idle.approximations + (chosen?.approximations ?? []) }

    /// The same arrays as they follow in a run: with optimizer state, and of other arrays than those that were looked at.
    package func following(_ arrays: GraphArrays, folding: Bool = true) -> GraphArrays {
        let left = idle.arrays(layers?.arrays(arrays) ?? arrays, folding: folding)
        return chosen.map { $0.arrays(left, folding: folding) } ?? left
    }

    /// Whether nothing is gone.
    package var isWhole: Bool { layers == nil && idle.count == 0 && (chosen?.count ?? 0) == 0 }
}

extension UnitChoice.Target {
    /// What is left to do in a network that is smaller already; nil: nothing.
    fileprivate func rest(
        of graph: Graph, _ arrays: GraphArrays, in smaller: Graph, _ left: GraphArrays,
        _ options: UnitRemoval.Options, _ measure: (Graph, GraphArrays) throws -> Double
    ) throws -> UnitChoice.Target? {
        func rest(_ before: Double, _ after: Double, _ make: (Double) -> Self) -> Self? {
            let rest = share * before / after
            return rest >= 1 ? nil : make(rest)
        }
        return switch self {
        case .parameters: rest(Double(graph.parameterCount), Double(smaller.parameterCount), Self.parameters)
        case .multiplyAdds: rest(Double(graph.multiplyAdds), Double(smaller.multiplyAdds), Self.multiplyAdds)
        case .channels:
            rest(
                Double(UnitScores(graph, arrays, isApproximate: options.isApproximate).units.count),
                Double(UnitScores(smaller, left, isApproximate: options.isApproximate).units.count), Self.channels)
        case .latency: rest(try measure(graph, arrays), try measure(smaller, left), Self.latency)
        case .units(let count): count == 0 ? nil : .units(count)
        }
    }
}
