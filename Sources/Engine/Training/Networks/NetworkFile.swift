import Graph
import Interchange

/// Files that hold a network with its weights, by what they are.
enum NetworkFile {
    /// - Parameter input: shape of a sample, for what the file leaves open; nil where there is no data.
    /// - Throws: `FileProblem`.
    static func read(_ path: String, input: Shape?) throws -> StartingNetwork {
        if path.hasSuffix(".safetensors") {
            let kept = try KeptNetwork.read(path)
            return StartingNetwork(
                graph: kept.graph,
                weights: StartWeights(kept.graph, layers: kept.layers.map(\.arrays), parameters: kept.parameters),
                notices: kept.warning.map { [$0] } ?? [])
        }
        throw FileProblem(path: path, place: "name", found: path, expected: "a name that ends in .onnx or .safetensors")
    }
}
