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
        let file = try ONNXReader.read(path)
        let options = try input.map { try ImportOptions(file, sample: $0.axes) } ?? ImportOptions()
        let model = try Models.importModel(file, options: options)
        let assumed = options.constants.keys.sorted().map {
            "input \(FileProblem.quote($0)) is 0 everywhere, for the data has none"
        }
        return StartingNetwork(
            graph: try graph(of: model), weights: StartWeights(model),
            notices: (model.facts + assumed).map { "\(Files.name(of: path)): \($0)" }, frame: model.frame,
            targetScale: TargetScale.none)
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
