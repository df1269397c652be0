extension StringProtocol {
    /// The text as one word of a POSIX shell, to be pasted into one: as it is where nothing in it means anything to a
    /// shell, else in single quotes, else as `$'…'`, so that the printed line holds no character that is not seen.
    package var shellWord: String {
        let isPlain = unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                || "_./:@%+,-=".unicodeScalars.contains($0)
        }
        // zsh takes a word that begins with `=` for the path of a command.
        if isPlain, let first, first != "=" { return String(self) }
        guard unicodeScalars.contains(where: \.isUnseen) else {
            return "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
        }
        return "$'" + utf8Escapes + "'"
    }

    /// Three octal digits a byte: the one form that is the same in every shell and every locale.
    private var utf8Escapes: String {
        unicodeScalars.reduce(into: "") { word, scalar in
            switch scalar {
            case "\n": word += "\\n"
            case "\\": word += "\\\\"
            // Interactive shells look for `!` and for quotes before anything else.
            case "'", "!": word += octal(scalar)
            default: if scalar.isUnseen { word += octal(scalar) } else { word.unicodeScalars.append(scalar) }
            }
        }
    }

    private func octal(_ scalar: Unicode.Scalar) -> String {
        (scalar.pathByte.map { [$0] } ?? Array(UTF8.encode(scalar)!)).reduce(into: "") { text, byte in
            let digits = String(byte, radix: 8)
            text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
        }
    }
}

/// A command as a person may paste it into a shell. Names given to it cannot become options or commands.
///
/// - Parameters:
///   - command: The program, with what is always the same after it.
///   - names: What it is called on: behind `--` where one begins with a dash.
package func shellCommand(_ command: [String], on names: [String]) -> String {
    let separator = names.contains { $0.hasPrefix("-") } ? ["--"] : []
    return (command + separator + names).map(\.shellWord).joined(separator: " ")
}
