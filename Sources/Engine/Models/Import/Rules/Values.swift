import Descriptors

/// Operators that do something to each value by itself.
extension ImportRules {
    static let valueRules: [String: Rule] = [
        "Relu": { try unary($0, "relu") }, "LeakyRelu": { try unary($0, "leaky-relu", ["alpha": ("alpha", 0.01)]) },
        "Elu": { try unary($0, "elu", ["alpha": ("alpha", 1)]) },
        "Celu": { try unary($0, "celu", ["alpha": ("alpha", 1)]) },
        "Selu": { try unary($0, "selu", ["alpha": ("alpha", 1.673_263_2), "gamma": ("gamma", 1.050_701)]) },
        "Sigmoid": { try unary($0, "sigmoid") }, "Tanh": { try unary($0, "tanh") }, "Mish": { try unary($0, "mish") },
        "Softplus": { try unary($0, "softplus") }, "Softsign": { try unary($0, "softsign") },
        "Erf": { try unary($0, "erf") }, "Sqrt": { try unary($0, "sqrt") }, "Exp": { try unary($0, "exp") },
        "Log": { try unary($0, "log") }, "Reciprocal": { try unary($0, "reciprocal") },
        "HardSwish": { try unary($0, "hard-swish") },
        "HardSigmoid": { try unary($0, "hard-sigmoid", ["alpha": ("alpha", 0.2), "beta": ("beta", 0.5)]) },
        "Swish": { try unary($0, "silu", ["alpha": ("alpha", 1)]) },
        "Floor": { try unary($0, "floor") }, "Ceil": { try unary($0, "ceil") }, "Round": { try unary($0, "round") },
        "Sign": { try unary($0, "sign") }, "Neg": { try signed($0, "neg") { Whole.product($0, Whole(-1)) } },
        "Abs": { try signed($0, "abs") { Whole.magnitude($0) } },
        "Gelu": { node in
            try unary(node, "gelu", more: ["approximate": .text(try node.text("approximate", "none"))])
        },
        "ThresholdedRelu": { node in
            let x = try node.required(0), alpha = try node.float("alpha", 1)
            // Above a number is from the next one on.
            if alpha >= 0, alpha < 1e30 {
                let threshold = Double(alpha.nextUp)
                return [try node.emit("fat-relu", ["threshold": .number(threshold)], [x], shape: x.shape)]
            }
            let isAbove = try node.emit(
                "greater", [:], [x, scalar(alpha)], shape: x.shape, kind: .truths, name: node.ownName + ".above")
            return [try node.emit("mul", [:], [x, isAbove], shape: x.shape)]
        },
        "Clip": clip, "PRelu": prelu, "Not": not, "Cast": cast,
        "CastLike": { try cast($0, to: $0.required(1).kind) },
        "Identity": { [try $0.required(0)] }, "IsNaN": isNaN,
        "Dropout": dropout,
    ]

    static func scalar(_ value: Float) -> Importer.Value {
        Importer.Value(shape: FileShape([]), kind: .numbers, content: .floats(Constant(Block([], [value]))))
    }

    private static func unary(
        _ node: ImportNode, _ op: String, _ numbers: [String: (String, Float)] = [:],
        more: [String: Descriptors.Value] = [:]
    ) throws -> [Importer.Value] {
        let x = try node.required(0)
        var arguments = more
        for (ours, (theirs, fallback)) in numbers {
            arguments[ours] = .number(Double(try node.float(theirs, fallback)))
        }
        return [try node.emit(op, arguments, [x], shape: x.shape, kind: x.kind)]
    }

    /// Of whole numbers too.
    private static func signed(
        _ node: ImportNode, _ op: String, _ whole: (Whole) -> Whole?
    ) throws -> [Importer.Value] {
        let x = try node.required(0)
        guard case .wholes(let block) = x.content else { return try unary(node, op) }
        let results = block.values.compactMap(whole)
        guard results.count == block.count else { throw Unsupported("a whole number beyond 64 bits") }
        return [Importer.Value(shape: x.shape, kind: x.kind, content: .wholes(Block(block.shape, results)))]
    }

    private static func clip(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        func bound(_ input: Int, _ name: String) throws -> Double? {
            if node.hasInput(input) {
                guard let constant = node.constant(try node.input(input)), let value = constant.uniform else {
                    throw Unsupported("its bounds are no constant numbers")
                }
                return Double(value)
            }
            return node.node.attributes[name] == nil ? nil : Double(try node.float(name, 0))
        }
        // Beyond the largest finite number a bound bounds nothing.
        let most = Double(Float.greatestFiniteMagnitude)
        var arguments: [String: Descriptors.Value] = [:]
        let greatest = try bound(2, "max").flatMap { $0 < most ? max($0, -most) : nil }
        // Where they are the wrong way round every value becomes the upper one.
        if let least = try bound(1, "min"), least > -most { arguments["min"] = .number(min(least, greatest ?? most)) }
        if let greatest { arguments["max"] = .number(greatest) }
        if arguments.isEmpty { return [x] }
        return [try node.emit("clip", arguments, [x], shape: x.shape, kind: x.kind)]
    }

