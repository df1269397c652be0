import Graph

/// The units to let go so that a network comes down to a share of what it takes.
package struct UnitChoice: Sendable {
    package enum Target: Sendable, Equatable {
        /// Shares of what the network has.
        case parameters(Double)
        case multiplyAdds(Double)
        case channels(Double)
        /// Of what one answer takes, as the caller measures it.
        case latency(Double)
        /// No share: so many of those that can be spared go, the smallest first.
        case units(Int)

        package var share: Double {
            switch self {
            case .parameters(let share), .multiplyAdds(let share), .channels(let share), .latency(let share): share
            case .units: 0
            }
        }
    }

    package enum Problem: Error, Equatable, CustomStringConvertible {
        case outOfReach(Target, least: Double)
        case noUnits(reason: String)

        package var description: String {
            switch self {
            case .outOfReach(let target, let least):
                "\(target.name): \(target.share) asked for; without all units that may go \(rounded(least)) is left"
            case .noUnits(let reason): "no unit may go: \(reason)"
            }
        }
        private func rounded(_ share: Double) -> String { "\((share * 1000).rounded(.up) / 1000)" }
    }

    /// The weights, those that read the units that are to go cut.
    package let masked: GraphArrays
    /// What `UnitRemoval` is to do with them.
    package let options: UnitRemoval.Options
    package let count: Int
    /// How many were asked for, the smallest first, before some had to stay for the sake of others.
    package let asked: Int

    /// - Parameters:
    ///   - evenly: of every layer the same share; else the smallest of all, as they compare with the mean of their layer.
    ///   - measure: seconds that one answer of a network takes; asked where the target is a latency, some ten times.
    /// - Throws: `Problem`, and what `measure` throws.
    package init(
        _ graph: Graph, _ arrays: GraphArrays, target: Target, evenly: Bool = true,
        options given: UnitRemoval.Options = .init(),
        measure: (_ graph: Graph, _ arrays: GraphArrays) throws -> Double = { _, _ in 0 }
    ) throws {
        var refused: [Int: String] = [:]
        while true {
            let scores = UnitScores(graph, arrays, isApproximate: given.isApproximate, refused: refused)
            let order = scores.order(evenly: evenly)
            guard !order.isEmpty else {
                throw Problem.noUnits(
                    reason: scores.groups.refusals.sorted { $0.key < $1.key }.last?.value ?? "the network has none")
            }
            var options = given
            options.scores = Dictionary(order.map { ($0.root, $0.size) }, uniquingKeysWith: { $1 })
            let balance = UnitBalance(scores.groups, multiple: given.multiple, scores: options.scores)
            do {
                let high = try Self.count(order, balance, target, graph, scores, arrays, measure)
                let chosen = balance.balanced(Set(order.prefix(high).map(\.root)))
                options.forced = chosen
                masked = Self.masked(arrays, scores, chosen)
                self.options = options
                (count, asked) = (chosen.count, high)
                return
            } catch let refusal as NarrowedGraph.Refusal {
                refused[refusal.node] = refusal.reason
            }
        }
    }

    /// The fewest of the smallest units without which the network is down to the target.
    private static func count(
        _ order: [UnitScores.Unit], _ balance: UnitBalance, _ target: Target, _ graph: Graph, _ scores: UnitScores,
        _ arrays: GraphArrays, _ measure: (Graph, GraphArrays) throws -> Double
    ) throws -> Int {
        if case .units(let count) = target {
            // What has no form is found as where the whole is measured.
            for count in [order.count, min(count, order.count)] {
                _ = try NarrowedGraph(
                    scores.groups, removing: balance.balanced(Set(order.prefix(count).map(\.root))))
            }
            return min(count, order.count)
        }
        let whole = try target.amount(graph, scores, [], arrays, measure)
        func share(_ count: Int) throws -> Double {
            let chosen = balance.balanced(Set(order.prefix(count).map(\.root)))
            return try target.amount(graph, scores, chosen, arrays, measure) / whole
        }
        var (low, high) = (0, order.count)
        let least = try share(high)
        guard least <= target.share else { throw Problem.outOfReach(target, least: least) }
        while low < high {
            let middle = (low + high) / 2
            if try share(middle) <= target.share { high = middle } else { low = middle + 1 }
        }
        return high
    }

    /// Without the weights that read a unit that goes.
    private static func masked(_ arrays: GraphArrays, _ scores: UnitScores, _ chosen: Set<Int>) -> GraphArrays {
        var masked = arrays
        let graph = scores.groups.graph
        for (number, layer) in graph.layerNumbers.enumerated() {
            guard let layer, let shape = graph.nodes[number].summedWeights else { continue }
            let input = graph.nodes[number].inputs[0]
            let goes = (0..<shape.channels).map { chosen.contains(scores.groups.root(input, axis: 0, $0)) }
            guard goes.contains(true) else { continue }
            let given = masked.layers[layer]
            var stays = [Bool](repeating: true, count: given.values.count)
            NodeWeights(shape: shape, arrays: given).forEachNonzero { _, channel, _, _, live in
                if goes[channel] { stays[live] = false }
            }
            masked.layers[layer] = given.keeping(stays)
        }
        return masked
    }
}

extension UnitChoice.Target {
    package var name: String {
        switch self {
        case .parameters: "parameters"
        case .multiplyAdds: "multiply-adds"
        case .channels: "channels"
        case .latency: "latency"
        case .units: "units"
        }
    }

    /// What a network without some units takes.
    fileprivate func amount(
        _ graph: Graph, _ scores: UnitScores, _ chosen: Set<Int>, _ arrays: GraphArrays,
        _ measure: (Graph, GraphArrays) throws -> Double
    ) throws -> Double {
        if case .channels = self { return Double(scores.units.count - chosen.count) }
        let narrowed = try NarrowedGraph(scores.groups, removing: chosen)
        switch self {
        case .parameters: return Double(narrowed.graph.parameterCount)
        case .multiplyAdds: return Double(narrowed.graph.multiplyAdds)
        default:
            let left = GraphArrays(
                layers: zip(narrowed.layers, arrays.layers).map { $0.arrays($1) },
                parameters: zip(narrowed.parameters, arrays.parameters).map { $0.state($1) })
            return try measure(narrowed.graph, left)
        }
    }
}

extension Graph {
    /// Weights, biases and what else is trained or remembered.
    package var parameterCount: Int {
        nodes.reduce(0) { sum, node in
            sum + (node.ownWeights.map { $0.weights + $0.biases } ?? 0)
                + node.op.parameters(node.inputShapes).reduce(0) { $0 + $1.count }
        }
    }

    /// For one sample, with every weight there.
    package var multiplyAdds: Int { nodes.reduce(0) { $0 + $1.op.multiplyAdds($1.inputShapes) } }
}
