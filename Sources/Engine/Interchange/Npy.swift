import Descriptors

/// One array as NumPy saves it.
///
/// ```
/// 0x93 N U M P Y | version: major, minor | length of the header (2 bytes; from version 2 on 4) | header | elements
///
/// header: {'descr': '<f4', 'fortran_order': False, 'shape': (60000, 28, 28), }, filled with spaces to a line break
/// ```
///
/// Arrays of objects are Python's pickles: reading one may run anything, so they are refused.
package enum Npy {
    package static let descriptor = Descriptor(
        name: "npy",
        summary:
            "One array of NumPy: whole numbers, floats of 16, 32 and 64 bits, flags; either order of bytes and of axes",
        citation: "NumPy Enhancement Proposal 1")

    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    static let maximumRank = 32
    /// NumPy itself refuses longer ones.
    private static let longestHeader = 1 << 16

    package static func recognises(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

    /// - Parameter mapsAbove: bytes from which on the file is mapped, not read.
    /// - Throws: `FileProblem`.
    package static func read(_ path: String, mapsAbove: Double = ByteSlice.mapsAbove) throws -> NumberArray {
        let file = try OpenFile(path)
        let start = try file.read(0..<min(file.size, 12 + longestHeader), mayEnd: true)
        let header = try Header(start, size: file.size, path: path, name: "")
        return header.array(
            try ByteSlice.read(file, header.bytes..<file.size, mapsAbove: mapsAbove), path: path, name: "")
    }

    /// - Parameters:
    ///   - path, name: for messages; the name is the array's in an archive.
    package static func decode(_ bytes: ByteSlice, path: String, name: String) throws -> NumberArray {
        let start = bytes[0..<min(bytes.count, 12 + longestHeader)].withBytes { Array($0) }
        let header = try Header(start, size: bytes.count, path: path, name: name)
        return header.array(bytes[header.bytes..<bytes.count], path: path, name: name)
    }

    /// The texts of an array; nil where it holds numbers.
    package static func texts(_ path: String) throws -> TextArray? {
        let file = try OpenFile(path)
        let start = try file.read(0..<min(file.size, 12 + longestHeader), mayEnd: true)
        let header = try Header(start, size: file.size, path: path, name: "", readsTexts: true)
        guard header.isText else { return nil }
        let bytes = try ByteSlice.read(file, header.bytes..<file.size, mapsAbove: ByteSlice.mapsAbove)
        return try TextArray(header.array(bytes, path: path, name: ""))
    }

    package static func texts(_ bytes: ByteSlice, path: String, name: String) throws -> TextArray? {
        let start = bytes[0..<min(bytes.count, 12 + longestHeader)].withBytes { Array($0) }
        let header = try Header(start, size: bytes.count, path: path, name: name, readsTexts: true)
        guard header.isText else { return nil }
        return try TextArray(header.array(bytes[header.bytes..<bytes.count], path: path, name: name))
    }

    private struct Header {
        /// Where the elements begin.
        let bytes: Int
        let type: Tensor.Element
        let isBigEndian: Bool
        let isColumnMajor: Bool
        let dimensions: [Int]
        /// Elements are the characters of texts, which the last axis numbers.
        let isText: Bool

        func array(_ elements: ByteSlice, path: String, name: String) -> NumberArray {
            NumberArray(
                type, dimensions, elements, isBigEndian: isBigEndian, isColumnMajor: isColumnMajor, path: path,
                name: name)
        }

        /// - Parameter size: of the whole file.
        init(_ start: [UInt8], size: Int, path: String, name: String, readsTexts: Bool = false) throws {
            let prefix = name.isEmpty ? "" : "array \(FileProblem.quote(name)), "
            func problem(_ place: String, _ found: String, _ expected: String) -> FileProblem {
                FileProblem(path: path, place: prefix + place, found: found, expected: expected)
            }
            guard start.count >= 10 else { throw problem("size", "\(size) bytes", "an array of NumPy") }
            guard Npy.recognises(start) else {
                throw problem("byte 0", "other bytes", "0x93 'NUMPY', the start of an array of NumPy")
            }
            guard (1...3).contains(start[6]) else {
                throw problem("byte 6", "version \(start[6])", "version 1, 2 or 3")
            }
            let isLong = start[6] > 1
            let first = isLong ? 12 : 10
            guard start.count >= first else { throw problem("size", "\(size) bytes", "a header") }
            let headerBytes = start[8..<first].reversed().reduce(0) { $0 << 8 | Int($1) }
            guard headerBytes <= longestHeader else {
                throw problem("byte 8", "a header of \(headerBytes) bytes", "at most \(longestHeader)")
            }
            guard start.count >= first + headerBytes else {
                throw problem("size", "\(size) bytes", "a header of \(headerBytes) bytes")
            }
            bytes = first + headerBytes
            let text = String(decoding: start[first..<bytes], as: UTF8.self)
            guard let fields = PythonFields(text) else {
                throw problem(
                    "header", FileProblem.quote(text.trimmed),
                    "a dictionary with 'descr', 'fortran_order' and 'shape'")
            }
            guard case .text(let code)? = fields["descr"] else {
                throw problem(
                    "header", "elements of several fields", "one number an element")
            }
            let length = readsTexts ? TextArray.length(code) : nil
            let characters: (Tensor.Element, isBigEndian: Bool)? = length.map { _ in
                (code.contains("U") ? .u32 : .u8, code.first == ">")
            }
            guard let (type, isBigEndian) = characters ?? Npy.type(code) else {
                throw problem(
                    "header",
                    "element type \(FileProblem.quote(code))"
                        + (code.contains("O") ? " (objects, which only Python reads)" : ""),
                    "whole numbers, floats of 16, 32 or 64 bits, or flags")
            }
            guard case .flag(let isColumnMajor)? = fields["fortran_order"],
                case .numbers(var dimensions)? = fields["shape"]
            else {
                throw problem(
                    "header", FileProblem.quote(text.trimmed), "'fortran_order': True or False, 'shape': whole numbers")
            }
            guard dimensions.count <= maximumRank else {
                throw problem("header", "\(dimensions.count) axes", "at most \(maximumRank)")
            }
            if let length { dimensions.append(length) }
            guard let needed = NumberArray.bytes(dimensions, of: type) else {
                throw problem("header", "sizes \(dimensions)", "sizes that a file can hold")
            }
            guard size - bytes == needed else {
                throw problem(
                    "size", "\(size - bytes) bytes behind the header",
                    "\(needed) for sizes \(dimensions) of \(type.bytes) bytes each")
            }
            self.type = type
            self.isBigEndian = isBigEndian && type.bytes > 1
            // Texts stand in a row or a column.
            self.isColumnMajor = isColumnMajor && length == nil
            self.dimensions = dimensions
            isText = length != nil
        }
    }

    /// NumPy's codes: the order of bytes, the kind, the size.
    private static let codes: [(String, Tensor.Element)] = [
        ("b1", .bool), ("?", .bool), ("u1", .u8), ("i1", .i8), ("B", .u8), ("b", .i8), ("u2", .u16), ("i2", .i16),
        ("u4", .u32), ("i4", .i32), ("u8", .u64), ("i8", .i64), ("f2", .f16), ("f4", .f32), ("f8", .f64),
    ]

    private static func type(_ code: String) -> (Tensor.Element, isBigEndian: Bool)? {
        guard let first = code.first else { return nil }
        let hasOrder = "<>|=".contains(first)
        let kind = hasOrder ? String(code.dropFirst()) : code
        return codes.first { $0.0 == kind }.map { ($0.1, first == ">") }
    }

    static func code(_ type: Tensor.Element) -> String? {
        codes.first { $0.1 == type }.map { (type.bytes == 1 ? "|" : "<") + $0.0 }
    }
}

extension String {
    fileprivate var trimmed: String {
        String(self[..<(lastIndex { $0 != " " && $0 != "\n" }.map(index(after:)) ?? startIndex)])
    }
}

/// The few of Python's literals that a header of NumPy is written in: a dictionary of texts, flags and tuples of numbers.
private struct PythonFields {
    enum Field {
        case text(String)
        case flag(Bool)
        case numbers([Int])
        /// A list, as fields of elements are told; not looked into.
        case other
    }
    private var fields: [String: Field] = [:]

    subscript(key: String) -> Field? { fields[key] }

    /// Nil where it is none, or has a key twice.
    init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        func skip() { rest = rest.drop { [32, 9, 10, 13].contains($0) } }
        func take(_ sign: Unicode.Scalar) -> Bool {
            skip()
            guard rest.first == UInt8(ascii: sign) else { return false }
            rest.removeFirst()
            return true
        }
        func word() -> String? {
            skip()
            guard let quote = rest.first, quote == 39 || quote == 34 else { return nil }
            rest.removeFirst()
            guard let end = rest.firstIndex(of: quote) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return String(decoding: rest[..<end], as: UTF8.self)
        }
        func number() -> Int? {
            skip()
            let digits = rest.prefix { (48...57).contains($0) }
            guard !digits.isEmpty, digits.count < 19, let value = Int(String(decoding: digits, as: UTF8.self)) else {
                return nil
            }
            rest = rest[digits.endIndex...]
            // Python 2 wrote long numbers so.
            if rest.first == UInt8(ascii: "L") { rest.removeFirst() }
            return value
        }
        guard take("{") else { return nil }
        while !take("}") {
            guard let key = word(), take(":"), fields[key] == nil else { return nil }
            skip()
            if let text = word() {
                fields[key] = .text(text)
            } else if rest.starts(with: "True".utf8) {
                rest = rest.dropFirst(4)
                fields[key] = .flag(true)
            } else if rest.starts(with: "False".utf8) {
                rest = rest.dropFirst(5)
                fields[key] = .flag(false)
            } else if take("(") {
                var numbers: [Int] = []
                while !take(")") {
                    guard let number = number() else { return nil }
                    numbers.append(number)
                    guard take(",") || rest.first == UInt8(ascii: ")") else { return nil }
                }
                fields[key] = .numbers(numbers)
            } else if rest.first == UInt8(ascii: "[") {
                var depth = 0
                repeat {
                    guard let byte = rest.popFirst() else { return nil }
                    if byte == UInt8(ascii: "[") { depth += 1 }
                    if byte == UInt8(ascii: "]") { depth -= 1 }
                } while depth > 0
                fields[key] = .other
            } else {
                return nil
            }
            guard take(",") || rest.first == UInt8(ascii: "}") else { return nil }
        }
        skip()
        guard rest.isEmpty else { return nil }
    }
}
