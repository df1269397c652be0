import Interchange

/// Copies an ONNX file field by field, with other elements for some of its tensors.
struct FrameRewriter {
    let file: MappedFile
    /// New elements of a tensor by name; empty: none at all; nil: as they are.
    var elements: (String) -> [Float]? = { _ in nil }
    /// Elements that lie beside the file and come into it, by the name of their tensor.
    var outside: (String) -> [UInt8]? = { _ in nil }
    /// Tensors that are written as values and places where that is smaller.
    var isSparse = false
    /// Tensors that are inputs too, which no sparse one may be.
    var keepsDense: Set<String> = []
    /// Inputs of nodes that read another tensor now, by node and input.
    var renamed: [Int: [Int: String]] = [:]
    /// Biases of nodes that had none, by node: another input, or an addition behind a product.
    var biases: [Int: String] = [:]
    /// Fields of the graph that are new.
    var added: [[UInt8]] = []
    var metadata: [(key: String, value: String)] = []

    /// The file in pieces. It was read before, so that it is whole.
    func model() -> [[UInt8]] {
        var head: [UInt8] = [], graph: [[UInt8]] = [], tail: [UInt8] = [], isBehind = false
        let replaced = Set(metadata.map(\.key))
        each(0..<file.bytes.count) { reader, field in
            if field.number == 7, case .bytes(let range) = field.value {
                graph = self.graph(range)
                isBehind = true
                return
            }
            if field.number == 14, case .bytes(let range) = field.value, replaced.contains(text(range, field: 1)) {
                return
            }
            if isBehind { tail += file.bytes[field.range] } else { head += file.bytes[field.range] }
        }
        var key = WireWriter(), end = WireWriter()
        key.start(7, bytes: graph.reduce(0) { $0 + $1.count })
        for (name, value) in metadata {
            end.message(14) { entry in
                entry.text(1, name)
                entry.text(2, value)
            }
        }
        return [head, key.bytes] + graph + [tail, end.bytes]
    }

    /// Fields of a message; ends where one is damaged, which the reader has refused before.
    private func each(_ range: Range<Int>, _ body: (WireReader, WireReader.Field) -> Void) {
        var reader = WireReader(file, range)
        while let field = try? reader.next() { body(reader, field) }
    }

    private func text(_ range: Range<Int>, field number: Int) -> String {
        var result = ""
        each(range) { _, field in
            if field.number == number, case .bytes(let range) = field.value {
                result = String(decoding: file.bytes[range], as: UTF8.self)
            }
        }
        return result
    }

    private func graph(_ range: Range<Int>) -> [[UInt8]] {
        var pieces: [[UInt8]] = [], node = 0
        each(range) { _, field in
            guard case .bytes(let inner) = field.value else {
                pieces.append(Array(file.bytes[field.range]))
                return
            }
            switch field.number {
            case 1:
                pieces.append(self.node(inner, field, number: node))
                node += 1
            case 5:
                let name = text(inner, field: 8)
                guard let values = elements(name) else {
                    pieces.append(outside(name).map { within(inner, $0) } ?? Array(file.bytes[field.range]))
                    return
                }
                if isSparse, !keepsDense.contains(name),
                    let sparse = SparseInitializer.field(name, shape(inner), values)
                {
                    pieces.append(sparse)
                } else {
                    pieces += tensor(inner, number: 5, values)
                }
            case 15: pieces.append(sparse(inner, field))
            default: pieces.append(Array(file.bytes[field.range]))
            }
        }
        return pieces + added
    }

    /// The field of an initializer whose elements lay beside the file, with them.
    private func within(_ range: Range<Int>, _ elements: [UInt8]) -> [UInt8] {
        var tensor = WireWriter(), whole = WireWriter()
        each(range) { _, field in
            if field.number != 13, field.number != 14 { tensor.copy(file.bytes[field.range]) }
        }
        tensor.data(9, elements)
        whole.data(5, tensor.bytes)
        return whole.bytes
    }

    private func shape(_ range: Range<Int>) -> [Int] {
        var shape: [Int] = []
        each(range) { reader, field in
            if field.number == 1 { try? reader.integers(field, into: &shape, most: ONNXTensor.maximumRank) }
        }
        return shape
    }

