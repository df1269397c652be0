import Descriptors

/// Sums over axes, and what is made with them.
extension ImportRules {
    static let sumRules: [String: Rule] = [
        "ReduceMean": { try reduce($0, "mean") }, "ReduceSum": { try reduce($0, "sum", axesSince: 13) },
        "ReduceMax": { try reduce($0, "max") }, "ReduceMin": { try reduce($0, "min") },
        "ReduceProd": { try reduce($0, "prod") }, "ReduceL1": { try reduce($0, "l1") },
        "ReduceL2": { try reduce($0, "l2") }, "ReduceSumSquare": { try reduce($0, "sum-square") },
        "ReduceLogSum": { try reduce($0, "log-sum") }, "ReduceLogSumExp": { try reduce($0, "log-sum-exp") },
        "ArgMax": { try extreme($0, "arg-max") }, "ArgMin": { try extreme($0, "arg-min") },
        "Softmax": { try softmax($0, "softmax") }, "LogSoftmax": { try softmax($0, "log-softmax") },
        "LayerNormalization": layerNorm, "RMSNormalization": rootNorm, "SimplifiedLayerNormalization": rootNorm,
        "InstanceNormalization": instanceNorm, "GroupNormalization": groupNorm,
    ]

    private static func reduce(_ node: ImportNode, _ kind: String, axesSince: Int = 18) throws -> [Importer.Value] {
        let x = try node.required(0)
        let given = try node.opset >= axesSince ? node.fixed(1) ?? node.integers("axes") : node.integers("axes")
        let keeps = try node.integer("keepdims", 1) != 0
        if given ?? [] == [], try node.integer("noop_with_empty_axes", 0) != 0 { return [x] }
        let axes = given.flatMap { $0.isEmpty ? nil : $0 } ?? Array(0..<x.shape.rank)
        let own = Set(try axes.map { try node.axis($0, rank: x.shape.rank) })
        if case .wholes(let block) = x.content, let value = try reduce(node, x, block, kind, own, keeps) {
            return [value]
        }
        let sample = try own.sorted().map { try node.sampleAxis($0, of: x.shape) }
        let kept = FileShape(x.shape.axes.enumerated().map { own.contains($0) ? FileAxis(1) : $1 })
        if sample.isEmpty { return [x] }
        let value = try node.emit(
            "reduce", ["kind": .text(kind), "axes": .integers(sample), "keep": .boolean(true)], [x], shape: kept,
            kind: x.kind)
        if keeps { return [value] }
        return [
            try node.reshaped(
                value, FileShape(x.shape.axes.indices.filter { !own.contains($0) }.map { x.shape.axes[$0] }))
        ]
    }

    /// Of shape arithmetic: one number of them all.
    private static func reduce(
        _ node: ImportNode, _ x: Importer.Value, _ block: Block<Whole>, _ kind: String, _ axes: Set<Int>, _ keeps: Bool
    ) throws -> Importer.Value? {
        guard axes.count == x.shape.rank, !x.shape.hasBatch, let first = block.values.first else { return nil }
        let combine: (Whole, Whole) -> Whole?
        switch kind {
        case "sum": combine = Whole.sum
        case "prod": combine = Whole.product
        case "max": combine = { left, right in Whole.isLess(left, right).map { $0 ? right : left } }
        case "min": combine = { left, right in Whole.isLess(left, right).map { $0 ? left : right } }
        default: return nil
        }
        var result = first
        for value in block.values.dropFirst() {
            guard let next = combine(result, value) else { throw Unsupported("a number that is not known before") }
            result = next
        }
        let shape = FileShape(sizes: keeps ? x.shape.axes.map { _ in 1 } : [])
        return Importer.Value(shape: shape, kind: x.kind, content: .wholes(Block(shape.sample, [result])))
    }

    private static func extreme(_ node: ImportNode, _ op: String) throws -> [Importer.Value] {
        let x = try node.required(0)
        let axis = try node.axis(node.integer("axis", 0), rank: x.shape.rank)
        let own = try node.sampleAxis(axis, of: x.shape)
        var kept = x.shape
        kept.axes[axis] = FileAxis(1)
        let value = try node.emit(
            op,
            [
                "axis": .integer(own), "keep": .boolean(true),
                "last": .boolean(try node.integer("select_last_index", 0) != 0),
            ], [x], shape: kept, kind: .wholes)
        if try node.integer("keepdims", 1) != 0 { return [value] }
        kept.axes.remove(at: axis)
        return [try node.reshaped(value, kept)]
    }

    private static func softmax(_ node: ImportNode, _ op: String) throws -> [Importer.Value] {
        let x = try node.required(0), rank = x.shape.rank
        guard rank > 0 else { throw node.fault("a single number", "axes") }
        let isOld = node.opset < 13
        let axis = try node.axis(node.integer("axis", isOld ? 1 : -1), rank: rank)
        if !isOld || axis == rank - 1 {
            let own = try node.sampleAxis(axis, of: x.shape)
            return [try node.emit(op, ["axis": .integer(own)], [x], shape: x.shape)]
        }
        // Before version 13 all axes from this one on are one.
        let rest = x.shape.axes[axis...]
        guard !rest.contains(where: { $0.hasBatch }) else {
            throw Unsupported("it mixes samples: \(x.shape) from axis \(axis)")
        }
        let flat = FileShape(Array(x.shape.axes[..<axis]) + [FileAxis(rest.reduce(1) { $0 * $1.size })])
        let value = try node.emit(
            op, ["axis": .integer(flat.sample.count - 1)], [node.reshaped(x, flat)], shape: flat)
        return [try node.reshaped(value, x.shape)]
    }

