import Graph

extension Recipe {
    /// The network that it starts with.
    /// - Parameters:
    ///   - input: shape of a sample.
    ///   - classes: outputs, where the network leaves them open.
    /// - Throws: `GraphError`, `ArgumentError`; `FileProblem` where a file has the network.
    package func starting(input: Shape, classes: Int) throws -> StartingNetwork {
        switch network {
        case .named(let name):
            return StartingNetwork(graph: try NamedNetworks.make(name, input: input, classes: classes))
        case .nodes(let nodes):
            return StartingNetwork(
                graph: try Graph(
                    input: input,
                    nodes.map { Graph.Entry($0.name, try Operators.make($0.op.name, $0.op.values), inputs: $0.inputs) }
                ))
        case .file(let network): return try network.open(input: input)
        }
    }
}
