import Kernels

/// What an operator does to each value by itself, so that who has just made the value may do it in its place.
package enum ValueKind: Sendable, Equatable {
    /// A slope and a shift for each channel.
    case scale
    /// The sum with another value of the same place.
    case add
    /// What lies outside is moved to the ends: max(x, 0) of a ReLU.
    case limit(Limits)
    /// Any other function.
    case function(ValueFunction)
    /// Nothing, where the network only answers.
    case pass

    /// Whether y may lie over x where the network only answers, though its way back reads x.
    var overwritesAnswer: Bool {
        switch self {
        case .scale, .function: true
        case .add, .limit, .pass: false
        }
    }

    /// Operators of a tail ascend.
    fileprivate var place: Int? {
        switch self {
        case .scale: 0
        case .add: 1
        case .limit: 2
        case .function: 3
        case .pass: nil
        }
    }
}

/// Where a network only answers: what a layer with weights does when it stores its sums. Batch normalisation, then a sum with a
/// value that is there by then, then a ReLU, then any function; each only where nobody else reads what is before it.
struct Tails {
    /// By node: the operators that it does, in order.
    private(set) var followers: [[Int]]
    /// By node: whether another one does it.
    private(set) var isFollower: [Bool]

    /// - Parameters:
    ///   - heads: whether a node does what follows it.
    ///   - follows: whether a node that could, may be done by a head.
    init(_ graph: Graph, heads: (Int) -> Bool, follows: (_ head: Int, _ node: Int) -> Bool = { _, _ in true }) {
        let nodes = graph.nodes
        followers = [[Int]](repeating: [], count: nodes.count)
        isFollower = [Bool](repeating: false, count: nodes.count)
        for number in nodes.indices where heads(number) {
            var last = number, free = 0
            while let reader = Tails.onlyReader(of: last, graph), nodes[reader].isPointwise,
                let kind = nodes[reader].op.valueKind, let place = kind.place, place >= free, follows(number, reader)
            {
                // The other value comes from a node before this one.
                if kind == .add, !nodes[reader].inputs.allSatisfy({ $0 == last || $0 < number }) { break }
                free = place + 1
                followers[number].append(reader)
                isFollower[reader] = true
                last = reader
            }
        }
    }

    /// By node: the node whose value it leaves in memory.
    func last(of number: Int) -> Int { followers[number].last ?? number }

    /// The other input of an add that a node does.
    func added(to number: Int, by follower: Int, _ graph: Graph) -> Int {
        graph.nodes[follower].inputs.first { $0 != number && !followers[number].contains($0) }!
    }

    private static func onlyReader(of number: Int, _ graph: Graph) -> Int? {
        let readers = graph.readers(of: number)
        guard readers.count == 1, graph.nodes[readers[0]].inputs.filter({ $0 == number }).count == 1 else { return nil }
        return readers[0]
    }
}
