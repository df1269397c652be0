import Graph
import Interchange

extension ONNXFrame {
    /// The file with these weights, in pieces; nil where they are not those of the network that the file was.
    func filled(_ graph: Graph, _ given: ModelArrays, _ options: ExportOptions) throws -> [[UInt8]]? {
        let arrays = withoutBiases(graph, given)
        guard hasPlaces(for: arrays, graph) else { return nil }
        let file = MappedFile(bytes, path: "the file that the network came from")
        let model = try ONNXReader.read(file)
        var tensors: [String: [Float]] = [:], known: [String: [Bool]] = [:]
        var rewriter = FrameRewriter(file: file)
        var apart: [Apart: String] = [:]
        var names = Set(model.graph.nodes.flatMap(\.outputs))
        names.formUnion(model.graph.initializers.map(\.name))
        names.formUnion(model.graph.sparseInitializers.map(\.name))
        names.formUnion(model.graph.inputs.map(\.name))
        for binding in bindings {
            let origin = binding.origin
            let given: [Float]? =
                switch binding.kind {
                case .weight: arrays.weights[binding.name]
                case .bias: arrays.biases[binding.name]
                case .parameter: arrays.parameters[binding.name]
                }
            let places = origin.places
            guard let given, given.count == places.count else { return nil }
            let values = origin.scale == 1 ? given : given.map { $0 / origin.scale }
            let count = origin.shape.reduce(1, *)
            if tensors[origin.name] == nil {
                tensors[origin.name] = Self.elements(origin.name, model) ?? [Float](repeating: 0, count: count)
                known[origin.name] = [Bool](repeating: false, count: count)
            }
            guard tensors[origin.name]!.count == count, places.allSatisfy({ $0 < count }) else { return nil }
            let differs = places.indices.contains { index in
                known[origin.name]![places[index]]
                    && tensors[origin.name]![places[index]].bitPattern != values[index].bitPattern
            }
            if differs {
                // Two layers that were one tensor, and were trained apart: the second gets one of its own.
                guard let reader = origin.reader, let inner = origin.placesInReader else { return nil }
                // Nodes that share their weights share the new tensor.
                let key = Apart(kind: binding.kind, name: binding.name, shape: reader.shape, places: inner)
                if let name = apart[key] {
                    rewriter.renamed[reader.node, default: [:]][reader.input] = name
                    continue
                }
                var own = [Float](repeating: 0, count: reader.shape.reduce(1, *))
                guard inner.count == own.count else { return nil }
                for (index, place) in inner.enumerated() { own[place] = values[index] }
                var name = origin.name + ".own", number = 2
                while !names.insert(name).inserted {
                    name = "\(origin.name).own\(number)"
                    number += 1
                }
                apart[key] = name
                rewriter.renamed[reader.node, default: [:]][reader.input] = name
                rewriter.added.append(Self.initializer(name, reader.shape, own, isSparse: options.isSparse))
                continue
            }
            for (index, place) in places.enumerated() {
                tensors[origin.name]![place] = values[index]
                known[origin.name]![place] = true
            }
        }
        guard addBiases(arrays, model, &names, &rewriter) else { return nil }
        rewriter.isSparse = options.isSparse
        let inputs = Set(model.graph.inputs.map(\.name))
        rewriter.keepsDense = inputs
        rewriter.elements = { tensors[$0] }
        rewriter.metadata = options.metadata
        return rewriter.model()
    }

    /// A tensor that was made for an array of the network, as its readers have it.
    private struct Apart: Hashable {
        var kind: ImportedModel.Binding.Kind
        var name: String
        var shape: [Int]
        var places: [Int]
    }

    /// Whether the file has a tensor for each array that training changes. It has none for what it computes itself: weights of few
    /// bits, weights with a norm apart, a bias behind its layer. A shift that is 0 and a scale that is 1 need none.
    private func hasPlaces(for arrays: ModelArrays, _ graph: Graph) -> Bool {
        let weights = bound(.weight), parameters = bound(.parameter)
        return computedBiases.isEmpty && arrays.weights.keys.allSatisfy(weights.contains)
            && graph.parameters.allSatisfy { parameter in
                parameter.shape.role == .fixed || parameters.contains(parameter.name)
                    || arrays.parameters[parameter.name]?.allSatisfy { $0 == parameter.shape.initial } ?? true
            }
    }

    private func bound(_ kind: ImportedModel.Binding.Kind) -> Set<String> {
        Set(bindings.filter { $0.kind == kind }.map(\.name))
    }

    /// A layer without a bias in the file may have got one: in front of a batch normalisation it is a part of the mean.
    private func withoutBiases(_ graph: Graph, _ given: ModelArrays) -> ModelArrays {
        var arrays = given
        let known = bound(.bias)
        for (number, node) in graph.nodes.enumerated() where type(of: node.op).descriptor.name == "batch-norm" {
            let before = node.inputs[0]
            guard before >= 0, graph.readers(of: before) == [number], graph.nodes[before].ownWeights != nil,
                graph.users(ofWeightsOf: before).count == 1
            else { continue }
            let layer = graph.nodes[before].name, mean = node.name + ".running_mean"
            guard !known.contains(layer), let bias = arrays.biases[layer], let values = arrays.parameters[mean],
                bias.count == values.count
            else { continue }
            arrays.parameters[mean] = zip(values, bias).map { $0 - $1 }
            arrays.biases[layer] = nil
        }
        return arrays
    }

    /// Operators of the file that a bias can be given, as an input or behind them.
    private static let takeBiases: Set<String> = ["Conv", "ConvTranspose", "Gemm", "MatMul"]

    /// Any other is added to the node.
    private func addBiases(
        _ arrays: ModelArrays, _ model: ONNXModel, _ names: inout Set<String>, _ rewriter: inout FrameRewriter
    ) -> Bool {
        let known = bound(.bias)
        var added: Set<String> = []
        for binding in bindings where binding.kind == .weight && !known.contains(binding.name) {
            guard let bias = arrays.biases[binding.name], bias.contains(where: { $0 != 0 }) else { continue }
            guard let number = binding.origin.reader?.node, model.graph.nodes.indices.contains(number),
                Self.takeBiases.contains(model.graph.nodes[number].type)
            else { return false }
            let name = binding.name + ".bias"
            if added.insert(name).inserted {
                guard names.insert(name).inserted else { return false }
            } else {
                rewriter.biases[number] = name
                continue
            }
            rewriter.biases[number] = name
            rewriter.added.append(Self.initializer(name, [bias.count], bias, isSparse: false))
        }
        return true
    }

    /// What the frame still holds of a tensor.
    private static func elements(_ name: String, _ model: ONNXModel) -> [Float]? {
        if let tensor = model.graph.initializers.first(where: { $0.name == name }) { return try? tensor.floats() }
        if let tensor = model.graph.sparseInitializers.first(where: { $0.name == name }) { return try? tensor.floats() }
        guard
            case .tensor(let tensor)? = model.graph.nodes.first(where: { $0.outputs.first == name })?.attributes[
                "value"]
        else { return nil }
        return try? tensor.floats()
    }

    private static func initializer(_ name: String, _ shape: [Int], _ values: [Float], isSparse: Bool) -> [UInt8] {
        if isSparse, let field = SparseInitializer.field(name, shape, values) { return field }
        var writer = WireWriter()
        writer.message(5) { tensor in
            tensor.integers(1, shape)
            tensor.integer(2, ONNXElement.float.rawValue)
            tensor.text(8, name)
            tensor.data(9, ElementBytes.float(values))
        }
        return writer.bytes
    }
}