    /// The field of a tensor with other elements, in their place and of their type.
    private func tensor(_ range: Range<Int>, number: Int, _ values: [Float]) -> [[UInt8]] {
        var element = ONNXElement.float
        each(range) { reader, field in
            if field.number == 2, let type = try? reader.integer(field) {
                element = ONNXElement(rawValue: type) ?? .float
            }
        }
        var before = WireWriter(), after = WireWriter(), data = WireWriter(), isDone = false, bytes: [UInt8] = []
        each(range) { _, field in
            switch field.number {
            case 4, 5, 9, 10:
                guard !isDone else { return }
                isDone = true
                bytes = ElementBytes.floats(values, as: element)
                if field.number == 4, element == .float {
                    data.start(4, bytes: 4 * values.count)
                } else {
                    data.start(9, bytes: bytes.count)
                }
            // Elements beside the model come into it.
            case 13, 14: break
            default: if isDone { after.copy(file.bytes[field.range]) } else { before.copy(file.bytes[field.range]) }
            }
        }
        if !isDone {
            bytes = ElementBytes.floats(values, as: element)
            data.start(9, bytes: bytes.count)
        }
        var key = WireWriter()
        key.start(number, bytes: before.bytes.count + data.bytes.count + bytes.count + after.bytes.count)
        return [key.bytes + before.bytes + data.bytes, bytes, after.bytes]
    }

    /// A sparse tensor whose values are known anew is written as whatever is smaller.
    private func sparse(_ range: Range<Int>, _ field: WireReader.Field) -> [UInt8] {
        var name = "", shape: [Int] = []
        each(range) { reader, field in
            if field.number == 1, case .bytes(let inner) = field.value { name = text(inner, field: 8) }
            if field.number == 3 { try? reader.integers(field, into: &shape, most: ONNXTensor.maximumRank) }
        }
        guard let values = elements(name), !values.isEmpty else { return Array(file.bytes[field.range]) }
        if let sparse = SparseInitializer.field(name, shape, values) { return sparse }
        var writer = WireWriter()
        writer.message(5) { tensor in
            tensor.integers(1, shape)
            tensor.integer(2, ONNXElement.float.rawValue)
            tensor.text(8, name)
            tensor.data(9, ElementBytes.float(values))
        }
        return writer.bytes
    }

    /// A node with other inputs, or of kind Constant with another value.
    private func node(_ range: Range<Int>, _ field: WireReader.Field, number: Int) -> [UInt8] {
        let isConstant = text(range, field: 4) == "Constant"
        let values = isConstant ? elements(text(range, field: 2)) : nil
        let bias = biases[number]
        guard values != nil || renamed[number] != nil || bias != nil else { return Array(file.bytes[field.range]) }
        let isProduct = text(range, field: 4) == "MatMul", output = text(range, field: 2)
        var writer = WireWriter(), input = 0
        each(range) { _, field in
            if field.number == 1, input == 2, bias != nil, !isProduct {
                // It was left out.
                input += 1
            } else if field.number == 2, isProduct, bias != nil {
                writer.text(2, output + ".product")
            } else if field.number == 1 {
                if let name = renamed[number]?[input] {
                    writer.text(1, name)
                } else {
                    writer.copy(file.bytes[field.range])
                }
                input += 1
            } else if field.number == 5, let values, case .bytes(let inner) = field.value {
                var attribute = WireWriter()
                each(inner) { _, field in
                    if field.number == 5, case .bytes(let inner) = field.value {
                        for piece in tensor(inner, number: 5, values) { attribute.copy(piece) }
                    } else {
                        attribute.copy(file.bytes[field.range])
                    }
                }
                writer.data(5, attribute.bytes)
            } else {
                writer.copy(file.bytes[field.range])
            }
        }
        if let bias, !isProduct { writer.text(1, bias) }
        var whole = WireWriter()
        whole.data(1, writer.bytes)
        if let bias, isProduct {
            whole.message(1) { sum in
                sum.text(1, output + ".product")
                sum.text(1, bias)
                sum.text(2, output)
                sum.text(3, output + ".sum")
                sum.text(4, "Add")
            }
        }
        return whole.bytes
    }
}