    private static func prelu(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0), slopeValue = try node.required(1)
        let sample = x.shape.sample
        guard !x.isConstant, var slope = node.constant(slopeValue), slope.values.count > 0 else {
            throw Unsupported("its slopes are computed from the network's input")
        }
        // In the file slopes stand at the last axes, with axes of 1 behind: as our samples have them, without those in front.
        let (shape, aligned) = try broadcast(node, [x, slopeValue])
        guard shape.sample == sample else {
            throw node.fault("slopes \(slopeValue.shape) for \(x.shape)", "no more axes")
        }
        slope = node.constant(aligned[1])!
        var axes = slope.shape
        while axes.count > sample.count, axes.first == 1 { axes.removeFirst() }
        axes = [Int](repeating: 1, count: sample.count - axes.count) + axes
        let per: String
        if slope.values.count == 1 {
            per = "all"
            axes = [1]
        } else if axes.first == sample.first, axes.dropFirst().allSatisfy({ $0 == 1 }) {
            per = "channel"
            axes = [sample[0]]
        } else {
            per = "value"
            if axes != sample { slope = Constant(slope.block.reshaped(axes).expanded(sample)) }
            axes = sample
        }
        return [
            try node.append(
                "prelu", ["per": .text(per)], [x], shape: x.shape, name: node.layerName(slopeValue, slope, input: 1),
                parameters: ["weight": slope.reshaped(axes)])
        ]
    }

    private static func truth(_ value: Whole) throws -> Bool {
        guard let isZero = value.isZero else { throw ofSamples }
        return !isZero
    }

    private static func not(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        if case .wholes(let block) = x.content {
            let values = try block.values.map { Whole(try truth($0) ? 0 : 1) }
            return [Importer.Value(shape: x.shape, kind: .truths, content: .wholes(Block(block.shape, values)))]
        }
        return [
            try node.emit("affine", ["scale": .number(-1), "shift": .number(1)], [x], shape: x.shape, kind: .truths)
        ]
    }

    /// What is no number equals nothing, not even itself.
    private static func isNaN(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        let isNumber = try node.emit(
            "equal", [:], [x, x], shape: x.shape, kind: .truths, name: node.ownName + ".number")
        return [
            try node.emit(
                "affine", ["scale": .number(-1), "shift": .number(1)], [isNumber], shape: x.shape, kind: .truths)
        ]
    }

    private static func cast(_ node: ImportNode) throws -> [Importer.Value] {
        let number = try node.integer("to", 1)
        let kind: ONNXValueKind
        switch number {
        case 1, 10, 11, 16: kind = .numbers
        case 9: kind = .truths
        case 2...7, 12, 13: kind = .wholes
        default: throw Unsupported("it makes elements of type \(number)")
        }
        return try cast(node, to: kind)
    }

    private static func cast(_ node: ImportNode, to kind: ONNXValueKind) throws -> [Importer.Value] {
        var x = try node.required(0)
        guard x.kind != .quantized else { throw Unsupported("it reads the whole numbers that quantised numbers are") }
        switch (x.content, kind) {
        case (.wholes(let block), .truths):
            x.content = .wholes(Block(block.shape, try block.values.map { Whole(try truth($0) ? 1 : 0) }))
        case (.wholes(let block), .numbers):
            // What holds the batch stays: an exporter may divide by it and cast back.
            if let constant = node.importer.floats(x), block.count != 1 || block.values[0].fixed != nil {
                x.content = .floats(constant)
            }
        case (.floats(let constant), .wholes), (.floats(let constant), .truths):
            x.content = .wholes(
                Block(
                    constant.shape,
                    constant.values.map { value in
                        if kind == .truths { return Whole(value == 0 ? 0 : 1) }
                        // As processors have it: what fits no whole number is the least. Exporters choose others behind it.
                        return Whole(value.isFinite && abs(value) < 1e18 ? Int(value) : .min)
                    }))
        case (.node, .truths) where x.kind != .truths:
            let equal = try node.emit(
                "equal", [:], [x, scalar(0)], shape: x.shape, kind: .truths, name: node.ownName + ".zero")
            return [
                try node.emit(
                    "affine", ["scale": .number(-1), "shift": .number(1)], [equal], shape: x.shape, kind: .truths)
            ]
        case (.node, .wholes) where x.kind == .numbers:
            // Towards zero.
            let size = try node.emit("abs", [:], [x], shape: x.shape, name: node.ownName + ".abs")
            let down = try node.emit("floor", [:], [size], shape: x.shape, name: node.ownName + ".floor")
            let sign = try node.emit("sign", [:], [x], shape: x.shape, name: node.ownName + ".sign")
            return [try node.emit("mul", [:], [down, sign], shape: x.shape, kind: .wholes)]
        default: break
        }
        x.kind = kind
        return [x]
    }

    private static func dropout(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        var ratio = try node.float("ratio", 0.5)
        if let given = node.constant(try node.input(1)), let value = given.uniform { ratio = value }
        if let given = node.constant(try node.input(2)), given.uniform != 0 { node.importer.facts.training += 1 }
        // Whether it drops is a matter of the pass: a network that answers does not, whatever the file says.
        let mask = Importer.Value(
            shape: x.shape, kind: .truths,
            content: .floats(Constant(Block([], [Float(1)]).expanded(x.shape.sample))))
        guard ratio > 0, ratio < 1, !x.isConstant, node.node.outputs.count < 2 || node.node.outputs[1].isEmpty else {
            return [x, mask]
        }
        return [try node.append("dropout", ["rate": .number(Double(ratio))], [x], shape: x.shape), mask]
    }
}
