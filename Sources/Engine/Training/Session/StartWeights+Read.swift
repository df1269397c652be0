import Devices
import Graph
import Interchange

extension StartWeights {
    /// What a file has under the names of a graph; names that it has not are passed over.
    /// - Throws: `FileProblem` where something under a name does not fit.
    init(_ graph: Graph, from file: TensorFile) throws {
        self.init()
        for node in graph.nodes {
            guard let shape = node.ownWeights else { continue }
            let name = "\(node.name).weight"
            let axes = node.op.weightAxes(node.inputShapes)
            let isSparse = SparseTensor.isIn(file, name)
            // A checkpoint has the values of all weights under a name of their own.
            let values = name + ".values"
            guard isSparse || file[name] != nil || file[values] != nil else { continue }
            let biasName = "\(node.name).bias"
            var arrays = LayerArrays(
                indices: nil, values: [], slots: [],
                bias: file[biasName] == nil
                    ? [Float](repeating: 0, count: shape.biases) : try file.floats(biasName, shape: [shape.biases]),
                biasSlots: [])
            if isSparse {
                let sparse = try SparseTensor(name, rows: shape.rows, columns: shape.columns, from: file)
                (arrays.indices, arrays.values) = (sparse.indices, sparse.values)
            } else if file[name] != nil {
                arrays.values = try file.floats(name, shape: axes)
            } else {
                arrays.values = try file.floats(values, shape: [shape.weights])
            }
            layers[node.name] = arrays
        }
        for parameter in graph.parameters where file[parameter.name] != nil {
            let values = try file.floats(parameter.name)
            guard values.count == parameter.shape.count else {
                throw FileProblem(
                    path: file.path, place: "tensor \(FileProblem.quote(parameter.name))",
                    found: "\(values.count) values", expected: "\(parameter.shape.count)")
            }
            parameters[parameter.name] = values
        }
    }

    /// Weights of another network for this graph, by name and size: of a run, of a kept network, of any file of named weights, of
    /// an ONNX model.
    ///
    /// - Returns: what fits, a sentence for what was left out, and what that network's outputs answer in.
    /// - Throws: `FileProblem` where nothing fits.
    package static func open(_ path: String, for graph: Graph) throws -> (
        weights: StartWeights, notices: [String], scale: TargetScale
    ) {
        var scale = TargetScale.none
        let found: StartWeights
        var notices: [String] = []
        if try RunFolder.isRun(path) {
            let run = try RunFolder.look(at: path)
            let isSaved = try FileKind.at(run.latest) != .absent
            let file = try Safetensors.read(isSaved ? run.latest : run.final)
            found = try StartWeights(fitting: graph, from: file)
            scale = try DataIdentity(of: file)?.targetScale ?? .none
        } else if path.hasSuffix(".onnx") {
            let other = try NetworkFile.read(path, input: graph.input)
            found = other.weights ?? StartWeights()
            notices = other.notices
        } else {
            let file = try Safetensors.read(path)
            try QuantizedFile.requireFloats(file)
            found = try StartWeights(fitting: graph, from: file)
            // In files of others the word may mean anything.
            if file.metadata["espalier"] != nil { scale = try DataIdentity(of: file)?.targetScale ?? .none }
        }
        var weights = StartWeights()
        var missing: [String] = []
        for node in graph.nodes {
            guard let shape = node.ownWeights else { continue }
            guard let arrays = found.layers[node.name] else {
                missing.append("\(node.name) is not there")
                continue
            }
            let isWhole = arrays.indices != nil || arrays.values.count == shape.weights
            guard arrays.bias.count == shape.biases, isWhole,
                arrays.indices.map({ ($0.last ?? 0) < shape.weights }) ?? true
            else {
                missing.append("\(node.name) has another size")
                continue
            }
            weights.layers[node.name] = arrays
        }
        for parameter in graph.parameters {
            if let values = found.parameters[parameter.name], values.count == parameter.shape.count {
                weights.parameters[parameter.name] = values
            }
        }
        guard !weights.layers.isEmpty else {
            throw FileProblem(
                path: path, place: "weights", found: "none that fit: \(missing.prefix(4).joined(separator: ", "))",
                expected: "weights under the names and of the sizes of the network")
        }
        try weights.requireFinite(graph, path: path)
        if !missing.isEmpty {
            notices.append(
                "begun with \(weights.layers.count) of \(weights.layers.count + missing.count) layers of \(path), the others at random: "
                    + missing.prefix(6).joined(separator: ", ") + (missing.count > 6 ? ", …" : ""))
        }
        return (weights, notices, scale)
    }

    /// As `init(_:from:)`, but what has another size is left out.
    private init(fitting graph: Graph, from file: TensorFile) throws {
        let names = Set(
            graph.nodes.filter { node in
                guard let shape = node.ownWeights, let tensor = file["\(node.name).weight"] else { return false }
                return tensor.shape.reduce(1, *) != shape.weights
                    || file["\(node.name).bias"].map { $0.shape != [shape.biases] } ?? false
            }.map(\.name))
        let tensors = file.tensors.filter { tensor in !names.contains { tensor.name.hasPrefix($0 + ".") } }
        try self.init(graph, from: TensorFile(tensors: tensors, metadata: file.metadata, path: file.path))
    }
}
