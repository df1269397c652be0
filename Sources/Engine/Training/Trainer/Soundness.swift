import Graph
import Kernels

/// Numbers that are none.
extension Trainer {
    /// The first array, in the order of the graph, of which some value is NaN or infinite: what a checkpoint holds.
    /// - Complexity: O(weights and their optimizer state).
    func firstNonFinite() -> (node: String, what: String)? {
        var layers = network.layers.makeIterator()
        var norms = network.norms.makeIterator()
        for node in network.graph.nodes {
            if node.weightShape != nil, let layer = layers.next() {
                let slots = layer.slots + layer.biasSlots
                for (what, arrays) in [
                    ("weights", [layer.values]), ("biases", [layer.bias]), ("optimizer state", slots),
                ]
                where !arrays.allSatisfy(\.isFinite) {
                    return (node.name, what)
                }
            } else if node.op.normalizes, let norm = norms.next() {
                let slots = norm.scaleSlots + norm.shiftSlots
                for (what, arrays) in [
                    ("running statistics", [norm.mean, norm.variance]), ("scale and shift", [norm.scale, norm.shift]),
                    ("optimizer state", slots),
                ] where !arrays.allSatisfy(\.isFinite) {
                    return (node.name, what)
                }
            }
        }
        return nil
    }

    /// The same of what a training step does not read back: a loss may be a number while running statistics are none.
    /// - Complexity: O(channels).
    func firstNonFiniteNorm() -> (node: String, what: String)? {
        for norm in network.norms where !norm.mean.isFinite || !norm.variance.isFinite {
            return (norm.name, "running statistics")
        }
        return nil
    }

    /// The first layer, in the order of the graph, whose weights or outputs are not finite.
    func firstNonFiniteLayer() -> String {
        var layer = 0
        for (number, node) in network.graph.nodes.enumerated() {
            let isWeighted = node.op.weightShape(node.inputShapes) != nil
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
    /// The layer or normalisation that holds a number which is none.
    func firstNonFinite() -> String? {
        func isFinite(_ arrays: [[Float]]) -> Bool { arrays.allSatisfy { $0.allSatisfy(\.isFinite) } }
        for layer in layers {
            let arrays = layer.arrays
            if !isFinite([arrays.values, arrays.bias] + arrays.slots + arrays.biasSlots) { return layer.name }
        }
        for norm in norms {
            let arrays = [norm.scale, norm.shift, norm.mean, norm.variance]
            if !isFinite(arrays + norm.scaleSlots + norm.shiftSlots) { return norm.name }
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
