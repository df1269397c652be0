import Descriptors
import Interchange

/// One node of the file, as its rule sees it.
struct ImportNode {
    let importer: Importer
    var node: ONNXNode
    /// In the file.
    let number: Int
    let opset: Int

    typealias Value = Importer.Value

    // MARK: What it reads

    func hasInput(_ number: Int) -> Bool { number < node.inputs.count && !node.inputs[number].isEmpty }

    /// Nil where the input is left out.
    func input(_ number: Int) throws -> Value? {
        guard hasInput(number), var value = try importer.value(node.inputs[number]) else { return nil }
        if case .floats(let constant) = value.content {
            value.content = .floats(constant.read(by: self.number, input: number))
        }
        return value
    }

    func required(_ number: Int) throws -> Value {
        guard let value = try input(number) else {
            throw importer.problem(node.place, "no input \(number)", "one")
        }
        return value
    }

    /// The place that messages name, with what is wrong with the file.
    func fault(_ found: String, _ expected: String) -> any Error { importer.problem(node.place, found, expected) }

    func integer(_ name: String, _ fallback: Int) throws -> Int {
        switch node.attributes[name] {
        case nil: return fallback
        case .integer(let value): return value
        default: throw fault("attribute \(name) of another kind", "a whole number")
        }
    }
    func float(_ name: String, _ fallback: Float) throws -> Float {
        switch node.attributes[name] {
        case nil: return fallback
        case .float(let value): return value
        case .integer(let value): return Float(value)
        default: throw fault("attribute \(name) of another kind", "a number")
        }
    }
    func text(_ name: String, _ fallback: String) throws -> String {
        switch node.attributes[name] {
        case nil: return fallback
        case .text(let value): return value
        default: throw fault("attribute \(name) of another kind", "text")
        }
    }
    func integers(_ name: String) throws -> [Int]? {
        switch node.attributes[name] {
        case nil: return nil
        case .integers(let values): return values
        case .integer(let value): return [value]
        // An empty list that says no type.
        case .other: return []
        default: throw fault("attribute \(name) of another kind", "whole numbers")
        }
    }

    /// Whole numbers that an input or, in older versions, an attribute gives; nil where neither does.
    func wholes(_ number: Int, orAttribute name: String? = nil) throws -> [Whole]? {
        if let value = try input(number) {
            guard case .wholes(let block) = value.content else {
                if case .floats(let constant) = value.content {
                    return try constant.values.map { value in
                        guard let whole = Int(exactly: value) else {
                            throw fault("\(value) in input \(number)", "whole numbers")
                        }
                        return Whole(whole)
                    }
                }
                throw Unsupported(
                    "its input \(number) is computed from the network's input, so its shape is not known before")
            }
            return block.values
        }
        return try name.flatMap { try integers($0) }?.map { Whole($0) }
    }

    /// As `wholes`, where the batch may not be among them.
    func fixed(_ number: Int, orAttribute name: String? = nil) throws -> [Int]? {
        try wholes(number, orAttribute: name)?.map { whole in
            guard let value = whole.fixed else {
                throw Unsupported("its input \(number) depends on the size of the batch")
            }
            return value
        }
    }

    /// An axis counted from the front.
    func axis(_ axis: Int, rank: Int) throws -> Int {
        guard axis >= -rank, axis < rank else { throw fault("axis \(axis)", "one of \(rank) axes") }
        return axis < 0 ? axis + rank : axis
    }

    /// The sample's axis that one of the file is; it may not be the batch, nor hold it.
    func sampleAxis(_ axis: Int, of shape: FileShape) throws -> Int {
        guard !shape.axes[axis].hasBatch, let own = shape.sampleAxis(axis) else {
            throw Unsupported("it mixes samples: axis \(axis) of \(shape) is the batch")
        }
        return own
    }

    /// A constant's floats; nil where it is none.
    func constant(_ value: Value?) -> Constant? { value.flatMap { importer.floats($0) } }

    // MARK: What it makes

    /// A value of an operator of ours: folded where nothing comes from the input.
    func emit(
        _ op: String, _ arguments: [String: Descriptors.Value] = [:], _ inputs: [Value], shape: FileShape,
        kind: ONNXValueKind = .numbers, name: String? = nil
    ) throws -> Value {
        if inputs.allSatisfy(\.isConstant) {
            let constants = inputs.map { importer.floats($0) }
            guard !constants.contains(where: { $0 == nil }) else {
                throw Unsupported("it computes with the size of the batch")
            }
            let count = checkedProduct(shape.sample) ?? Int.max
            guard count <= Importer.mostFolded else {
                throw Unsupported("it makes a constant of \(count) numbers; at most \(Importer.mostFolded) are made")
            }
            let folded = try Folding.run(op, arguments, constants.map { $0! }, shape: shape.sample)
            return Value(shape: shape, kind: kind, content: .floats(folded))
        }
        return try append(op, arguments, inputs, shape: shape, kind: kind, name: name)
    }

