import Graph
import Interchange

extension ONNXFrame {
    /// The names of the file's one input and first output, for what is written anew: programs that run the file ask by them.
    func ends() throws -> GraphExport.Ends {
        let graph = try ONNXReader.read(MappedFile(bytes, path: "the file that the network came from")).graph
        let tensors = Set(graph.initializers.map(\.name)).union(graph.sparseInitializers.map(\.name))
        let inputs = graph.inputs.map(\.name).filter { !tensors.contains($0) }
        // Several inputs became one, which is none of them.
        guard inputs.count == 1, let output = graph.outputs.first?.name, !output.isEmpty, output != inputs[0] else {
            return GraphExport.Ends()
        }
        return GraphExport.Ends(input: inputs[0], output: output)
    }

    /// The graph with the softmax at the end of the file, which training left to the loss: what is written anew answers as the
    /// file did.
    func answering(_ graph: Graph) throws -> Graph {
        guard let end = graph.nodes.last, !type(of: end.op).isAnswer else { return graph }
        let model = try ONNXReader.read(MappedFile(bytes, path: "the file that the network came from"))
        var makers: [String: ONNXNode] = [:]
        for node in model.graph.nodes { for output in node.outputs { makers[output] = node } }
        var name = model.graph.outputs.first?.name ?? "", left: [String] = []
        while let node = makers.removeValue(forKey: name), let input = node.inputs.first {
            if let op = ["Softmax": "softmax", "LogSoftmax": "log-softmax"][node.type] {
                guard Self.axis(node, model.opset) == -1 || Self.axis(node, model.opset) == graph.output.rank else {
                    break
                }
                left.append(op)
            } else if node.type != "Identity" {
                break
            }
            name = input
        }
        var entries = graph.entries
        for op in left.reversed() {
            var name = op
            while entries.contains(where: { $0.name == name }) { name += "'" }
            let made = try Operators.make(op, ["axis": .integer(graph.output.rank - 1)])
            entries.append(.init(name, made, inputs: [entries[entries.count - 1].name]))
        }
        return left.isEmpty ? graph : try Graph(input: graph.input, entries)
    }

    private static func axis(_ node: ONNXNode, _ opset: Int) -> Int {
        if case .integer(let axis)? = node.attributes["axis"] { return axis }
        return opset < 13 ? 1 : -1
    }
}
