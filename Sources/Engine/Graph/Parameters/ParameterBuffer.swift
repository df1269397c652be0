import Kernels

/// A parameter of a network in memory: (count) each.
package final class ParameterBuffer {
    package let node: String
    package let shape: ParameterShape
    package let values: FloatBuffer
    /// Empty where it is not trained.
    package let gradient: FloatBuffer
    /// The optimizer's arrays.
    package let slots: [FloatBuffer]
    /// Not changed by the optimizer, though its role is to be trained.
    package let isFrozen: Bool

    init(node: String, shape: ParameterShape, slots: Int, isFrozen: Bool) {
        self.isFrozen = isFrozen
        self.node = node
        self.shape = shape
        values = FloatBuffer([Float](repeating: shape.initial, count: shape.count))
        gradient = FloatBuffer(count: shape.role == .trained ? shape.count : 0)
        self.slots = shape.role == .trained ? (0..<slots).map { _ in FloatBuffer(count: shape.count) } : []
    }

    package var name: String { "\(node).\(shape.name)" }

    package func state(withSlots: Bool = true) -> ParameterState {
        ParameterState(
            node: node, shape: shape, values: values.array, slots: withSlots ? slots.map(\.array) : [])
    }

    package func set(_ state: ParameterState) {
        func fill(_ buffer: FloatBuffer, _ values: [Float]) {
            for (index, value) in values.enumerated() { buffer[index] = value }
        }
        fill(values, state.values)
        for (slot, values) in zip(slots, state.slots) { fill(slot, values) }
    }
}

/// A parameter free of any network: what checkpoints, previews and files pass around.
package struct ParameterState: Sendable, Equatable {
    package let node: String
    package let shape: ParameterShape
    package var values: [Float]
    package var slots: [[Float]]

    package init(node: String, shape: ParameterShape, values: [Float], slots: [[Float]] = []) {
        self.node = node
        self.shape = shape
        self.values = values
        self.slots = slots
    }

    /// In files: `norm0.running_mean`.
    package var name: String { "\(node).\(shape.name)" }
}

extension Graph {
    /// What a node keeps besides weights.
    package struct NodeParameter: Sendable {
        package let node: String
        package let shape: ParameterShape
        package var name: String { "\(node).\(shape.name)" }
    }

    /// Of all nodes, in their order.
    package var parameters: [NodeParameter] {
        nodes.flatMap { node in
            node.op.parameters(node.inputShapes).map { NodeParameter(node: node.name, shape: $0) }
        }
    }
}
