/// An ONNX file that is made here, in chunks: weights are copied once.
package struct ONNXWriter {
    package enum Attribute {
        case float(Float)
        case integer(Int)
        case text(String)
        case integers([Int])
        case floats([Float])
    }

    package var irVersion = 8
    package var opset: Int
    package var producer = "espalier"
    package var metadata: [(key: String, value: String)] = []
    private var nodes = WireWriter()
    private var tensors: [[UInt8]] = []
    private var values = WireWriter()

    package init(opset: Int) { self.opset = opset }

    package mutating func node(
        _ type: String, _ name: String, _ inputs: [String], _ outputs: [String],
        _ attributes: [(String, Attribute)] = []
    ) {
        nodes.message(1) { node in
            for input in inputs { node.text(1, input) }
            for output in outputs { node.text(2, output) }
            node.text(3, name)
            node.text(4, type)
            for (name, value) in attributes { node.message(5) { Self.write(name, value, to: &$0) } }
        }
    }

    private static func write(_ name: String, _ value: Attribute, to writer: inout WireWriter) {
        writer.text(1, name)
        switch value {
        case .float(let number):
            writer.float(2, number)
            writer.integer(20, 1)
        case .integer(let number):
            writer.integer(3, number)
            writer.integer(20, 2)
        case .text(let word):
            writer.text(4, word)
            writer.integer(20, 3)
        case .floats(let numbers):
            writer.floats(7, numbers)
            writer.integer(20, 6)
        case .integers(let numbers):
            writer.integers(8, numbers)
            writer.integer(20, 7)
        }
    }

    /// - Parameter isSparse: as values and places, where that is smaller.
    package mutating func tensor(_ name: String, _ shape: [Int], _ values: [Float], isSparse: Bool = false) {
        if isSparse, let field = SparseInitializer.field(name, shape, values) {
            tensors.append(field)
            return
        }
        var header = WireWriter()
        header.integers(1, shape)
        header.integer(2, ONNXElement.float.rawValue)
        header.text(8, name)
        header.start(9, bytes: 4 * values.count)
        var field = WireWriter()
        field.start(5, bytes: header.bytes.count + 4 * values.count)
        tensors.append(field.bytes + header.bytes + ElementBytes.float(values))
    }

    package mutating func tensor(_ name: String, _ shape: [Int], wholes: [Int]) {
        var writer = WireWriter()
        writer.message(5) { tensor in
            tensor.integers(1, shape)
            tensor.integer(2, ONNXElement.int64.rawValue)
            tensor.text(8, name)
            tensor.data(9, ElementBytes.wholes(wholes))
        }
        tensors.append(writer.bytes)
    }

    /// An input or output; nil for the batch.
    package mutating func value(_ name: String, isInput: Bool, element: ONNXElement, _ axes: [Int?]) {
        values.message(isInput ? 11 : 12) { value in
            value.text(1, name)
            value.message(2) { type in
                type.message(1) { tensor in
                    tensor.integer(1, element.rawValue)
                    tensor.message(2) { shape in
                        for axis in axes {
                            shape.message(1) { dimension in
                                if let axis { dimension.integer(1, axis) } else { dimension.text(2, "batch") }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The file, in pieces that follow one another.
    package func chunks(graph name: String) -> [[UInt8]] {
        var head = WireWriter(), title = WireWriter(), tail = WireWriter()
        head.integer(1, irVersion)
        head.text(2, producer)
        title.text(2, name)
        let inner = [nodes.bytes, title.bytes] + tensors + [values.bytes]
        head.start(7, bytes: inner.reduce(0) { $0 + $1.count })
        tail.message(8) { opset in
            opset.text(1, "")
            opset.integer(2, self.opset)
        }
        for (key, value) in metadata {
            tail.message(14) { entry in
                entry.text(1, key)
                entry.text(2, value)
            }
        }
        return [head.bytes] + inner + [tail.bytes]
    }
}

/// A tensor as its values that are not zero, and their places.
package enum SparseInitializer {
    /// The graph's field; nil where that would be no smaller than all elements.
    package static func field(_ name: String, _ shape: [Int], _ values: [Float]) -> [UInt8]? {
        let places = values.indices.filter { values[$0] != 0 }
        // Four bytes a value, eight a place. A tensor of nothing but zeros keeps one.
        guard !places.isEmpty, 12 * places.count + 64 < 4 * values.count else { return nil }
        var writer = WireWriter()
        writer.message(15) { sparse in
            sparse.message(1) { tensor in
                tensor.integers(1, [places.count])
                tensor.integer(2, ONNXElement.float.rawValue)
                tensor.text(8, name)
                tensor.data(9, ElementBytes.float(places.map { values[$0] }))
            }
            sparse.message(2) { tensor in
                tensor.integers(1, [places.count])
                tensor.integer(2, ONNXElement.int64.rawValue)
                tensor.text(8, name + "_indices")
                tensor.data(9, ElementBytes.wholes(places))
            }
            sparse.integers(3, shape)
        }
        return writer.bytes
    }
}

/// Elements as they lie raw, little-endian.
package enum ElementBytes {
    package static func float(_ values: [Float]) -> [UInt8] {
        bytes(values.count, 4) { values[$0].bitPattern.littleEndian }
    }
    package static func wholes(_ values: [Int]) -> [UInt8] {
        bytes(values.count, 8) { Int64(values[$0]).littleEndian }
    }
    /// In any of the floats that a file may have.
    package static func floats(_ values: [Float], as element: ONNXElement) -> [UInt8] {
        switch element {
        case .float16: bytes(values.count, 2) { Float16(values[$0]).bitPattern.littleEndian }
        case .bfloat16: bytes(values.count, 2) { roundedHalf(values[$0]).littleEndian }
        case .double: bytes(values.count, 8) { Double(values[$0]).bitPattern.littleEndian }
        default: float(values)
        }
    }

    /// The nearest of 8 bits of precision; of two the even one.
    private static func roundedHalf(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if value.isNaN { return UInt16(bits >> 16) | 0x40 }
        return UInt16((bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
    }

    private static func bytes<Number>(_ count: Int, _ size: Int, _ number: (Int) -> Number) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count * size) { buffer, filled in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            for index in 0..<count { raw.storeBytes(of: number(index), toByteOffset: index * size, as: Number.self) }
            filled = count * size
        }
    }
}
