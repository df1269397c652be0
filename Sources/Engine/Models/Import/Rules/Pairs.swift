import Descriptors

/// Operators of two and more values that are broadcast.
extension ImportRules {
    static let pairRules: [String: Rule] = [
        "Add": { try pair($0, "add") { Whole.sum($0, $1) } },
        "Sub": { try pair($0, "sub") { Whole.difference($0, $1) } },
        "Mul": { try pair($0, "mul") { Whole.product($0, $1) } },
        "Div": { try pair($0, "div") { Whole.quotient($0, $1) } },
        "Mod": { try pair($0, "mod") { Whole.remainder($0, $1) } },
        "Pow": { try pair($0, "pow") { power($0, $1) } },
        "Min": { try pair($0, "min") { left, right in Whole.isLess(left, right).map { $0 ? left : right } } },
        "Max": { try pair($0, "max") { left, right in Whole.isLess(left, right).map { $0 ? right : left } } },
        "Sum": { try pair($0, "add") { Whole.sum($0, $1) } },
        "And": { try pair($0, "mul", .truths) { truth($0, $1) { $0 && $1 } } },
        "Or": { try pair($0, "max", .truths) { truth($0, $1) { $0 || $1 } } },
        "Equal": { try pair($0, "equal", .truths) { truth(Whole.isEqual($0, $1)) } },
        "Less": { try pair($0, "less", .truths) { truth(Whole.isLess($0, $1)) } },
        "Greater": { try pair($0, "greater", .truths) { truth(Whole.isLess($1, $0)) } },
        "LessOrEqual": { try pair($0, "less-or-equal", .truths) { truth(Whole.isLess($1, $0).map(!)) } },
        "GreaterOrEqual": { try pair($0, "greater-or-equal", .truths) { truth(Whole.isLess($0, $1).map(!)) } },
        "Where": choose,
    ]

    private static func truth(_ value: Bool?) -> Whole? { value.map { Whole($0 ? 1 : 0) } }

    private static func truth(_ left: Whole, _ right: Whole, _ both: (Bool, Bool) -> Bool) -> Whole? {
        guard let left = left.isZero, let right = right.isZero else { return nil }
        return Whole(both(!left, !right) ? 1 : 0)
    }

    private static func power(_ base: Whole, _ exponent: Whole) -> Whole? {
        guard let exponent = exponent.fixed, (0...64).contains(exponent) else { return nil }
        return (0..<exponent).reduce(Whole(1)) { result, _ in result.flatMap { Whole.product($0, base) } }
    }

    /// What several values are together, and each as it stands in that: an axis of 1 where the others have the batch is taken out of
    /// the sample.
    static func broadcast(
        _ node: ImportNode, _ values: [Importer.Value]
    ) throws -> (FileShape, [Importer.Value]) {
        let rank = values.map(\.shape.rank).max() ?? 0
        var axes: [FileAxis] = []
        for back in (1...max(1, rank)).reversed() where back <= rank {
            let here = values.compactMap { $0.shape.rank >= back ? $0.shape.axes[$0.shape.rank - back] : nil }
            guard
                let axis = here.first(where: { $0.hasBatch }) ?? here.first(where: { $0 != FileAxis(1) }) ?? here.first
            else { continue }
            for (value, other) in zip(values, here) where other != axis && other != FileAxis(1) {
                if axis.hasBatch, let fixed = node.importer.fixedBatch, other.fixed == fixed * axis.size {
                    throw Unsupported("an operand of \(fixed) samples is another for each of them")
                }
                throw node.fault(
                    "\(value.shape) beside \(values.map(\.shape.description).joined(separator: ", "))",
                    "shapes that can be broadcast")
            }
            axes.append(axis)
        }
        let shape = FileShape(axes)
        let aligned = try values.map { value -> Importer.Value in
            var own = value.shape
            let shift = shape.rank - own.rank
            for axis in own.axes.indices where shape.axes[axis + shift].isBatchAlone && own.axes[axis] == FileAxis(1) {
                own.axes[axis] = .batch
            }
            return own == value.shape ? value : try node.reshaped(value, own)
        }
        return (shape, aligned)
    }

    private static func pair(
        _ node: ImportNode, _ op: String, _ kind: ONNXValueKind? = nil, whole: (Whole, Whole) -> Whole?
    ) throws -> [Importer.Value] {
        var result = try node.required(0)
        let count = node.node.inputs.count
        if node.opset < 7, try node.integer("broadcast", 0) != 0, node.node.attributes["axis"] != nil {
            throw Unsupported("it is broadcast by an axis, as before version 7")
        }
        for number in 1..<max(1, count) {
            let right = try node.required(number)
            let name = number == count - 1 ? node.ownName : "\(node.ownName).\(number)"
            result = try pair(node, op, kind, result, right, name: name, whole: whole)
        }
        if let kind { result.kind = kind }
        return [result]
    }

