/// Texts of NumPy, as labels are that were never numbered.
///
/// ```
/// '<U3': 3 code points of 4 bytes each     '|S3': 3 bytes     shorter ones are filled with zeros
/// ```
package struct TextArray: Sendable {
    package let dimensions: [Int]
    package let values: [String]
    package let path: String

    /// - Parameter characters: of which the last axis is a text.
    init(_ characters: NumberArray) throws {
        let length = characters.dimensions.last ?? 1
        dimensions = Array(characters.dimensions.dropLast())
        path = characters.path
        let codes = try characters.integers(), isBytes = characters.type == .u8
        values = stride(from: 0, to: codes.count, by: length).map { start in
            var text = codes[start..<start + length]
            while text.last == 0 { text.removeLast() }
            if isBytes { return String(decoding: text.map { UInt8($0) }, as: UTF8.self) }
            var scalars = String.UnicodeScalarView()
            for code in text { scalars.append(Unicode.Scalar(UInt32(code)) ?? "\u{FFFD}") }
            return String(scalars)
        }
    }

    /// Characters of each text by NumPy's code of a type; nil for another type.
    static func length(_ code: String) -> Int? {
        let kind = code.drop { "<>|=".contains($0) }
        guard let first = kind.first, "USa".contains(first), let length = Int(kind.dropFirst()),
            (1...1 << 16).contains(length)
        else { return nil }
        return length
    }
}
