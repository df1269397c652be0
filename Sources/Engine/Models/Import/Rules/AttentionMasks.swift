import Descriptors
import Interchange

/// Which keys each query of an attention sees: by their places, by how many are there, by a mask of the file.
///
/// What is hidden has the score −∞. A query that sees no key would then have the softmax of nothing, which is no number; ONNX
/// answers 0. Where that can be, the lowest finite number stands for −∞, and such rows are 0 behind the product with the values.
struct AttentionMasks {
    private let node: ImportNode
    /// Numbers that are added to the scores.
    private var added: Importer.Value?
    /// Truth values that choose.
    private var chosen: [(mask: Importer.Value, name: String)] = []
    /// By query: whether it sees a key; nil where each does.
    private var isSeeing: Importer.Value?

    /// - Parameter scores: (batch, heads, queries, keys)
    init(_ node: ImportNode, scores: FileShape) throws {
        self.node = node
        guard let queries = scores.axes[2].fixed, let keys = scores.axes[3].fixed else {
            throw Unsupported("its tokens \(scores) hold the batch")
        }
        try ImportRules.checkFolded(FileShape(sizes: [queries, keys]))
        let count = try node.input(6)
        if count != nil, node.hasInput(4) { throw node.fault("past_key beside nonpad_kv_seqlen", "one of them") }
        if let count { chosen.append((try Self.present(node, count, keys: keys), "present")) }
        if let window = try Self.window(node, queries: queries, keys: keys, count: count) {
            chosen.append((window, "causal"))
        }
        if let mask = try node.input(3) {
            let mask = try Self.filled(node, mask, keys: keys)
            if mask.kind == .truths { chosen.append((mask, "masked")) } else { added = mask }
        }
        isSeeing = try seeing()
    }

    /// Whether there may be a query that sees nothing.
    var hidesRows: Bool { isSeeing != nil }

    func applied(to scores: Importer.Value) throws -> Importer.Value {
        let lowest = -Float.greatestFiniteMagnitude
        var scores = scores
        // What is added comes first: two of the lowest numbers together would be −∞ again.
        if var mask = added {
            if hidesRows {
                mask = try node.emit(
                    "clip", ["min": .number(Double(lowest))], [mask], shape: mask.shape,
                    name: node.ownName + ".finite")
            }
            scores = try masked(scores, "add", [mask, scores], "masked")
        }
        for (mask, name) in chosen {
            let hidden = ImportRules.scalar(hidesRows ? lowest : -.infinity)
            scores = try masked(scores, "where", [mask, scores, hidden], name)
        }
        return scores
    }

    private func masked(
        _ scores: Importer.Value, _ op: String, _ inputs: [Importer.Value], _ name: String
    ) throws -> Importer.Value {
        let (shape, aligned) = try ImportRules.broadcast(node, inputs)
        guard shape == scores.shape else {
            throw node.fault("a mask \(inputs[0].shape) for \(scores.shape)", "no more axes")
        }
        return try node.emit(op, [:], aligned, shape: shape, name: "\(node.ownName).\(name)")
    }

    /// A value by queries, with zeros for those that see nothing.
    func withoutHiddenRows(_ value: Importer.Value, name: String) throws -> Importer.Value {
        guard let isSeeing else { return value }
        // Chosen, not multiplied: what is no number stays none times 0.
        let (shape, aligned) = try ImportRules.broadcast(node, [isSeeing, value, ImportRules.scalar(0)])
        return try node.emit("where", [:], aligned, shape: shape, name: name)
    }

    private func seeing() throws -> Importer.Value? {
        var truths = chosen.map(\.mask)
        if let added {
            truths.append(
                try compared("greater", added, ImportRules.scalar(-.infinity), node.ownName + ".added.seen"))
        }
        guard var seen = truths.first else { return nil }
        for other in truths.dropFirst() { seen = try compared("mul", seen, other, node.ownName + ".seen.keys") }
        var shape = seen.shape
        let last = shape.rank - 1
        let axis = try node.sampleAxis(last, of: shape)
        shape.axes[last] = FileAxis(1)
        let any = try node.emit(
            "reduce", ["kind": .text("max"), "axes": .integers([axis]), "keep": .boolean(true)], [seen], shape: shape,
            kind: .truths, name: node.ownName + ".seen.rows")
        return node.constant(any)?.values.allSatisfy { $0 != 0 } == true ? nil : any
    }

