/// What an operator does to each value by itself, so that who has just made the value may do it in its place.
package enum ValueKind: Sendable {
    /// A slope and a shift for each channel.
    case scale
    /// The sum with another value of the same place.
    case add
    /// max(x, 0).
    case rectify
    /// Nothing, where the network only answers.
    case pass
}

/// For one image: what a convolution does when it stores its sums. Batch normalisation, then a sum with a value that is there
/// by then, then a ReLU; each only where nobody else reads what is before it.
struct PlaneTails {
    /// By node: the operators that it does, in order.
    private(set) var followers: [[Int]]
    /// By node: whether another one does it.
    private(set) var isFollower: [Bool]

    init(_ graph: Graph) {
        let nodes = graph.nodes
        followers = [[Int]](repeating: [], count: nodes.count)
        isFollower = [Bool](repeating: false, count: nodes.count)
        for (number, node) in nodes.enumerated() where node.op.traits.contains(.walksPlanes) {
            var last = number
            var allowed: [ValueKind] = [.scale, .add, .rectify]
            while let reader = PlaneTails.onlyReader(of: last, graph), nodes[reader].isPointwise,
                let kind = nodes[reader].op.valueKind,
                let place = allowed.firstIndex(of: kind)
            {
                // The other value comes from a node before this one.
                if kind == .add, !nodes[reader].inputs.allSatisfy({ $0 == last || $0 < number }) { break }
                allowed.removeFirst(place + 1)
                followers[number].append(reader)
                isFollower[reader] = true
                last = reader
            }
        }
    }

    /// By node: the node whose value it leaves in memory.
    func last(of number: Int) -> Int { followers[number].last ?? number }

    private static func onlyReader(of number: Int, _ graph: Graph) -> Int? {
        let readers = graph.readers(of: number)
        guard readers.count == 1, graph.nodes[readers[0]].inputs.filter({ $0 == number }).count == 1 else { return nil }
        return readers[0]
    }
}
