import Descriptors
import Interchange

/// Whole numbers of few bits, which stand for floats: value = scale · (whole number − zero point). They are read as those floats.
extension ImportRules {
    static let quantizationRules: [String: Rule] = [
        "QuantizeLinear": quantized, "DequantizeLinear": dequantized, "DynamicQuantizeLinear": dynamic,
        "MatMulInteger": { [try integerProduct($0, "MatMul")] }, "ConvInteger": { [try integerProduct($0, "Conv")] },
    ]

    /// What a tensor's whole numbers stand for.
    struct QuantizedScale: Equatable {
        var scale: Float
        var zero: Int
    }

    /// What a file rounds is read as it was before: what is left is the range that its whole numbers hold. A file may leave a ReLU
    /// to it.
    private static func quantized(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        guard let scales = node.constant(try node.required(1)) else {
            throw Unsupported("its scale comes from the network's input")
        }
        let zeros = try node.fixed(2) ?? [0]
        var value = x
        // Weights stay as they are: floats that a file rounds anew are what it was trained with.
        if !x.isConstant {
            guard let scale = scales.uniform, let zero = zeros.first, zeros.allSatisfy({ $0 == zero }) else {
                throw Unsupported("it has a scale for each channel of what is computed")
            }
            guard scale > 0, scale.isFinite else { throw node.fault("scale \(scale)", "a positive number") }
            let (low, high) = try bounds(node)
            value = try node.emit(
                "clip",
                [
                    "min": .number(Double(scale * Float(low - zero))),
                    "max": .number(Double(scale * Float(high - zero))),
                ], [x], shape: x.shape)
            node.importer.scales[node.node.outputs[0]] = QuantizedScale(scale: scale, zero: zero)
            node.importer.facts.rounded += 1
        } else {
            node.importer.facts.quantized += 1
        }
        value.kind = .quantized
        return [value]
    }

    /// The least and the greatest whole number of the type that a QuantizeLinear makes.
    private static func bounds(_ node: ImportNode) throws -> (low: Int, high: Int) {
        let given = try node.integer("output_dtype", 0)
        let element = node.hasInput(2) ? node.importer.elements[node.node.inputs[2]] : nil
        switch element ?? (given == 0 ? .uint8 : ONNXElement(rawValue: given)) {
        case .uint8: return (0, 255)
        case .int8: return (-128, 127)
        case .uint16: return (0, 65535)
        case .int16: return (-32768, 32767)
        case .uint4: return (0, 15)
        case .int4: return (-8, 7)
        case let other: throw Unsupported("it makes elements of type \(other.map { "\($0)" } ?? "\(given)")")
        }
    }

    /// What a QuantizeLinear made, or whole numbers that the network is given.
    private static func computed(
        _ node: ImportNode, _ x: Importer.Value, _ scales: Constant
    ) throws -> Importer.Value {
        var result = x
        result.kind = .numbers
        if x.isConstant, x.kind == .quantized { return result }
        let zeros = try node.fixed(2) ?? [0]
        guard let scale = scales.uniform, let zero = zeros.first, zeros.allSatisfy({ $0 == zero }) else {
            throw Unsupported("it has a scale for each channel of what is computed")
        }
        if x.kind == .wholes {
            return try node.emit(
                "affine", ["scale": .number(Double(scale)), "shift": .number(-Double(scale) * Double(zero))], [x],
                shape: x.shape)
        }
        guard x.kind == .quantized else { throw Unsupported("it reads numbers that nothing quantised") }
        let own = QuantizedScale(scale: scale, zero: zero)
        if let before = node.importer.scales[node.node.inputs[0]], before != own {
            throw Unsupported(
                "its scale \(scale) and zero point \(zero) are not those of its QuantizeLinear, \(before.scale) and \(before.zero)"
            )
        }
        return result
    }

    /// Scale and zero point that a sample's own values give: the values themselves, by 1.
    private static func dynamic(_ node: ImportNode) throws -> [Importer.Value] {
        node.importer.facts.rounded += 1
        var x = try node.required(0)
        x.kind = .quantized
        node.importer.scales[node.node.outputs[0]] = QuantizedScale(scale: 1, zero: 0)
        return [x, scalar(1), scalar(whole: Whole(0))]
    }

    /// A product of whole numbers less their zero points.
    private static func integerProduct(_ node: ImportNode, _ type: String) throws -> Importer.Value {
        guard let rule = all[type] else { preconditionFailure("no rule for \(type)") }
        var plain = node
        plain.node.type = type
        plain.node.inputs = Array(node.node.inputs.prefix(2))
        var others: [String: Importer.Value] = [:]
        for input in 0..<2 {
            let zeros = try node.fixed(input + 2) ?? [0], x = try node.required(input)
            if zeros.allSatisfy({ $0 == 0 }) { continue }
            guard case .wholes(let block) = x.content else {
                throw Unsupported("it has a zero point of what is computed")
            }
            // Of a matrix the last axis may have one for each number, of a convolution's weights the first.
            let inner = type == "Conv" ? block.count / max(1, block.shape.first ?? 1) : 1
            let values = block.values.enumerated().map { Float($1.constant - zeros[$0 / max(1, inner) % zeros.count]) }
            let name = node.node.inputs[input]
            others[name] = x
            node.importer.values[name] = Importer.Value(
                shape: x.shape, kind: .numbers, content: .floats(Constant(Block(block.shape, values))))
        }
        defer { node.importer.values.merge(others) { $1 } }
        return try rule(plain)[0]
    }

    /// Weights of few bits as the floats that they stand for.
    private static func dequantized(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        guard let scale = node.constant(try node.required(1)) else {
            throw Unsupported("its scale comes from the network's input")
        }
        guard case .wholes(let block) = x.content else { return [try computed(node, x, scale)] }
        let zero = try node.fixed(2)
        let shape = x.shape.sample, size = try node.integer("block_size", 0)
        let given = try node.integer("axis", 1)
        guard (0...1 << 40).contains(size) else { throw node.fault("block_size \(size)", "0 or more") }
        guard given >= -max(1, shape.count), given < max(2, shape.count) else {
            throw node.fault("axis \(given)", "an axis of \(x.shape)")
        }
        let axis = shape.isEmpty ? 0 : min(given < 0 ? given + shape.count : given, shape.count - 1)
        // Of each element: which scale is its own.
        let inner = shape.isEmpty ? 1 : shape[(axis + 1)...].reduce(1, *), points = shape.isEmpty ? 1 : shape[axis]
        let blocks = size > 0 ? (points + size - 1) / size : points
        let expected = scale.values.count == 1 ? 1 : size > 0 ? block.count / max(1, points) * blocks : points
        guard scale.values.count == expected, zero == nil || zero!.count == expected, points > 0 else {
            throw node.fault("\(scale.values.count) scales for \(x.shape)", "\(expected)")
        }
        let values = block.values.indices.map { index -> Float in
            let point = index / inner % points
            let at =
                expected == 1
                ? 0
                : size > 0 ? (index / inner / points * blocks + point / size) * inner + index % inner : point
            return Float(block.values[index].constant - (zero?[at] ?? 0)) * scale.values[at]
        }
        node.importer.facts.quantized += 1
        return [Importer.Value(shape: x.shape, kind: .numbers, content: .floats(Constant(Block(shape, values))))]
    }
}
