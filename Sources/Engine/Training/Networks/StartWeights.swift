import Graph
import Interchange
import Models

/// Weights that a network starts with in place of random ones, by name.
package struct StartWeights: Sendable {
    /// By node; without optimizer state.
    package var layers: [String: LayerArrays] = [:]
    /// By `node.parameter`.
    package var parameters: [String: [Float]] = [:]

    package init() {}

    /// Whether some of it is cut.
    package var isSparse: Bool { layers.values.contains { $0.indices != nil } }

    package init(_ graph: Graph, layers: [LayerArrays], parameters: [ParameterState]) {
        for (node, arrays) in zip(graph.nodes.filter { $0.ownWeights != nil }, layers) {
            self.layers[node.name] = arrays
        }
        for parameter in parameters { self.parameters[parameter.name] = parameter.values }
    }

    /// Puts them where name and size fit; the rest of the network stays as it is.
    package func apply(to network: Network) {
        for layer in network.layers {
            guard var arrays = layers[layer.name], arrays.bias.count == layer.bias.count else { continue }
            let count = arrays.values.count
            arrays.slots = layer.slots.map { _ in [Float](repeating: 0, count: count) }
            arrays.biasSlots = layer.biasSlots.map { _ in [Float](repeating: 0, count: layer.bias.count) }
            layer.set(arrays)
        }
        for parameter in network.parameters {
            guard let values = parameters[parameter.name], values.count == parameter.shape.count else { continue }
            parameter.set(ParameterState(node: parameter.node, shape: parameter.shape, values: values))
        }
    }

    /// - Parameter path: of the file that they are of.
    /// - Throws: `FileProblem` where the network would begin with numbers that no training leads back from.
    package func requireFinite(_ graph: Graph, path: String) throws {
        func require(_ name: String, _ values: [Float], isMask: Bool = false) throws {
            let wrong = values.count { isMask ? $0.isNaN : !$0.isFinite }
            guard wrong > 0 else { return }
            throw FileProblem(
                path: path, place: name,
                found: "\(wrong) of \(values.count) numbers that are NaN or infinite",
                expected: "finite numbers: such weights cannot be trained")
        }
        for node in graph.nodes where node.ownWeights != nil {
            guard let arrays = layers[node.name] else { continue }
            try require("layer '\(node.name)'", arrays.values + arrays.bias)
        }
        for parameter in graph.parameters {
            // Masks are infinite, and stay as they are.
            let isMask = parameter.shape.role == .fixed
            try require(parameter.name, parameters[parameter.name] ?? [], isMask: isMask)
        }
    }

    /// Weights that are zero count as cut from now on.
    package mutating func cutZeros(where isPrunable: (String) -> Bool) {
        for (name, arrays) in layers where isPrunable(name) && arrays.values.contains(0) {
            layers[name] = arrays.keeping(arrays.values.map { $0 != 0 })
        }
    }
}

/// What a run starts with: a graph and, where it does not start at random, its weights.
package struct StartingNetwork: Sendable {
    package var graph: Graph
    package var weights: StartWeights?
    /// What is worth knowing of it before the first step.
    package var notices: [String] = []
    /// The ONNX file that it came from, without its weights, for going out as that file again.
    package var frame: ONNXFrame?
    /// What its outputs answer in; nil: its last layer is still to be taught.
    package var targetScale: TargetScale?

    package init(
        graph: Graph, weights: StartWeights? = nil, notices: [String] = [], frame: ONNXFrame? = nil,
        targetScale: TargetScale? = nil
    ) {
        self.targetScale = targetScale
        self.graph = graph
        self.weights = weights
        self.notices = notices
        self.frame = frame
    }
}
