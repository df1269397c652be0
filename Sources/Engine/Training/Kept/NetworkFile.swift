import Graph
import Interchange
import Models

/// Files that hold a network with its weights, by what they are.
package enum NetworkFile {
    /// - Parameter input: shape of a sample, for what the file leaves open; nil where there is no data.
    /// - Throws: `FileProblem`.
    package static func read(_ path: String, input: Shape?) throws -> StartingNetwork {
        if path.hasSuffix(".onnx") { return try onnx(path, input: input) }
        guard path.hasSuffix(".safetensors") else {
            throw FileProblem(
                path: path, place: "name", found: path, expected: "a name that ends in .onnx or .safetensors")
        }
        let kept = try KeptNetwork.read(path)
        return StartingNetwork(
            graph: kept.graph,
            weights: StartWeights(kept.graph, layers: kept.layers.map(\.arrays), parameters: kept.parameters),
            notices: kept.warning.map { [$0] } ?? [], targetScale: kept.data?.targetScale ?? TargetScale.none)
    }

    private static func onnx(_ path: String, input: Shape?) throws -> StartingNetwork {
        let model = try model(path, input: input)
        return StartingNetwork(
            graph: try graph(of: model), weights: StartWeights(model),
            notices: model.facts.map { "\(Files.name(of: path)): \($0)" }, frame: model.frame,
            targetScale: TargetScale.none)
    }

    // Of several inputs (tokens and their mask) each is a row of the sample; what a file fixes itself it is not told.
    private static func model(_ path: String, input: Shape?) throws -> ImportedModel {
        let file = try ONNXReader.read(path)
        guard let input else { return try Models.importModel(file) }
        let open = try Models.inputs(of: file)
        guard !open.free.isEmpty else { return try Models.importModel(file) }
        var options = ImportOptions()
        if open.names.count == 1 {
            options.inputShapes = ["": input.axes]
        } else if input.rank > 1, input[0] == open.names.count {
            for name in open.names { options.inputShapes[name] = Array(input.axes.dropFirst()) }
        }
        return try Models.importModel(file, options: options)
    }

    /// The graph of a model that runs.
    /// - Throws: `FileProblem` with all that cannot run.
    package static func graph(of model: ImportedModel) throws -> Graph {
        if let graph = model.graph { return graph }
        throw FileProblem(
            path: model.path, place: "operators", found: model.problems.map { "\($0)" }.joined(separator: "; "),
            expected: "operators there are; 'espalier import' lists them")
    }
}

extension StartWeights {
    package init(_ model: ImportedModel) {
        self.init()
        for (name, values) in model.weights {
            layers[name] = LayerArrays(
                indices: nil, values: values, slots: [], bias: model.biases[name] ?? [], biasSlots: [])
        }
        parameters = model.parameters
    }
}
