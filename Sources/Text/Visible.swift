/// Text from a recipe, a file, a folder's name or a command line may hold anything: a sequence that a terminal obeys, a
/// mark that turns the rest of the line round, a character that nobody sees. People are shown those, and a terminal is
/// never sent them.
extension StringProtocol {
    /// The text on one line, with every character that is not seen made visible: `␛` for ESC, `␊` for a line break,
    /// `<U+202E>` for those that have no picture of their own.
    package var visible: String { replacingUnseen { $0.picture } }

    /// The same for text of our own that is meant to have several lines.
    package var visibleLines: String { replacingUnseen { $0 == "\n" ? "\n" : $0.picture } }

    /// JSON text as a terminal may get it. Encoders escape only what JSON requires, which is ASCII; in JSON anything
    /// else that is not seen stands inside a string, so it may be written as an escape there.
    package var visibleJSON: String {
        replacingUnseen { scalar in
            // Blanks between the values.
            if scalar == "\n" || scalar == "\t" || scalar == "\r" { return String(scalar) }
            return UTF16.encode(scalar)!.reduce(into: "") { $0 += "\\u" + hexadecimal($1, digits: 4) }
        }
    }

    fileprivate func replacingUnseen(_ replacement: (Unicode.Scalar) -> String) -> String {
        guard unicodeScalars.contains(where: \.isUnseen) else { return String(self) }
        return unicodeScalars.reduce(into: "") { shown, scalar in
            if scalar.isUnseen { shown += replacement(scalar) } else { shown.unicodeScalars.append(scalar) }
        }
    }
}

extension String {
    /// Of letters, digits and signs that everybody sees: most texts are, and need no look at each scalar's properties.
    package var isPlain: Bool {
        func isPlain(_ byte: UInt8) -> Bool { byte >= 0x20 && byte < 0x7F }
        return utf8.withContiguousStorageIfAvailable { $0.allSatisfy(isPlain) } ?? utf8.allSatisfy(isPlain)
    }

    /// As of any text; a picture asks for it at every cell of a table.
    package var visible: String { isPlain ? self : replacingUnseen { $0.picture } }
}

extension Unicode.Scalar {
    /// Takes no place of its own on a line, or changes where others stand: control characters, marks of direction,
    /// joiners, separators of lines, tags, fillers.
    package var isUnseen: Bool {
        switch value {
        case 0x20..<0x7F, 0xA0..<0xAD, 0xAE..<0x300: return false
        case 0..<0x20, 0x7F..<0xA0: return true
        // Lines, blocks and dots that the workbench draws with.
        case 0x2070..<0x2C00: return false
        default: break
        }
        if properties.isDefaultIgnorableCodePoint || pathByte != nil { return true }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }

    /// The picture of a control character where Unicode has one, else its number.
    fileprivate var picture: String {
        switch value {
        case 0..<0x20: String(Unicode.Scalar(0x2400 + value)!)
        case 0x7F: "␡"
        // A byte of a file's name that is no text.
        case 0x10FF80...: "\\x" + hexadecimal(value & 0xFF, digits: 2).uppercased()
        default: "<U+" + hexadecimal(value, digits: 4).uppercased() + ">"
        }
    }
}

private func hexadecimal(_ value: some BinaryInteger, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: Swift.max(0, digits - text.count)) + text
}