    private func compared(
        _ op: String, _ left: Importer.Value, _ right: Importer.Value, _ name: String
    ) throws -> Importer.Value {
        let (shape, aligned) = try ImportRules.broadcast(node, [left, right])
        return try node.emit(op, [:], aligned, shape: shape, kind: .truths, name: name)
    }

    // MARK: What is seen

    private static func table(_ shape: [Int], _ value: (_ place: Int) -> Float) -> Importer.Value {
        let count = shape.reduce(1, *)
        return Importer.Value(
            shape: FileShape(sizes: shape), kind: .truths,
            content: .floats(Constant(Block(shape, (0..<count).map(value)))))
    }

    /// One number of keys for each sample, as something beside (batch, heads, queries, keys).
    private static func counts(_ node: ImportNode, _ count: Importer.Value) throws -> Importer.Value {
        guard count.shape.rank == 1 else { throw node.fault("nonpad_kv_seqlen \(count.shape)", "one number a sample") }
        return try node.reshaped(
            count, FileShape([count.shape.axes[0], FileAxis(1), FileAxis(1), FileAxis(1)]))
    }

    private static func compared(
        _ node: ImportNode, _ op: String, _ places: Importer.Value, _ count: Importer.Value, _ name: String
    ) throws -> Importer.Value {
        let (shape, aligned) = try ImportRules.broadcast(node, [places, counts(node, count)])
        return try node.emit(op, [:], aligned, shape: shape, kind: .truths, name: "\(node.ownName).\(name)")
    }

    private static func present(_ node: ImportNode, _ count: Importer.Value, keys: Int) throws -> Importer.Value {
        try compared(node, "less", table([keys]) { Float($0) }, count, "present")
    }

    /// Which keys each query sees by their places alone; nil: all. Queries stand behind the keys of earlier calls, or are the last
    /// of those that the file counts.
    private static func window(
        _ node: ImportNode, queries: Int, keys: Int, count: Importer.Value?
    ) throws -> Importer.Value? {
        let right = try node.integer("is_causal", 0) != 0 ? 0 : node.integer("right_window_size", -1)
        let left = try node.integer("left_window_size", -1)
        guard right >= 0 || left >= 0 else { return nil }
        // How far a key stands behind the query, were both counted from the first.
        func distance(_ place: Int) -> Int { place % keys - place / keys }
        guard let count else {
            let earlier = try node.input(4)?.shape.axes[2].size ?? 0
            return table([queries, keys]) { place in
                let behind = distance(place) - earlier
                return (right < 0 || behind <= right) && (left < 0 || -behind <= left) ? 1 : 0
            }
        }
        var seen: Importer.Value?
        if right >= 0 {
            let places = table([queries, keys]) { Float(distance($0) + queries - right) }
            seen = try compared(node, "less-or-equal", places, count, "before")
        }
        if left >= 0 {
            let places = table([queries, keys]) { Float(distance($0) + queries + left) }
            let near = try compared(node, "greater-or-equal", places, count, "near")
            guard let other = seen else { return near }
            seen = try node.emit(
                "mul", [:], [other, near], shape: near.shape, kind: .truths, name: node.ownName + ".window")
        }
        return seen
    }

    /// A mask of fewer keys hides the others.
    private static func filled(_ node: ImportNode, _ mask: Importer.Value, keys: Int) throws -> Importer.Value {
        guard let last = mask.shape.axes.last?.fixed else {
            throw node.fault("a mask \(mask.shape)", "axes, the last of keys")
        }
        guard last < keys else { return mask }
        var rest = mask.shape, shape = mask.shape
        rest.axes[rest.rank - 1] = FileAxis(keys - last)
        shape.axes[shape.rank - 1] = FileAxis(keys)
        let hidden: Float = mask.kind == .truths ? 0 : -.infinity
        let values = [Float](repeating: hidden, count: rest.sample.reduce(1, *))
        let behind = Importer.Value(
            shape: rest, kind: mask.kind, content: .floats(Constant(Block(rest.sample, values))))
        return try node.emit(
            "concat", ["axis": .integer(try node.sampleAxis(shape.rank - 1, of: shape))], [mask, behind], shape: shape,
            kind: mask.kind, name: node.ownName + ".filled")
    }
}
