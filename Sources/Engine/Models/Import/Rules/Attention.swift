import Descriptors
import Interchange

/// Attention as one node (from version 23 on): made of the products, masks and softmax that it stands for.
extension ImportRules {
    static let attentionRules: [String: Rule] = ["Attention": attention]

    private static func attention(_ node: ImportNode) throws -> [Importer.Value] {
        let isFlat = try node.required(0).shape.rank == 3, name = node.ownName
        let queries = try heads(node, 0, "q_num_heads")
        let count = queries.shape.axes[1], size = queries.shape.axes[3].size
        let allKeys = try behindPast(node, heads(node, 1, "kv_num_heads"), past: 4)
        let allValues = try behindPast(node, heads(node, 2, "kv_num_heads"), past: 5)
        let keys = try shared(node, allKeys, count, name + ".keys")
        let values = try shared(node, allValues, count, name + ".values")
        let turned = try node.transposed(keys, [0, 1, 3, 2], name: name + ".keys.turned")
        var scores = try product(node, queries, turned, name: name + ".scores")
        let scale = try node.float("scale", 1 / Float(size).squareRoot())
        scores = try scaled(node, scores, scale, name + ".scaled")
        // What a file may read of the way there, by the number that it asks with.
        var stages = [scores]
        let cap = try node.float("softcap", 0)
        if cap > 0 {
            scores = try scaled(node, scores, 1 / cap, name + ".capped")
            scores = try node.emit("tanh", [:], [scores], shape: scores.shape, name: name + ".tanh")
            scores = try scaled(node, scores, cap, name + ".lifted")
        }
        stages.append(scores)
        let masks = try AttentionMasks(node, scores: scores.shape)
        scores = try masks.applied(to: scores)
        stages.append(scores)
        let axis = try node.sampleAxis(3, of: scores.shape)
        let shares = try node.emit(
            "softmax", ["axis": .integer(axis)], [scores], shape: scores.shape, name: name + ".softmax")
        let isAnswered = isFlat || masks.hidesRows
        var answer = try product(node, shares, values, name: isAnswered ? name + ".heads" : name)
        answer = try masks.withoutHiddenRows(answer, name: isFlat ? name + ".seen" : name)
        if isFlat {
            let tokens = try node.transposed(answer, [0, 2, 1, 3], name: name)
            let features = FileAxis(tokens.shape.axes[2].size * tokens.shape.axes[3].size)
            answer = try node.reshaped(tokens, FileShape([tokens.shape.axes[0], tokens.shape.axes[1], features]))
        }
        guard node.node.outputs.count > 3 else { return [answer, allKeys, allValues] }
        stages.append(try masks.withoutHiddenRows(shares, name: name + ".shares"))
        let stage = try node.integer("qk_matmul_output_mode", 0)
        guard stages.indices.contains(stage) else { throw node.fault("qk_matmul_output_mode \(stage)", "0 to 3") }
        return [answer, allKeys, allValues, stages[stage]]
    }

    /// Keys or values of this call behind those of earlier ones, where the file reads such.
    private static func behindPast(
        _ node: ImportNode, _ x: Importer.Value, past: Int
    ) throws -> Importer.Value {
        guard let earlier = try node.input(past) else { return x }
        guard earlier.shape.rank == 4, x.shape.rank == 4, let before = earlier.shape.axes[2].fixed,
            let own = x.shape.axes[2].fixed
        else { throw node.fault("\(earlier.shape) before \(x.shape)", "4 axes") }
        var shape = x.shape
        shape.axes[2] = FileAxis(before + own)
        for axis in [0, 1, 3] where earlier.shape.axes[axis] != x.shape.axes[axis] {
            throw node.fault("\(earlier.shape) before \(x.shape)", "the same axes but for the tokens")
        }
        return try node.emit(
            "concat", ["axis": .integer(try node.sampleAxis(2, of: shape))], [earlier, x], shape: shape,
            name: node.ownName + (past == 4 ? ".past.keys" : ".past.values"))
    }

    /// An input as (batch, heads, tokens, features of a head).
    private static func heads(_ node: ImportNode, _ input: Int, _ attribute: String) throws -> Importer.Value {
        let x = try node.required(input)
        if x.shape.rank == 4 { return x }
        guard x.shape.rank == 3, let features = x.shape.axes[2].fixed else {
            throw node.fault("\(x.shape) in input \(input)", "3 or 4 axes")
        }
        let count = try node.integer(attribute, 0)
        guard count > 0, features % count == 0 else {
            throw node.fault("\(attribute) \(count) for \(x.shape)", "heads of one size")
        }
        let split = FileShape([x.shape.axes[0], x.shape.axes[1], FileAxis(count), FileAxis(features / count)])
        return try node.transposed(
            node.reshaped(x, split), [0, 2, 1, 3], name: node.ownName + (input == 0 ? ".q" : input == 1 ? ".k" : ".v"))
    }

    /// Each head repeated for the heads of queries that read it.
    private static func shared(
        _ node: ImportNode, _ x: Importer.Value, _ count: FileAxis, _ name: String
    ) throws -> Importer.Value {
        let axes = x.shape.axes
        if axes[1] == count { return x }
        guard let own = axes[1].fixed, let wanted = count.fixed, own > 0, wanted % own == 0 else {
            throw node.fault("\(axes[1]) heads of keys for \(count)", "a divisor")
        }
        let one = FileShape([axes[0], axes[1], FileAxis(1), axes[2], axes[3]])
        var wide = one
        wide.axes[2] = FileAxis(wanted / own)
        let repeated = try node.emit(
            "expand", ["shape": .integers(wide.sample)], [node.reshaped(x, one)], shape: wide, name: name)
        return try node.reshaped(repeated, FileShape([axes[0], count, axes[2], axes[3]]))
    }

    private static func scaled(
        _ node: ImportNode, _ x: Importer.Value, _ factor: Float, _ name: String
    ) throws -> Importer.Value {
        guard factor.isFinite else { throw node.fault("scale \(factor)", "a finite number") }
        if factor == 1 { return x }
        return try node.emit(
            "affine", ["scale": .number(Double(factor)), "shift": .number(0)], [x], shape: x.shape, name: name)
    }
}
