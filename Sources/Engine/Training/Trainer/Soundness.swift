import Graph
import Kernels

/// Numbers that are none.
extension Trainer {
    /// The first array, in the order of the graph, of which some value is NaN or infinite: what a checkpoint holds.
    /// - Complexity: O(weights and their optimizer state).
    func firstNonFinite() -> (node: String, what: String)? {
        var layers = network.layers.makeIterator()
        var parameters = network.parameters[...]
        for node in network.graph.nodes {
            if node.ownWeights != nil, let layer = layers.next() {
                let slots = layer.slots + layer.biasSlots
                for (what, arrays) in [
                    ("weights", [layer.values]), ("biases", [layer.bias]), ("optimizer state", slots),
                ]
                where !arrays.allSatisfy(\.isFinite) {
                    return (node.name, what)
                }
            }
            let own = parameters.prefix(node.op.parameters(node.inputShapes).count)
            parameters = parameters.dropFirst(own.count)
            // What a loss does not show is told before what comes of it. What is fixed stays as it was given: masks are infinite.
            for role in [ParameterShape.Role.statistic, .trained] {
                for parameter in own where parameter.shape.role == role && !parameter.values.isFinite {
                    return (node.name, parameter.shape.summary)
                }
            }
            if !own.flatMap(\.slots).allSatisfy(\.isFinite) { return (node.name, "optimizer state") }
        }
        return nil
    }

    /// The same of what a training step does not read back: a loss may be a number while running statistics are none.
    /// - Complexity: O(channels).
    func firstNonFiniteStatistic() -> (node: String, what: String)? {
        for parameter in network.parameters where parameter.shape.role == .statistic && !parameter.values.isFinite {
            return (parameter.node, parameter.shape.summary)
        }
        return nil
    }

    /// The first layer, in the order of the graph, whose weights or outputs are not finite.
    func firstNonFiniteLayer() -> String {
        var layer = 0
        for (number, node) in network.graph.nodes.enumerated() {
            let isWeighted = node.ownWeights != nil
            if isWeighted {
                layer += 1
                if !network.layers[layer - 1].values.isFinite { return node.name }
            }
            if !network.tensors[number + 1].values.isFinite { return node.name }
        }
        return network.graph.nodes.last?.name ?? "?"
    }
}

extension TrainingState {
    /// The node that holds a number which is none.
    func firstNonFinite() -> String? {
        func isFinite(_ arrays: [[Float]]) -> Bool { arrays.allSatisfy { $0.allSatisfy(\.isFinite) } }
        for layer in layers {
            let arrays = layer.arrays
            if !isFinite([arrays.values, arrays.bias] + arrays.slots + arrays.biasSlots) { return layer.name }
        }
        for parameter in parameters where parameter.shape.role != .fixed {
            if !isFinite([parameter.values] + parameter.slots) { return parameter.node }
        }
        return nil
    }
}

extension FloatBuffer {
    /// Without a branch a value, so that the compiler makes vectors of it.
    fileprivate var isFinite: Bool {
        var found: UInt32 = 0
        for value in UnsafeBufferPointer(start: pointer, count: count) {
            let exponent = value.bitPattern & 0x7F80_0000
            found |= exponent == 0x7F80_0000 ? 1 : 0
        }
        return found == 0
    }
}
