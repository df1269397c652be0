/// A tensor of an ONNX file: what it is, and where its elements lie. They are read when they are asked for.
package struct ONNXTensor: Sendable {
    /// Of the whole message in `file`.
    let message: Range<Int>
    let file: MappedFile
    package var name = ""
    package var shape: [Int] = []
    package var element = ONNXElement.float
    /// Nil: in the fields for typed elements.
    var raw: Range<Int>?
    /// The file beside the model that the elements lie in, and where in it.
    var external: External?

    struct External: Sendable {
        var file: MappedFile
        var range: Range<Int>
    }

    package static let maximumRank = 64

    package var place: String { "tensor \(FileProblem.quote(name))" }

    func problem(_ found: String, _ expected: String) -> FileProblem {
        FileProblem(path: file.path, place: place, found: found, expected: expected)
    }

    /// Elements; checked when it was read.
    package var count: Int { shape.reduce(1, *) }

    /// Bytes that its elements take where they lie raw.
    var rawBytes: Int { ((element.bits ?? 8) * count + 7) / 8 }

    /// - Throws: `FileProblem` where the size cannot be counted with.
    func checkShape() throws {
        guard shape.count <= Self.maximumRank else {
            throw problem("\(shape.count) axes", "at most \(Self.maximumRank)")
        }
        var product = 1
        for size in shape {
            guard size >= 0 else { throw problem("shape \(shape)", "no negative sizes") }
            let (next, overflow) = product.multipliedReportingOverflow(by: max(1, size))
            guard !overflow, next < 1 << 40 else { throw problem("shape \(shape)", "fewer than 2^40 elements") }
            product = next
        }
    }

    /// The elements' bytes; nil where they are typed.
    private func rawElements() throws -> UnsafeRawBufferPointer? {
        let source: MappedFile
        let range: Range<Int>
        if let external {
            (source, range) = (external.file, external.range)
        } else if let raw {
            (source, range) = (file, raw)
        } else {
            return nil
        }
        guard range.count == rawBytes else {
            throw problem(
                "\(range.count) bytes", "\(rawBytes) bytes for \(count) elements of \(element), shape \(shape)")
        }
        return UnsafeRawBufferPointer(rebasing: source.bytes[range])
    }

    /// Whether its elements lie in a file beside the model.
    package var isExternal: Bool { external != nil }

    /// The bytes of elements that lie raw, as the file has them; nil where they are typed.
    /// - Throws: `FileProblem` where there are fewer or more than the shape says.
    package func elementBytes() throws -> [UInt8]? {
        defer { releaseElements() }
        return try rawElements().map { Array($0) }
    }

    /// Their pages are not kept: they are read once.
    private func releaseElements() {
        if let external {
            external.file.release(external.range)
        } else if let raw {
            file.release(raw)
        }
    }

    /// The elements as single precision. Whole numbers become what they are nearest to.
    /// - Throws: `FileProblem` where there are fewer or more than the shape says, or they are no numbers.
    package func floats() throws -> [Float] {
        guard element.isFloat else { return try integers().map { Float($0) } }
        if let raw = try rawElements() {
            defer { releaseElements() }
            return [Float](unsafeUninitializedCapacity: count) { buffer, filled in
                for index in 0..<count {
                    let value: Float
                    switch element {
                    case .double:
                        let bits = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
                        value = Float(Double(bitPattern: bits))
                    case .float16:
                        let bits = UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
                        value = Float(Float16(bitPattern: bits))
                    case .bfloat16:
                        let bits = UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
                        value = Float(bitPattern: UInt32(bits) << 16)
                    default:
                        let bits = UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
                        value = Float(bitPattern: bits)
                    }
                    buffer.initializeElement(at: index, to: value)
                }
                filled = count
            }
        }
        var result: [Float] = []
        switch element {
        case .float16: result = try typedWords().map { Float(Float16(bitPattern: UInt16(truncatingIfNeeded: $0))) }
        case .bfloat16:
            result = try typedWords().map { Float(bitPattern: UInt32(UInt16(truncatingIfNeeded: $0)) << 16) }
        case .double:
            try eachTypedField { reader, field in
                switch field.value {
                case .fixed64(let bits): result.append(Float(Double(bitPattern: bits)))
                default:
                    var packed = reader.inner(try reader.range(field))
                    while !packed.isAtEnd { result.append(Float(Double(bitPattern: try packed.fixed(UInt64.self)))) }
                }
            }
        default: try eachTypedField { try $0.floats($1, into: &result, most: count) }
        }
        guard result.count == count else { throw wrongCount(result.count) }
        return result
    }

    /// - Throws: `FileProblem`, also where an element is no whole number of 64 bits.
    package func integers() throws -> [Int] {
        guard element != .string, element.rawValue < ONNXElement.complex64.rawValue || element.bits == 4 else {
            throw problem("elements of \(element)", "whole numbers or floats")
        }
        if element.isFloat {
            return try floats().map { value in
                guard let whole = Int(exactly: value) else { throw problem("\(value)", "whole numbers") }
                return whole
            }
        }
        guard let raw = try rawElements() else {
            let words = try typedWords()
            if element.bits == 4 {
                // Two of them in each number.
                let all = words.flatMap {
                    [nibble(UInt8(truncatingIfNeeded: $0)), nibble(UInt8(truncatingIfNeeded: $0 >> 4))]
                }
                guard all.count == count || all.count == count + 1 else { throw wrongCount(all.count) }
                return Array(all.prefix(count))
            }
            guard words.count == count else { throw wrongCount(words.count) }
            return words
        }
        func whole<Number: FixedWidthInteger>(_ type: Number.Type, _ index: Int) -> Number {
            Number(littleEndian: raw.loadUnaligned(fromByteOffset: MemoryLayout<Number>.size * index, as: Number.self))
        }
        return try (0..<count).map { index in
            switch element {
            case .uint4, .int4: nibble(index % 2 == 0 ? raw[index / 2] : raw[index / 2] >> 4)
            case .uint8, .bool: Int(raw[index])
            case .int8: Int(whole(Int8.self, index))
            case .uint16: Int(whole(UInt16.self, index))
            case .int16: Int(whole(Int16.self, index))
            case .int32: Int(whole(Int32.self, index))
            case .uint32: Int(whole(UInt32.self, index))
            case .uint64: try checked(whole(UInt64.self, index))
            default: Int(whole(Int64.self, index))
            }
        }
    }

    private func nibble(_ byte: UInt8) -> Int {
        let low = Int(byte & 15)
        return element == .int4 && low > 7 ? low - 16 : low
    }

    private func checked(_ value: UInt64) throws -> Int {
        guard let whole = Int(exactly: value) else { throw problem("\(value)", "a number below 2^63") }
        return whole
    }

    private func wrongCount(_ found: Int) -> FileProblem {
        problem("\(found) elements of \(element)", "\(count) for shape \(shape)")
    }

    private func typedWords() throws -> [Int] {
        var result: [Int] = []
        try eachTypedField { try $0.integers($1, into: &result, most: count) }
        return result
    }

    private func eachTypedField(_ body: (WireReader, WireReader.Field) throws -> Void) throws {
        var reader = WireReader(file, message)
        while let field = try reader.next() {
            if field.number == element.field { try body(reader, field) }
        }
    }
}