    /// A value of an operator that holds weights or other arrays.
    func append(
        _ op: String, _ arguments: [String: Descriptors.Value] = [:], _ inputs: [Value], shape: FileShape,
        kind: ONNXValueKind = .numbers, name: String? = nil, weight: Constant? = nil, bias: Constant? = nil,
        parameters: [String: Constant] = [:]
    ) throws -> Value {
        guard let count = checkedProduct(shape.sample), count < 1 << 30 else {
            throw Unsupported("its output has \(shape) values, more than 2^30 a sample")
        }
        guard count > 0 else { throw Unsupported("its output \(shape) is empty") }
        guard shape.sample.count <= 8 else {
            throw Unsupported("its output has \(shape.sample.count) axes; at most 8 run here")
        }
        let numbers = inputs.map { importer.planValue($0) }
        let output = importer.plan.add(shape.sample)
        importer.plan.nodes.append(
            Plan.Node(
                name: importer.unique(name ?? ownName), op: op, arguments: arguments, inputs: numbers, output: output,
                weight: weight, bias: bias, parameters: parameters, place: node.place))
        return Value(shape: shape, kind: kind, content: .node(output))
    }

    /// The node's name, or that of what it makes.
    var ownName: String { node.name.isEmpty ? node.outputs.first { !$0.isEmpty } ?? node.type : node.name }

    /// The name that a layer's weights have in the file, without what they are of it: `features.0.weight` → `features.0`.
    func layerName(_ weight: Value, _ constant: Constant, input: Int) -> String {
        guard let name = constant.origin?.name else { return ownName }
        for ending in [".weight", "_weight", ".kernel", ".W", ".weight_quantized"] where name.hasSuffix(ending) {
            return String(name.dropLast(ending.count))
        }
        // What exporters number says less than the node's name.
        return name.hasPrefix("onnx::") || name.hasPrefix("val_") || name.hasPrefix("/") ? ownName : name
    }

    /// The same points under another shape, without a node where it is the same shape.
    func reshaped(_ value: Value, _ shape: FileShape) throws -> Value {
        if value.shape.sample == shape.sample { return Value(shape: shape, kind: value.kind, content: value.content) }
        switch value.content {
        case .floats(let constant):
            return Value(shape: shape, kind: value.kind, content: .floats(constant.reshaped(shape.sample)))
        case .wholes(let block):
            return Value(shape: shape, kind: value.kind, content: .wholes(block.reshaped(shape.sample)))
        case .node:
            return try append(
                "reshape", ["shape": .integers(shape.sample)], [value], shape: shape, kind: value.kind)
        }
    }

    /// - Parameter order: of the file's axes.
    func transposed(_ value: Value, _ order: [Int], name: String? = nil) throws -> Value {
        let shape = FileShape(order.map { value.shape.axes[$0] })
        let own = order.compactMap { value.shape.sampleAxis($0) }
        guard own != Array(own.indices) else { return Value(shape: shape, kind: value.kind, content: value.content) }
        switch value.content {
        case .floats(let constant):
            return Value(shape: shape, kind: value.kind, content: .floats(constant.transposed(own)))
        case .wholes(let block):
            return Value(shape: shape, kind: value.kind, content: .wholes(block.transposed(own)))
        case .node:
            return try append(
                "transpose", ["perm": .integers(own)], [value], shape: shape, kind: value.kind, name: name)
        }
    }

    /// - Parameter slices: of the sample's axes.
    func sliced(_ value: Value, _ slices: [AxisSlice], shape: FileShape) throws -> Value {
        let sizes = value.shape.sample
        if zip(slices, sizes).allSatisfy({ $0.isAll($1) }) {
            return Value(shape: shape, kind: value.kind, content: value.content)
        }
        switch value.content {
        case .floats(let constant):
            return Value(shape: shape, kind: value.kind, content: .floats(constant.sliced(slices)))
        case .wholes(let block):
            return Value(shape: shape, kind: value.kind, content: .wholes(block.sliced(slices)))
        case .node:
            let axes = slices.indices.filter { !slices[$0].isAll(sizes[$0]) }
            // An end below zero would be counted from the back: one far below is "to the first".
            let ends = axes.map { axis in
                let slice = slices[axis], end = slice.start + slice.step * slice.count
                return end < 0 ? -sizes[axis] - 1 : end
            }
            return try append(
                "slice",
                [
                    "starts": .integers(axes.map { slices[$0].start }), "ends": .integers(ends),
                    "axes": .integers(axes),
                    "steps": .integers(axes.map { slices[$0].step }),
                ], [value], shape: shape, kind: value.kind)
        }
    }
}
