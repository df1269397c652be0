/// The fields of one message of a protocol buffer, one after the other. Nothing is copied: a nested message, text or
/// packed numbers are a range of the file's bytes.
///
/// ```
/// key = number << 3 | kind     kind 0: varint    1: 8 bytes    2: length (varint), bytes    5: 4 bytes
/// ```
package struct WireReader {
    package enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        case bytes(Range<Int>)
    }

    package struct Field {
        package let number: Int
        package let value: Value
        /// Of the whole field, key and all.
        package let range: Range<Int>
    }

    // Held, or its memory would be gone.
    private let file: MappedFile
    private let end: Int
    package private(set) var at: Int

    package init(_ file: MappedFile, _ range: Range<Int>? = nil) {
        self.file = file
        at = range?.lowerBound ?? 0
        end = range?.upperBound ?? file.bytes.count
    }

    private var bytes: UnsafeRawBufferPointer { file.bytes }
    private var path: String { file.path }

    package func problem(_ found: String, _ expected: String) -> FileProblem {
        FileProblem(path: path, place: "byte \(at)", found: found, expected: expected)
    }

    /// Nil at the end of the message.
    /// - Throws: `FileProblem` where a length leads out of the message, or a field is of no kind that is in use.
    package mutating func next() throws -> Field? {
        guard at < end else { return nil }
        let start = at
        let key = try varint()
        let number = key >> 3
        guard number >= 1, number < 1 << 29 else {
            at = start
            throw problem("field number \(number)", "a number from 1 to 536870911: is this an ONNX file?")
        }
        let value: Value
        switch key & 7 {
        case 0: value = .varint(try varint())
        case 1: value = .fixed64(try fixed(UInt64.self))
        case 5: value = .fixed32(try fixed(UInt32.self))
        case 2:
            let place = at
            let length = try varint()
            guard length <= UInt64(end - at) else {
                at = place
                throw problem("a field of \(length) bytes", "at most the \(end - place) bytes that are left")
            }
            value = .bytes(at..<at + Int(length))
            at += Int(length)
        default:
            at = start
            throw problem("a field of kind \(key & 7)", "kind 0, 1, 2 or 5: is this an ONNX file?")
        }
        return Field(number: Int(number), value: value, range: start..<at)
    }

    package var isAtEnd: Bool { at >= end }

    package mutating func varint() throws -> UInt64 {
        var result: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard at < end else { throw problem("the end of the message", "the rest of a number") }
            let byte = bytes[at]
            at += 1
            if shift == 63, byte > 1 { break }
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return result }
        }
        throw problem("a number of more than 64 bits", "at most 10 bytes a number")
    }

    package mutating func fixed<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        let size = MemoryLayout<Number>.size
        guard size <= end - at else { throw problem("the end of the message", "\(size) bytes") }
        defer { at += size }
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: Number.self))
    }
}

/// A field's value as the kind that its reader wants.
extension WireReader {
    private func wrongKind(_ field: Field, _ expected: String) -> FileProblem {
        FileProblem(
            path: path, place: "byte \(field.range.lowerBound)", found: "field \(field.number) of another kind",
            expected: expected)
    }

    package func range(_ field: Field) throws -> Range<Int> {
        guard case .bytes(let range) = field.value else { throw wrongKind(field, "bytes") }
        return range
    }

    package func integer(_ field: Field) throws -> Int {
        guard case .varint(let value) = field.value else { throw wrongKind(field, "a whole number") }
        return Int(Int64(bitPattern: value))
    }

    package func float(_ field: Field) throws -> Float {
        guard case .fixed32(let bits) = field.value else { throw wrongKind(field, "a number of 4 bytes") }
        return Float(bitPattern: bits)
    }

    package func text(_ field: Field) throws -> String {
        let range = try range(field)
        // Names are compared by their bytes: what is no UTF-8 must not become equal to something else.
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw FileProblem(
                path: path, place: "byte \(range.lowerBound)", found: "text that is no UTF-8", expected: "text in UTF-8"
            )
        }
        return text
    }

    /// Numbers of a repeated field, packed or one a field.
    /// - Parameter most: how many may be there in all.
    package func integers(_ field: Field, into list: inout [Int], most: Int) throws {
        switch field.value {
        case .varint(let value): list.append(Int(Int64(bitPattern: value)))
        case .bytes(let range):
            var packed = inner(range)
            while !packed.isAtEnd {
                guard list.count < most else { throw packed.problem("more than \(most) numbers", "at most \(most)") }
                list.append(Int(Int64(bitPattern: try packed.varint())))
            }
        default: throw wrongKind(field, "whole numbers")
        }
        guard list.count <= most else { throw problem("more than \(most) numbers", "at most \(most)") }
    }

    package func floats(_ field: Field, into list: inout [Float], most: Int) throws {
        switch field.value {
        case .fixed32(let bits): list.append(Float(bitPattern: bits))
        case .bytes(let range):
            guard range.count % 4 == 0, range.count / 4 <= most - list.count else {
                throw FileProblem(
                    path: path, place: "byte \(range.lowerBound)", found: "\(range.count) bytes of floats",
                    expected: "four bytes a float, at most \(most) floats")
            }
            var packed = inner(range)
            while !packed.isAtEnd { list.append(Float(bitPattern: try packed.fixed(UInt32.self))) }
        default: throw wrongKind(field, "floats")
        }
        guard list.count <= most else { throw problem("more than \(most) numbers", "at most \(most)") }
    }

    /// A reader of a message inside this one.
    package func inner(_ range: Range<Int>) -> WireReader {
        WireReader(file, range)
    }
}
