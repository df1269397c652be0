import Descriptors

extension Recipe {
    /// The recipe resolved: every value written out, in a fixed order. Reading it gives an equal recipe.
    package var yaml: String {
        var lines = ["name: \(quoted(name))"]
        switch network {
        case .named(let name): lines.append("network: \(quoted(name))")
        case .file(let network):
            let fields =
                ["file: \(quoted(network.file))"]
                + network.values.sorted { $0.key < $1.key }.map { "\($0.key): \(written($0.value))" }
            lines.append("network: {\(fields.joined(separator: ", "))}")
        case .nodes(let nodes):
            lines.append("network:")
            for node in nodes {
                var fields = ["name: \(quoted(node.name))", "operator: \(node.op.name)"]
                if !node.inputs.isEmpty { fields.append("input: [\(node.inputs.map(quoted).joined(separator: ", "))]") }
                fields += node.op.values.sorted { $0.key < $1.key }.map { "\($0.key): \(written($0.value))" }
                lines.append("  - {\(fields.joined(separator: ", "))}")
            }
        }
        // Without a word on it as it always was.
        let words = dataChoice.given.map { "\($0.name): \(written($0.value))" }
        lines.append(
            words.isEmpty
                ? "data: \(quoted(data))" : "data: {\((["name: \(quoted(data))"] + words).joined(separator: ", "))}")
        for parameter in Recipe.descriptor.parameters {
            lines.append("\(parameter.name): \(written(settings[parameter.name]!))")
        }
        for part in Recipe.parts where !part.isList {
            if let choice = choice(part.key) { lines.append("\(part.key): \(written(choice))") }
        }
        let balance = balance.given.map { "\($0.name): \(written($0.value))" }
        if !balance.isEmpty { lines.append("balance: {\(balance.joined(separator: ", "))}") }
        if let distillation {
            let words = distillation.values.map { "\($0.name): \(written($0.value))" }
            lines.append("distill: {\(words.joined(separator: ", "))}")
        }
        if let quantization {
            let words = quantization.values.map { "\($0.name): \(written($0.value))" }
            lines.append("quantize: {\(words.joined(separator: ", "))}")
        }
        for part in Recipe.parts where part.isList {
            guard let list = choices[part.key], !list.isEmpty else { continue }
            lines.append("\(part.key): [\(list.map(written).joined(separator: ", "))]")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    func written(_ choice: Choice) -> String {
        let fields =
            ["name: \(choice.name)"]
            + choice.values.sorted { $0.key < $1.key }.map { "\($0.key): \(written($0.value))" }
        return "{\(fields.joined(separator: ", "))}"
    }

    private func written(_ value: Value) -> String {
        switch value {
        case .text(let text): quoted(text)
        case .number(let number): written(number)
        case .numbersByName(let numbers):
            "{"
                + numbers.sorted { $0.key < $1.key }.map { "\(key($0.key)): \(written($0.value))" }.joined(
                    separator: ", ")
                + "}"
        case .numbers(let numbers): "[\(numbers.map(written).joined(separator: ", "))]"
        case .texts(let texts): "[\(texts.map(quoted).joined(separator: ", "))]"
        case .points(let points):
            "[\(points.map { "[\($0.step), \(written($0.value))]" }.joined(separator: ", "))]"
        default: value.description
        }
    }

    // Readers of YAML 1.1 take 1e-05 for text: a number has a point.
    private func written(_ number: Double) -> String {
        if number.isNaN { return ".nan" }
        if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
        let digits = number.description
        guard let exponent = digits.firstIndex(of: "e"), !digits.contains(".") else { return digits }
        return digits[..<exponent] + ".0" + digits[exponent...]
    }

    private func quoted(_ text: String) -> String { Recipe.yaml(text: text) }

    // A long key must be announced: without it a parser looks no further than 1,024 characters for the colon.
    private func key(_ text: String) -> String {
        let key = quoted(text)
        return key.unicodeScalars.count < 1000 ? key : "? \(key) "
    }

    /// A text as a recipe has it: plain where YAML reads plain text back as the same text, else in double quotes.
    package static func yaml(text: String) -> String {
        let plain = text.utf8.allSatisfy { byte in
            let scalar = Unicode.Scalar(byte)
            return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || "-_/.".unicodeScalars.contains(scalar)
        }
        let readsAsText = text.first.map { $0.isLetter || $0 == "/" } ?? false
        if plain, readsAsText,
            !["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(text.lowercased())
        {
            return text
        }
        var escaped = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\t": escaped += "\\t"
            // What a parser refuses, takes for a line break or for a byte order mark.
            case "\u{0}"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}":
                let digits = String(scalar.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped + "\""
    }
}
