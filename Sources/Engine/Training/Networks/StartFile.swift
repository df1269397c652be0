import Graph
import Interchange

/// The network that a run started with, in the run's folder: the graph as JSON, the weights as safetensors under their names, sparse
/// ones compact. With it a run needs the file it came from no more.
enum StartFile {
    static let format = "start-1"

    static func write(_ start: StartWeights, _ graph: Graph, to path: String) throws {
        var tensors: [Tensor] = []
        for node in graph.nodes {
            guard let shape = node.ownWeights, let arrays = start.layers[node.name] else { continue }
            let name = "\(node.name).weight"
            if let indices = arrays.indices {
                tensors += SparseTensor(
                    rows: shape.rows, columns: shape.columns, indices: indices, values: arrays.values
                ).tensors(name)
            } else {
                tensors.append(Tensor(name, arrays.values, shape: node.op.weightAxes(node.inputShapes)))
            }
            if shape.biases > 0 { tensors.append(Tensor("\(node.name).bias", arrays.bias)) }
        }
        for parameter in graph.parameters {
            guard let values = start.parameters[parameter.name] else { continue }
            tensors.append(Tensor(parameter.name, values, shape: parameter.shape.axes))
        }
        try Safetensors.write(TensorFile(sealing: tensors, metadata: ["espalier": format], path: path), to: path)
    }

    /// - Throws: `FileProblem`.
    static func read(_ path: String, _ graph: Graph) throws -> StartWeights {
        let file = try Safetensors.read(path)
        guard file.metadata["espalier"] == format else {
            throw FileProblem(
                path: path, place: "metadata 'espalier'", found: file.metadata["espalier"] ?? "nothing",
                expected: format)
        }
        try file.requireChecksum()
        return try StartWeights(graph, from: file)
    }
}
