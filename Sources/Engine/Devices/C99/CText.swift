/// Numbers and tables as C has them.
enum CText {
    static func float(_ value: Float) -> String {
        if value.isInfinite { return value > 0 ? "INFINITE" : "(-INFINITE)" }
        if value.isNaN { return "(INFINITE - INFINITE)" }
        var text = "\(value)"
        if !text.contains(".") && !text.contains("e") { text += ".0" }
        return value < 0 ? "(\(text)f)" : "\(text)f"
    }

    /// A constant table; `unit` names the type.
    static func table(_ name: String, _ type: String, _ values: [String], perLine: Int = 16) -> String {
        var lines = ["static const \(type) \(name)[\(values.count)] = {"]
        for first in stride(from: 0, to: values.count, by: perLine) {
            lines.append("    " + values[first..<min(first + perLine, values.count)].joined(separator: ", ") + ",")
        }
        return lines.joined(separator: "\n") + "\n};\n"
    }
    static func table(_ name: String, floats: [Float]) -> String {
        table(name, "float", floats.map(float), perLine: 8)
    }
    static func table(_ name: String, _ type: String, _ values: [some BinaryInteger]) -> String {
        // The least 32-bit integer has no literal in C.
        table(name, type, values.map { $0 == Int32.min ? "(-2147483647 - 1)" : "\($0)" })
    }

    /// The values of an array, as a macro has them.
    static func list(_ floats: [Float]) -> String {
        let lines = stride(from: 0, to: floats.count, by: 8).map { first in
            floats[first..<min(first + 8, floats.count)].map(float).joined(separator: ", ")
        }
        return "{" + lines.joined(separator: ", \\\n    ") + "}"
    }

    /// An identifier of any text.
    static func identifier(_ text: String) -> String {
        let letters = text.unicodeScalars.map { scalar -> String in
            let isWord = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            return isWord ? String(scalar) : "_"
        }.joined()
        return letters.first.map { ("0"..."9").contains($0) } ?? true ? "n" + letters : letters
    }
    /// Text that ends no comment.
    static func comment(_ text: String) -> String {
        text.replacing("*/", with: "* /").replacing("\n", with: " ").replacing("\\", with: "/")
    }
}
