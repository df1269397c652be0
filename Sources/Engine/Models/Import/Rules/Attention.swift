import Descriptors
import Interchange

/// Attention as one node (from version 23 on): made of the products, masks and softmax that it stands for.
extension ImportRules {
    static let attentionRules: [String: Rule] = ["Attention": attention]

    private static func attention(_ node: ImportNode) throws -> [Importer.Value] {
        guard !(4...6).contains(where: { node.hasInput($0) }) else {
            throw Unsupported("it reads keys of earlier calls (past_key, nonpad_kv_seqlen)")
        }
        let isFlat = try node.required(0).shape.rank == 3, name = node.ownName
        let queries = try heads(node, 0, "q_num_heads")
        let count = queries.shape.axes[1], size = queries.shape.axes[3].size
        let keys = try shared(node, heads(node, 1, "kv_num_heads"), count, name + ".keys")
        let values = try shared(node, heads(node, 2, "kv_num_heads"), count, name + ".values")
        let turned = try node.transposed(keys, [0, 1, 3, 2], name: name + ".keys.turned")
        var scores = try product(node, queries, turned, name: name + ".scores")
        let scale = try node.float("scale", 1 / Float(size).squareRoot())
        scores = try scaled(node, scores, scale, name + ".scaled")
        let cap = try node.float("softcap", 0)
        if cap > 0 {
            scores = try scaled(node, scores, 1 / cap, name + ".capped")
            scores = try node.emit("tanh", [:], [scores], shape: scores.shape, name: name + ".tanh")
            scores = try scaled(node, scores, cap, name + ".lifted")
        }
        if let seen = try window(node, scores.shape) { scores = try masked(node, scores, seen, name + ".causal") }
        if let mask = try node.input(3) { scores = try masked(node, scores, mask, name + ".masked") }
        let axis = try node.sampleAxis(3, of: scores.shape)
        let shares = try node.emit(
            "softmax", ["axis": .integer(axis)], [scores], shape: scores.shape, name: name + ".softmax")
        let answer = try product(node, shares, values, name: name + (isFlat ? ".heads" : ""))
        guard isFlat else { return [answer] }
        let tokens = try node.transposed(answer, [0, 2, 1, 3], name: name)
        let features = FileAxis(tokens.shape.axes[2].size * tokens.shape.axes[3].size)
        return [try node.reshaped(tokens, FileShape([tokens.shape.axes[0], tokens.shape.axes[1], features]))]
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

    /// Which keys each query sees by their places alone; nil: all.
    private static func window(_ node: ImportNode, _ scores: FileShape) throws -> Importer.Value? {
        let isCausal = try node.integer("is_causal", 0) != 0
        let left = try node.integer("left_window_size", -1), right = try node.integer("right_window_size", -1)
        guard isCausal || left >= 0 || right >= 0 else { return nil }
        guard let queries = scores.axes[2].fixed, let keys = scores.axes[3].fixed else {
            throw Unsupported("its tokens \(scores) hold the batch")
        }
        try checkFolded(FileShape(sizes: [queries, keys]))
        let seen = (0..<queries * keys).map { place -> Float in
            let query = place / keys, key = place % keys
            let isSeen =
                (!isCausal || key <= query) && (left < 0 || query - key <= left) && (right < 0 || key - query <= right)
            return isSeen ? 1 : 0
        }
        return Importer.Value(
            shape: FileShape(sizes: [queries, keys]), kind: .truths,
            content: .floats(Constant(Block([queries, keys], seen))))
    }

    /// Truth values choose what is seen; numbers are added.
    private static func masked(
        _ node: ImportNode, _ scores: Importer.Value, _ mask: Importer.Value, _ name: String
    ) throws -> Importer.Value {
        let isChoice = mask.kind == .truths
        let (shape, aligned) = try broadcast(node, [mask, scores] + (isChoice ? [scalar(-.infinity)] : []))
        guard shape == scores.shape else {
            throw node.fault("a mask \(mask.shape) for \(scores.shape)", "no more axes")
        }
        return try node.emit(isChoice ? "where" : "add", [:], aligned, shape: shape, name: name)
    }
}
