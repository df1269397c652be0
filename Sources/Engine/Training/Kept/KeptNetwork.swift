import Descriptors
import Devices
import Foundation
import Graph
import Interchange

/// A network as others read it: safetensors with the names of PyTorch's `state_dict` and no other (`fc1.weight`, `fc1.bias`),
/// zeros in place; the masks in a file beside; and a compact copy with positions and values of what is kept.
///
/// A sparse layer of more than `mostInPlace` weights is compact in both, as compressed rows and values
/// (`fc1.weight.shape`, `.crow_indices`, `.col_indices`, `.values`), for its zeros would take gigabytes.
package struct KeptNetwork {
    package var layers: [LayerState]
    package var parameters: [ParameterState]
    package var recipe: Recipe
    /// What its input is made with.
    package var normalization: Normalization
    /// What a measurement of it must be made on; nil: nobody knows.
    package var identity: DataIdentity?
    package var classes: Int
    package var input: Shape
    package var step: Int
    /// Besides: what the figure was when it was kept, where that is no accuracy.
    package var facts: [String: String]
    /// Of activations, where it was trained under quantisation.
    package var ranges: [TensorRange]?
    /// Whether the graph is another than the recipe's, and is written beside it.
    package var hasOwnGraph = false

    package init(
        layers: [LayerState], parameters: [ParameterState], recipe: Recipe, data: DataSet, classes: Int, input: Shape,
        step: Int, facts: [String: String] = [:]
    ) {
        self.init(
            layers: layers, parameters: parameters, recipe: recipe, normalization: data.normalization,
            identity: DataIdentity(data), classes: classes, input: input, step: step, facts: facts)
    }

    package init(
        layers: [LayerState], parameters: [ParameterState], recipe: Recipe, normalization: Normalization,
        identity: DataIdentity?, classes: Int, input: Shape, step: Int, facts: [String: String] = [:]
    ) {
        self.facts = facts
        self.layers = layers
        self.parameters = parameters
        self.recipe = recipe
        self.normalization = normalization
        self.identity = identity
        self.classes = classes
        self.input = input
        self.step = step
    }

    /// `name.safetensors` → `name.bitmask.safetensors`.
    package static func compactPath(_ path: String) -> String {
        Files.withoutEnding(path) + ".bitmask.safetensors"
    }

    /// Every file that is written.
    package static func paths(_ path: String) -> [String] { [path, KeptMasks.path(of: path), compactPath(path)] }

    /// 2²⁸ weights: a gigabyte with zeros in place.
    package static let mostInPlace = 1 << 28

    /// Whether the zeros of a layer are too many to be written in place.
    package static func isCompactOnly(total: Int, rows: Int, nnz: Int) -> Bool {
        total > mostInPlace && SparseTensor.prefersRows(rows: rows, total: total, nnz: nnz)
    }

    /// Writes the three files, all or none, the masks before the weights that they belong to.
    package func write(to path: String, graph: Graph) throws {
        var full: [Tensor] = [], compact: [Tensor] = [], masks: [Tensor] = []
        let weighted = graph.nodes.filter { $0.ownWeights != nil }
        for (layer, node) in zip(layers, weighted) {
            let arrays = layer.arrays, shape = node.weightShape!
            let dimensions = node.op.weightAxes(node.inputShapes)
            let name = "\(layer.name).weight"
            if shape.biases > 0 {
                let bias = Tensor("\(layer.name).bias", arrays.bias)
                full.append(bias)
                compact.append(bias)
            }
            guard let indices = arrays.indices else {
                compact.append(Tensor(name, arrays.values, shape: dimensions))
                full.append(Tensor(name, arrays.values, shape: dimensions))
                masks.append(KeptMasks.tensor(name, [Bool](repeating: true, count: layer.total), shape: dimensions))
                continue
            }
            let sparse = SparseTensor(
                rows: shape.rows, columns: shape.columns, indices: indices, values: arrays.values)
            compact += sparse.tensors(name)
            if Self.isCompactOnly(total: layer.total, rows: shape.rows, nnz: indices.count) {
                full += sparse.tensors(name)
                continue
            }
            var dense = [Float](repeating: 0, count: layer.total)
            var mask = [Bool](repeating: false, count: layer.total)
            for (position, value) in zip(indices, arrays.values) {
                dense[position] = value
                mask[position] = true
            }
            full.append(Tensor(name, dense, shape: dimensions))
            masks.append(KeptMasks.tensor(name, mask, shape: dimensions))
        }
        for (number, parameter) in parameters.enumerated() {
            let tensor = Tensor(parameter.name, parameter.values, shape: parameter.shape.axes)
            full.append(tensor)
            compact.append(tensor)
            let isLast = number + 1 == parameters.count || parameters[number + 1].node != parameter.node
            guard isLast, parameter.shape.role == .statistic else { continue }
            // PyTorch counts the batches that went into its statistics.
            full.append(Tensor("\(parameter.node).num_batches_tracked", [Int64(step)], shape: []))
        }
        let metadata = try metadata(graph)
        let network = TensorFile(sealing: full, metadata: metadata, path: path)
        let compactFile = TensorFile(sealing: compact, metadata: metadata, path: Self.compactPath(path))
        let masksFile = KeptMasks.file(masks, of: network, step: step)
        try AtomicFile.write(
            [masksFile, network, compactFile].compactMap(\.self).map { ($0.path, Safetensors.encode($0)) })
        if masksFile == nil { try KeptMasks.remove(of: path) }
    }

    /// What any of its files says besides the arrays.
    func metadata(_ graph: Graph) throws -> [String: String] {
        func list(_ numbers: [Float]) -> String { numbers.map { "\($0)" }.joined(separator: ",") }
        var metadata = [
            "format": "pt", "espalier": "network-1", "recipe": recipe.yaml, "step": "\(step)",
            "classes": "\(classes)", "input_channels": "\(input.channels)", "input_height": "\(input.height)",
            "input_width": "\(input.width)",
            // What the input is made from: (value − mean) / deviation; one of each, or one a channel.
            "input_mean": list(normalization.means), "input_deviation": list(normalization.deviations),
        ]
        if let identity { metadata["data"] = try identity.json() }
        if let ranges { metadata[TensorRange.key] = try TensorRange.json(ranges) }
        // What no recipe says.
        var isOwn = hasOwnGraph
        if case .file = recipe.network { isOwn = true }
        if isOwn { metadata["graph"] = try NodeList(graph).json() }
        // Where they are not channels, or channels, rows and columns.
        if input != Shape(channels: input.channels, height: input.height, width: input.width) {
            metadata["input_axes"] = input.axes.map(String.init).joined(separator: ",")
        }
        return metadata.merging(facts) { own, _ in own }
    }

    /// A kept network as it is read back: recipe, graph and weights.
    package struct Opened {
        package let recipe: Recipe
        package let graph: Graph
        package let layers: [LayerState]
        package let parameters: [ParameterState]
        package let normalization: Normalization
        package let step: Int
        /// Of the data that it was trained on; nil in files that do not say it.
        package let data: DataIdentity?
        /// Of activations, where it was trained under quantisation.
        package let ranges: [TensorRange]?
        /// What is to be told of how it was read.
        package let warning: String?
    }

    /// Reads either file.
    package static func read(_ path: String) throws -> Opened {
        let file = try Safetensors.read(path)
        if file.metadata["espalier"] == KeptMasks.format {
            throw FileProblem(
                path: path, place: "metadata 'espalier'", found: "the masks of a network",
                expected: "the network itself, which lies beside it")
        }
        try QuantizedFile.requireFloats(file)
        guard file.metadata["espalier"] == "network-1" else {
            throw FileProblem(
                path: path, place: "metadata 'espalier'", found: file.metadata["espalier"] ?? "nothing",
                expected: "network-1, a network that Espalier kept")
        }
        try file.requireChecksum(isOptional: true)
        func number(_ key: String, _ accepted: ClosedRange<Int> = 1...1 << 24) throws -> Int {
            guard let value = Int(try file.text(key)), accepted.contains(value) else {
                throw FileProblem(
                    path: path, place: "metadata '\(key)'", found: FileProblem.quote(try file.text(key)),
                    expected: "a whole number from \(accepted.lowerBound) to \(accepted.upperBound)")
            }
            return value
        }
        let recipe = try RecipeReader.read(
            try file.text("recipe"), file: "\(path), metadata 'recipe'", name: "network", isInside: true)
        let input = try Self.input(file, number)
        let graph: Graph
        do {
            if let written = file.metadata["graph"] {
                graph = try NodeList(json: written).graph()
            } else {
                graph = try recipe.starting(input: input, classes: try number("classes")).graph
            }
        } catch let error as DecodingError {
            throw FileProblem(
                path: path, place: "metadata 'graph'", found: "\(error)".prefix(120).description,
                expected: "the nodes of a network")
        } catch let error as ArgumentError {
            throw FileProblem(path: path, place: "metadata 'graph'", found: "\(error)", expected: "operators there are")
        } catch let error as GraphError {
            throw FileProblem(
                path: path, place: "metadata 'recipe'", found: "\(error)", expected: "a network for images of \(input)")
        }
        guard graph.nodes.contains(where: { $0.weightShape != nil }) else {
            throw FileProblem(
                path: path, place: "metadata 'recipe'", found: "a network without weights",
                expected: "a linear or a convolution node")
        }
        let masks = try KeptMasks(of: file)
        let encoded = try EncodedWeights(file.metadata, path: path)
        var layers: [LayerState] = []
        for node in graph.nodes {
            guard let shape = node.ownWeights else { continue }
            let name = "\(node.name).weight"
            var indices: [Int]?
            var values: [Float]
            if let written = try encoded.weights(
                of: node.name, rows: shape.rows, columns: shape.columns, from: file)
            {
                indices = written.kept.nnz == shape.weights ? nil : written.kept.indices
                values = written.weights
            } else if let dense = file[name] {
                let expected = node.op.weightAxes(node.inputShapes)
                guard let all = dense.floats, dense.shape == expected else {
                    throw FileProblem(
                        path: path, place: name, found: "\(dense.type.rawValue) \(dense.shape)",
                        expected: "F32 \(expected)")
                }
                values = all
                if let mask = try masks.mask(of: name, weights: all, shape: expected), mask.contains(false) {
                    indices = mask.indices.filter { mask[$0] }
                    values = indices!.map { all[$0] }
                }
            } else {
                let packed = try SparseTensor(name, rows: shape.rows, columns: shape.columns, from: file)
                (indices, values) = (packed.indices, packed.values)
            }
            layers.append(
                LayerState(
                    name: node.name,
                    arrays: LayerArrays(
                        indices: indices, values: values, slots: [],
                        bias: shape.isTable ? [] : try file.floats("\(node.name).bias", shape: [shape.rows]),
                        biasSlots: []),
                    total: shape.weights, rows: shape.rows, isProtected: !node.isPrunable))
        }
        let parameters = try graph.parameters.map { parameter in
            ParameterState(
                node: parameter.node, shape: parameter.shape,
                values: try file.floats(parameter.name, shape: parameter.shape.axes))
        }
        let normalization = try Normalization(of: file, channels: input.channels)
        for layer in layers where !(layer.arrays.values + layer.arrays.bias).allSatisfy(\.isFinite) {
            throw FileProblem(
                path: path, place: "layer '\(layer.name)'", found: "a weight or bias that is no finite number",
                expected: "finite numbers")
        }
        for parameter in parameters {
            let least = parameter.shape.least ?? -.infinity
            // Masks are infinite.
            let isMask = parameter.shape.role == .fixed
            guard parameter.values.allSatisfy({ ($0.isFinite || isMask && !$0.isNaN) && $0 >= least }) else {
                throw FileProblem(
                    path: path, place: parameter.name, found: "a number that is not finite or below \(least)",
                    expected: "finite numbers" + (parameter.shape.least.map { ", \($0) and more" } ?? ""))
            }
        }
        return Opened(
            recipe: recipe, graph: graph, layers: layers, parameters: parameters,
            normalization: normalization, step: try number("step", NumberCheck.steps),
            data: try DataIdentity(of: file), ranges: try TensorRange.all(of: file), warning: masks.warning)
    }

    private static func input(
        _ file: TensorFile, _ number: (String, ClosedRange<Int>) throws -> Int
    ) throws -> Shape {
        let sizes = 1...1 << 24
        let sides = try ["input_channels", "input_height", "input_width"].map { try number($0, sizes) }
        // Of two numbers up to 2²⁴ the product fits a word, of three it may not.
        guard sides[1] * sides[2] <= sizes.upperBound, sides.reduce(1, *) <= sizes.upperBound else {
            throw FileProblem(
                path: file.path, place: "metadata 'input_height'",
                found: "images of \(sides[0])×\(sides[1])×\(sides[2])", expected: "at most 2^24 values an image")
        }
        let shape = Shape(channels: sides[0], height: sides[1], width: sides[2])
        guard let text = file.metadata["input_axes"] else { return shape }
        let axes = text.split(separator: ",").map { Int($0) ?? 0 }
        guard axes.count <= Shape.mostAxes, axes.allSatisfy(sizes.contains),
            case let told = Shape(axes), told.channels == sides[0], told.height == sides[1], told.width == sides[2]
        else {
            throw FileProblem(
                path: file.path, place: "metadata 'input_axes'", found: FileProblem.quote(text),
                expected: "up to \(Shape.mostAxes) axes of \(shape)")
        }
        return told
    }
}
