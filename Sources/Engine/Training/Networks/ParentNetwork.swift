import Graph
import Kernels

/// The network that a run learns from, with its weights. It answers and is never trained.
package struct ParentNetwork: Sendable {
    package let graph: Graph
    package let weights: StartWeights

    package init(graph: Graph, weights: StartWeights) {
        self.graph = graph
        self.weights = weights
    }

    func network(capacity: Int, team: Team) -> Network {
        let network = Network(graph, capacity: capacity, team: team, trains: false)
        weights.apply(to: network)
        return network
    }
}

/// Which parent a plan has.
package enum ParentChoice: Sendable {
    /// As the recipe says it.
    case recipe
    /// The one that the run began with.
    case kept(ParentNetwork)
    /// None: nothing is trained.
    case none
}