    /// A constant of a normalisation under the axes that it has there; nil where it is none, or of another size.
    private static func repeated(_ constant: Constant?, _ axes: [Int]) -> Constant? {
        guard let constant else { return nil }
        var shape = constant.shape
        while shape.count > axes.count, shape.first == 1 { shape.removeFirst() }
        if shape == axes { return constant.reshaped(shape) }
        guard shape.count <= axes.count else { return nil }
        let fits = zip(shape.reversed(), axes.reversed()).allSatisfy { $0 == 1 || $0 == $1 }
        return fits ? Constant(constant.block.reshaped(shape).expanded(axes)) : nil
    }

    private static func layerNorm(_ node: ImportNode) throws -> [Importer.Value] {
        try normalized(node, "layer-norm", hasShift: true)
    }
    private static func rootNorm(_ node: ImportNode) throws -> [Importer.Value] {
        try normalized(node, "rms-norm", hasShift: false)
    }

    private static func normalized(_ node: ImportNode, _ op: String, hasShift: Bool) throws -> [Importer.Value] {
        let x = try node.required(0), rank = x.shape.rank
        guard rank > 0 else { throw node.fault("a single number", "axes") }
        let axis = try node.axis(node.integer("axis", -1), rank: rank)
        let own = try (axis..<rank).map { try node.sampleAxis($0, of: x.shape) }
        let sizes = own.map { x.shape.sample[$0] }
        let epsilon = Double(max(1e-12, try node.float("epsilon", 1e-5)))
        let given = try node.required(1)
        guard let scale = repeated(node.constant(given), sizes) else {
            throw Unsupported("its scale is no constant of the sizes \(sizes)")
        }
        var arguments: [String: Descriptors.Value] = ["axes": .integers(own), "epsilon": .number(epsilon)]
        var parameters = ["weight": scale]
        if hasShift {
            var shift: Constant? = Constant(Block(sizes, [Float](repeating: 0, count: sizes.reduce(1, *))))
            if let value = try node.input(2) { shift = repeated(node.constant(value), sizes) }
            guard let shift else { throw Unsupported("its shift is no constant of the sizes \(sizes)") }
            parameters["bias"] = shift
            arguments["parameters"] = .text("both")
        } else {
            arguments["parameters"] = .text("scale")
        }
        return [
            try node.append(
                op, arguments, [x], shape: x.shape, name: node.layerName(given, scale, input: 1), parameters: parameters
            )
        ]
    }

    private static func instanceNorm(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        let (channels, sizes) = try image(node, x)
        let given = try node.required(1)
        guard let scale = node.constant(given), let shift = node.constant(try node.required(2)),
            scale.values.count == channels, shift.values.count == channels
        else { throw Unsupported("its scale and shift are no constants of \(channels) channels") }
        let epsilon = Double(max(1e-12, try node.float("epsilon", 1e-5)))
        let plain = scale.uniform == 1 && shift.uniform == 0 && !scale.isParameter
        let result = try node.append(
            "instance-norm", ["epsilon": .number(epsilon), "parameters": .text(plain ? "none" : "both")],
            [flatImage(node, x)], shape: FileShape([.batch] + x.shape.axes.dropFirst()),
            name: node.layerName(given, scale, input: 1),
            parameters: plain ? [:] : ["weight": scale.reshaped([channels]), "bias": shift.reshaped([channels])])
        return [try restored(node, result, like: x, channels: channels, sizes: sizes)]
    }

    private static func groupNorm(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        let (channels, sizes) = try image(node, x)
        let given = try node.required(1), groups = try node.integer("num_groups", 1)
        guard groups >= 1, channels % groups == 0 else {
            throw node.fault("\(groups) groups of \(channels) channels", "groups that fit")
        }
        guard var scale = node.constant(given), var shift = node.constant(try node.required(2)) else {
            throw Unsupported("its scale and shift are no constants")
        }
        // Before version 21 one for each group.
        if scale.values.count == groups, groups != channels {
            let each = channels / groups
            scale = Constant(scale.block.reshaped([groups, 1]).expanded([groups, each]))
            shift = Constant(shift.block.reshaped([groups, 1]).expanded([groups, each]))
        }
        guard scale.values.count == channels, shift.values.count == channels else {
            throw node.fault("\(scale.values.count) scales", "\(channels)")
        }
        let epsilon = Double(max(1e-12, try node.float("epsilon", 1e-5)))
        let result = try node.append(
            "group-norm", ["groups": .integer(groups), "epsilon": .number(epsilon), "parameters": .text("both")],
            [flatImage(node, x)], shape: FileShape([.batch] + x.shape.axes.dropFirst()),
            name: node.layerName(given, scale, input: 1),
            parameters: ["weight": scale.reshaped([channels]), "bias": shift.reshaped([channels])])
        return [try restored(node, result, like: x, channels: channels, sizes: sizes)]
    }
}
