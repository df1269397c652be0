import Descriptors
import Interchange

/// The largest values along an axis at their places and zeros elsewhere, which ONNX says in two nodes: TopK, and a ScatterElements
/// that puts what it found onto zeros.
struct KeptLargest {
    /// Name of the other output of TopK.
    var places: String
    /// In the file.
    var axis: Int
    var value: Importer.Value
}

extension ImportRules {
    static let largestRules: [String: Rule] = [
        "TopK": topK,
        "ScatterElements": { _ in throw Unsupported("it puts on zeros what TopK found, and nothing else here") },
    ]

    /// Its outputs are not made: whoever reads them otherwise is told.
    private static func topK(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        let axis = try node.axis(node.integer("axis", -1), rank: x.shape.rank)
        let own = try node.sampleAxis(axis, of: x.shape), axes = x.shape.sample
        guard try node.integer("largest", 1) != 0 else { throw Unsupported("the smallest values are not kept here") }
        guard axes.count <= 2, own == axes.count - 1 else {
            throw Unsupported("along axis \(axis) of \(x.shape): the values of a sample are in a row, or by channels")
        }
        guard let count = try node.fixed(1)?.first, (1...axes[own]).contains(count), node.node.outputs.count == 2 else {
            throw Unsupported("its number of values is none of 1 to \(axes[own])")
        }
        let share = Double(count) / Double(axes[own])
        let value = try node.emit(
            "top-k", ["keep": .number(share), "over": .text(axes.count == 2 ? "channel" : "layer")], [x],
            shape: x.shape)
        node.importer.largest[node.node.outputs[0]] = KeptLargest(
            places: node.node.outputs[1], axis: axis, value: value)
        return []
    }
}

extension Importer {
    /// What a ScatterElements makes of the outputs of a TopK; nil where it is another one.
    func scattered(_ node: ONNXNode) throws -> Value? {
        guard node.type == "ScatterElements", node.inputs.count == 3, let held = largest[node.inputs[2]],
            node.inputs[1] == held.places, let zeros = try value(node.inputs[0])
        else { return nil }
        let rank = held.value.shape.rank
        var axis = 0
        if case .integer(let given)? = node.attributes["axis"] { axis = given < 0 ? given + rank : given }
        if case .text(let reduction)? = node.attributes["reduction"], reduction != "none" { return nil }
        guard axis == held.axis, zeros.shape == held.value.shape,
            floats(zeros)?.values.allSatisfy({ $0 == 0 }) == true
        else { return nil }
        return held.value
    }
}