    private static func pair(
        _ node: ImportNode, _ op: String, _ kind: ONNXValueKind?, _ left: Importer.Value, _ right: Importer.Value,
        name: String, whole: (Whole, Whole) -> Whole?
    ) throws -> Importer.Value {
        let (shape, aligned) = try broadcast(node, [left, right])
        let kind = kind ?? left.kind
        try checkFolded(left.isConstant && right.isConstant ? shape : FileShape([]))
        if case .wholes(let a) = aligned[0].content, case .wholes(let b) = aligned[1].content {
            let results = try zip(a.expanded(shape.sample).values, b.expanded(shape.sample).values).map { left, right in
                guard let result = whole(left, right) else {
                    throw Unsupported(
                        "it computes \(op) of \(left) and \(right), which is no whole number known before")
                }
                return result
            }
            return Importer.Value(shape: shape, kind: kind, content: .wholes(Block(shape.sample, results)))
        }
        // Scalars in the second place, and in the first where that is as easy.
        if !aligned[0].isConstant, let number = frozen(node, aligned[1]) {
            if let value = try byNumber(node, op, aligned[0], number, isFirst: false, shape, kind, name) {
                return value
            }
        } else if !aligned[1].isConstant, let number = frozen(node, aligned[0]) {
            if let value = try byNumber(node, op, aligned[1], number, isFirst: true, shape, kind, name) { return value }
        }
        guard op != "mod" else { throw Unsupported("it is computed here for whole numbers of shapes alone") }
        // Division of whole numbers goes towards zero.
        if op == "div", left.kind == .wholes, right.kind == .wholes, !left.isConstant || !right.isConstant {
            throw Unsupported("it divides whole numbers of the input")
        }
        return try node.emit(op, [:], aligned, shape: shape, kind: kind, name: name)
    }

    /// The number that a constant is, where it is one and nothing that training would change.
    private static func frozen(_ node: ImportNode, _ value: Importer.Value) -> Float? {
        guard let constant = node.constant(value), constant.values.count == 1, !constant.isParameter else { return nil }
        return constant.values[0]
    }

    private static func byNumber(
        _ node: ImportNode, _ op: String, _ x: Importer.Value, _ number: Float, isFirst: Bool, _ shape: FileShape,
        _ kind: ONNXValueKind, _ name: String
    ) throws -> Importer.Value? {
        guard number.isFinite, shape.sample == x.shape.sample || shape.rank > x.shape.rank else { return nil }
        let x = try node.reshaped(x, shape)
        func affine(_ scale: Double, _ shift: Double) throws -> Importer.Value {
            if scale == 1, shift == 0 { return Importer.Value(shape: shape, kind: kind, content: x.content) }
            return try node.emit(
                "affine", ["scale": .number(scale), "shift": .number(shift)], [x], shape: shape, kind: kind, name: name)
        }
        let value = Double(number)
        switch op {
        case "add": return try affine(1, value)
        case "sub": return isFirst ? try affine(-1, value) : try affine(1, -value)
        case "mul": return try affine(value, 0)
        case "div" where !isFirst && x.kind != .wholes && value != 0 && (1 / number).isFinite:
            return try node.emit(
                "affine", ["scale": .number(1 / value), "shift": .number(0)], [x], shape: shape, kind: kind, name: name)
        case "pow" where !isFirst:
            return try node.emit("power", ["exponent": .number(value)], [x], shape: shape, kind: kind, name: name)
        default: return nil
        }
    }

    /// Numbers that are another for each sample are summed and multiplied, no more.
    static let ofSamples = Unsupported("it depends on the number of the sample within its batch")

    private static func choose(_ node: ImportNode) throws -> [Importer.Value] {
        let inputs = [try node.required(0), try node.required(1), try node.required(2)]
        let (shape, aligned) = try broadcast(node, inputs)
        try checkFolded(inputs.allSatisfy(\.isConstant) ? shape : FileShape([]))
        let wholes = aligned.compactMap { value -> Block<Whole>? in
            if case .wholes(let block) = value.content { return block.expanded(shape.sample) }
            return nil
        }
        let kind = inputs[1].kind
        if wholes.count == 3 {
            let results = try wholes[0].values.indices.map { index in
                guard let isZero = wholes[0].values[index].isZero else { throw ofSamples }
                return isZero ? wholes[2].values[index] : wholes[1].values[index]
            }
            return [Importer.Value(shape: shape, kind: kind, content: .wholes(Block(shape.sample, results)))]
        }
        // Exporters guard their softplus, which needs no guard: of a large number it is that number.
        if let same = guarded(node) { return [same] }
        return [try node.emit("where", [:], aligned, shape: shape, kind: kind)]
    }

    /// `Where(x > limit, x, Softplus(x))`, with a limit beyond which both are the same float.
    private static func guarded(_ node: ImportNode) -> Importer.Value? {
        let plan = node.importer.plan
        func maker(_ input: Int) -> Plan.Node? {
            guard let value = try? node.required(input), case .node(let number) = value.content else { return nil }
            return plan.nodes.last { $0.output == number }
        }
        guard let value = try? node.required(2), let soft = maker(2), soft.op == "softplus", let test = maker(0),
            test.op == "greater", test.inputs.first == soft.inputs[0],
            let limit = plan.values[test.inputs[1]].constant?.uniform, limit >= 20,
            let kept = try? node.required(1), case .node(let x) = kept.content, x == soft.inputs[0]
        else { return nil }
        return value
    }
}

extension Constant {
    /// Whether it is something that the file's author trained: exporters number what they made themselves.
    var isParameter: Bool {
        guard let origin, origin.isTrained else { return false }
        let name = origin.name
        return !name.hasPrefix("onnx::") && !name.hasPrefix("val_") && !name.hasPrefix("/")
            && !name.hasPrefix("scalar_tensor")
            && !name.hasPrefix("_") && Int(name) == nil && !name.contains("Constant")
    }
}
