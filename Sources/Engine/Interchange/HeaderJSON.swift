/// The JSON that a safetensors header may hold: objects, arrays, strings and whole numbers.
indirect enum HeaderJSON {
    /// In the order of the file; no key twice.
    case object([(key: String, value: HeaderJSON)])
    case array([HeaderJSON])
    case string(String)
    case integer(Int)

    /// A header is three deep: itself, tensor, offsets, numbers. What goes deeper is none, and would cost stack.
    static let maximumDepth = 3

    /// - Throws: `FileProblem` with the byte in the file.
    static func parse(_ bytes: ArraySlice<UInt8>, path: String) throws -> HeaderJSON {
        var reader = Reader(bytes: bytes, at: bytes.startIndex, path: path)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        if reader.at < bytes.endIndex { throw reader.problem("the end of the header") }
        return value
    }

    /// A string as JSON: what must be escaped is, all else stays UTF-8.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

private struct Reader {
    let bytes: ArraySlice<UInt8>
    var at: Int
    let path: String

    func problem(_ expected: String) -> FileProblem {
        let found: String
        if at >= bytes.endIndex {
            found = "the end of the header"
        } else if (0x21...0x7E).contains(bytes[at]) {
            found = "'\(Character(Unicode.Scalar(bytes[at])))'"
        } else {
            found = "byte value \(bytes[at])"
        }
        return FileProblem(path: path, place: "header, byte \(at)", found: found, expected: expected)
    }

    mutating func value(depth: Int) throws -> HeaderJSON {
        if depth > HeaderJSON.maximumDepth { throw problem("no deeper nesting") }
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return .integer(try integer())
        default: throw problem("an object, an array, text or a whole number")
        }
    }

    private var peek: UInt8? { at < bytes.endIndex ? bytes[at] : nil }

    mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard peek == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    private mutating func object(depth: Int) throws -> HeaderJSON {
        at += 1
        var members: [(key: String, value: HeaderJSON)] = []
        var seen: Set<String> = []
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw problem("a name in quotes") }
            let start = at
            let key = try string()
            guard seen.insert(key).inserted else {
                throw FileProblem(
                    path: path, place: "header, byte \(start)", found: "\(FileProblem.quote(key)) twice",
                    expected: "each name once")
            }
            guard take(":") else { throw problem("':'") }
            members.append((key, try value(depth: depth + 1)))
        } while take(",")
        guard take("}") else { throw problem("',' or '}'") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws -> HeaderJSON {
        at += 1
        var elements: [HeaderJSON] = []
        if take("]") { return .array([]) }
        repeat {
            // A number takes a byte of the file and fifty of memory.
            guard elements.count < TensorEntry.maximumRank else {
                throw problem("at most \(TensorEntry.maximumRank) numbers")
            }
            elements.append(try value(depth: depth + 1))
        } while take(",")
        guard take("]") else { throw problem("',' or ']'") }
        return .array(elements)
    }

    private mutating func integer() throws -> Int {
        let start = at
        var number = 0
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            let (tens, high) = number.multipliedReportingOverflow(by: 10)
            let (next, low) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            if high || low { throw problem("a whole number below 2^63") }
            number = next
            at += 1
        }
        if at - start > 1, bytes[start] == UInt8(ascii: "0") {
            at = start
            throw problem("a whole number without leading zeros")
        }
        return number
    }

    private mutating func string() throws -> String {
        at += 1
        let start = at
        var text: [UInt8] = []
        while let byte = peek, byte != UInt8(ascii: "\"") {
            if byte < 0x20 { throw problem("no control characters in text") }
            at += 1
            if byte == UInt8(ascii: "\\") { text += try escape() } else { text.append(byte) }
        }
        guard peek != nil else { throw problem("'\"'") }
        guard let result = String(validating: text, as: UTF8.self) else {
            at = start
            throw problem("text in UTF-8")
        }
        at += 1
        return result
    }

    private mutating func escape() throws -> [UInt8] {
        guard let byte = peek else { throw problem("an escape") }
        at += 1
        switch Unicode.Scalar(byte) {
        case "\"", "\\", "/": return [byte]
        case "b": return [8]
        case "f": return [12]
        case "n": return [10]
        case "r": return [13]
        case "t": return [9]
        case "u":
            var units = [try unit()]
            // Half of a pair calls for the other half.
            if (0xD800...0xDBFF).contains(units[0]) {
                guard peek == UInt8(ascii: "\\") else { throw problem("the second half of a surrogate pair") }
                at += 1
                guard peek == UInt8(ascii: "u") else { throw problem("the second half of a surrogate pair") }
                at += 1
                units.append(try unit())
            }
            guard let text = String(validating: units, as: UTF16.self) else { throw problem("a Unicode character") }
            return Array(text.utf8)
        default:
            at -= 1
            throw problem("one of the escapes of JSON")
        }
    }

    private mutating func unit() throws -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw problem("four hexadecimal digits")
            }
            value = value << 4 | UInt16(digit)
            at += 1
        }
        return value
    }
}