extension ONNXSparseTensor {
    /// Of every element, zeros and all.
    /// - Throws: `FileProblem` where a place is outside, or the whole would not fit memory.
    package func floats() throws -> [Float] {
        let count = shape.reduce(1, *)
        guard Double(count) * 4 < FreeMemory.now.bytes else {
            throw values.problem("shape \(shape) for \(values.count) values", "no more than memory takes")
        }
        let given = try values.floats()
        var result = [Float](repeating: 0, count: count)
        for (index, place) in try places().enumerated() { result[place] = given[index] }
        return result
    }

    /// Row-major places of the values.
    package func places() throws -> [Int] {
        let count = shape.reduce(1, *), numbers = try indices.integers()
        let isFlat = indices.shape.count == 1
        guard indices.shape.first == values.count, isFlat || indices.shape == [values.count, shape.count] else {
            throw values.problem(
                "places of shape \(indices.shape)", "[\(values.count)] or [\(values.count), \(shape.count)]")
        }
        return try (0..<values.count).map { index in
            var place = 0
            if isFlat {
                place = numbers[index]
            } else {
                for axis in shape.indices {
                    let at = numbers[index * shape.count + axis]
                    guard (0..<shape[axis]).contains(at) else {
                        throw values.problem("place \(at) on axis \(axis)", "0 to \(shape[axis] - 1)")
                    }
                    place = place * shape[axis] + at
                }
            }
            guard (0..<count).contains(place) else { throw values.problem("place \(place)", "0 to \(count - 1)") }
            return place
        }
    }
}
