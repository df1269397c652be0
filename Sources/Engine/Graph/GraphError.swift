import Descriptors

/// Why a graph cannot be built: where, what was found, what was expected.
package enum GraphError: Error, Equatable, CustomStringConvertible {
    case shape(node: String, found: String, expected: String)
    /// What is so large, or so small, that it cannot be counted with.
    case size(node: String, found: String, expected: String)
    case unknownInput(node: String, input: String, known: [String])
    case inputCount(node: String, found: Int, expected: ClosedRange<Int>)
    case duplicateName(String)
    case unused(node: String)
    case empty
    case noWeights
    case unknownNetwork(String, known: [String])

    package var description: String {
        switch self {
        case .size(let node, let found, let expected): "node '\(node)': it has \(found), expected \(expected)"
        case .shape(let node, let found, let expected): "node '\(node)': its input is \(found), expected \(expected)"
        case .unknownInput(let node, let input, let known):
            "node '\(node)': no node '\(input)' before it; known: \(known.prefix(40).joined(separator: ", "))"
                + (known.count > 40 ? " and \(known.count - 40) more" : "")
        case .inputCount(let node, let found, let expected):
            "node '\(node)': \(found) inputs given, expected "
                + (expected.count == 1
                    ? "\(expected.lowerBound)" : "\(expected.lowerBound) to \(expected.upperBound)")
        case .duplicateName(let name): "two nodes are named '\(name)'"
        case .unused(let node): "the output of node '\(node)' goes nowhere; only the last node's may"
        case .noWeights: "the network has no weights: it needs a linear or a convolution node"
        case .empty: "a network needs at least one node"
        case .unknownNetwork(let name, let known):
            "no network '\(name)'; known: \(known.joined(separator: ", ")), or a list of nodes"
                + didYouMean(name, among: known)
        }
    }
}
