import Descriptors
import Foundation
import Graph
import Interchange
import Sparsity
@preconcurrency import Yams

/// Reads recipes: YAML, checked against the descriptors. Every error names the line, the value and what is accepted.
package struct RecipeReader {
    private let file: String
    private static let limitBytes = 1 << 20
    private static let ownKeys = ["name", "network", "data"]

    private init(file: String) { self.file = file }

    /// - Parameter changes: `key=value`, keys as in `optimizer.momentum`, applied before anything is checked.
    /// - Throws: `RecipeError`, `FileProblem`.
    package static func read(_ path: String, changes: [String] = []) throws -> Recipe {
        let bytes = try FileBytes.read(path, limit: limitBytes)
        // A file whose name makes no folder's: the run has one all the same.
        let file = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
        let base = isFolderName(file) ? file : "recipe"
        return try read(String(decoding: bytes, as: UTF8.self), file: path, name: base, changes: changes)
    }

    package static func read(_ text: String, file: String, name: String, changes: [String] = []) throws -> Recipe {
        let reader = RecipeReader(file: file)
        try reader.refuseAliases(text)
        let composed: Node?
        do {
            composed = try Yams.compose(yaml: text)
        } catch {
            let line = (error as? YamlError).flatMap(reader.line)
            throw RecipeError(file: file, line: line, message: "not YAML: \(reader.sentence(error))")
        }
        guard var root = composed, root.mapping != nil else {
            throw RecipeError(file: file, line: 1, message: "expected a mapping of keys, as 'network: lenet-300-100'")
        }
        for change in changes { try reader.apply(change, to: &root) }
        return try reader.recipe(root.mapping!, name: name)
    }

    // An alias bomb composes quickly and is then walked for ever, so aliases are refused before composing. Looked for in
    // bytes and without regard to quotes: where a quoted text ends is the parser's to know. An anchor or alias has its
    // name right behind, so that "R & D" and "R&D" are text.
    private func refuseAliases(_ text: String) throws {
        let bytes = Array(text.utf8)
        var line = 1
        var isComment = false, isLineStart = true, hasQuotes = false
        for (index, byte) in bytes.enumerated() {
            let before = index == 0 ? UInt8(ascii: " ") : bytes[index - 1]
            // YAML 1.1 ends lines at NEL (C2 85), LS and PS (E2 80 A8, E2 80 A9) as well.
            let isBreak =
                byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") || byte == 0x85 && before == 0xC2
                || (byte == 0xA8 || byte == 0xA9) && index > 1 && before == 0x80 && bytes[index - 2] == 0xE2
            if isBreak {
                if byte != UInt8(ascii: "\n") || before != UInt8(ascii: "\r") { line += 1 }
                (isLineStart, isComment) = (true, false)
                continue
            }
            switch byte {
            // Behind a quote a line that looks like a comment may be text.
            case UInt8(ascii: "#") where isLineStart && !hasQuotes: isComment = true
            case UInt8(ascii: "\""), UInt8(ascii: "'"): hasQuotes = hasQuotes || !isComment
            case UInt8(ascii: "&"), UInt8(ascii: "*"):
                let next = index + 1 < bytes.count ? bytes[index + 1] : 0
                let isName =
                    Character(UnicodeScalar(next)).isASCII
                    && (Character(UnicodeScalar(next)).isLetter || Character(UnicodeScalar(next)).isNumber
                        || next == UInt8(ascii: "_") || next == UInt8(ascii: "-"))
                if !isComment, isName, before >= 0x80 || " \t\r\n[]{},:-?\"'".utf8.contains(before) {
                    throw RecipeError(
                        file: file, line: line,
                        message: "anchors and aliases ('\(UnicodeScalar(byte))') are not accepted")
                }
            default: break
            }
            if byte != UInt8(ascii: " "), byte != UInt8(ascii: "\t") { isLineStart = false }
        }
    }

    private func line(_ error: YamlError) -> Int? {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        case .duplicatedKeysInMapping(_, let context): context.mark.line
        default: nil
        }
    }
    private func sentence(_ error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _): problem
        case .duplicatedKeysInMapping(let keys, _):
            "the key \(keys.map { "\($0)" }.joined(separator: ", ")) stands twice"
        default: "\(error)".split(separator: "\n").first.map(String.init) ?? "\(error)"
        }
    }

    private func apply(_ change: String, to root: inout Node) throws {
        let parts = change.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw RecipeError(file: "--set \(change)", line: nil, message: "expected key=value")
        }
        let value: Node
        do {
            value = try Yams.compose(yaml: parts[1]).map(withoutLines) ?? Node("")
        } catch {
            throw RecipeError(file: "--set \(change)", line: nil, message: "not YAML: \(sentence(error))")
        }
        set(&root, parts[0].split(separator: ".").map(String.init), value)
    }
    // What the command line gives stands in no line of the file.
    private func withoutLines(_ node: Node) -> Node {
        switch node {
        case .scalar(var scalar):
            scalar.mark = nil
            return .scalar(scalar)
        case .mapping(let mapping):
            return .mapping(Node.Mapping(mapping.map { (withoutLines($0.key), withoutLines($0.value)) }))
        case .sequence(let sequence): return .sequence(Node.Sequence(sequence.map(withoutLines)))
        default: return node
        }
    }
    private func set(_ node: inout Node, _ path: [String], _ value: Node) {
        guard let key = path.first else { return node = value }
        // 'optimizer: sgd' becomes 'optimizer: {name: sgd}' when one of its parameters is set.
        var mapping = node.mapping ?? Node.Mapping(node.scalar.map { [(Node("name"), Node.scalar($0))] } ?? [])
        var inner = mapping[Node(key)] ?? Node.mapping(Node.Mapping([]))
        set(&inner, Array(path.dropFirst()), value)
        mapping[Node(key)] = inner
        node = .mapping(mapping)
    }

    private func recipe(_ root: Node.Mapping, name: String) throws -> Recipe {
        let known = Self.ownKeys + Recipe.parts.map(\.key) + Recipe.descriptor.parameters.map(\.name)
        var settings: [String: Value] = [:]
        for (key, value) in root {
            guard let word = key.string, known.contains(word) else {
                throw error(key, "no key '\(key.string ?? "?")'; accepted: \(known.joined(separator: ", "))")
            }
            if Recipe.descriptor.parameters.contains(where: { $0.name == word }) {
                settings[word] = try self.value(value)
            }
        }
        let checked: [String: Value] = try checking(root) { try Arguments(settings, for: Recipe.descriptor).values }
        var choices: [String: Recipe.Choice] = [:]
        for part in Recipe.parts { choices[part.key] = try choice(part, in: root) }
        let recipe = Recipe(
            name: try self.name(root) ?? name, network: try network(root),
            data: try text(root, "data") ?? "fashion-mnist",
            settings: checked, optimizer: choices["optimizer"]!, learningRate: choices["learning-rate"]!,
            loss: choices["loss"]!, method: choices["method"]!, schedule: choices["schedule"],
            criterion: choices["criterion"]!, granularity: choices["granularity"]!,
            distribution: choices["distribution"]!)
        // A part that does not fit (begin after end, a method without its schedule) is refused here, with its line.
        try checking(root) { _ = try recipe.parts() }
        return recipe
    }

    // A run's folder is named after the recipe.
    private func name(_ root: Node.Mapping) throws -> String? {
        guard let name = try text(root, "name") else { return nil }
        guard Self.isFolderName(name) else {
            throw error(
                root[Node("name")]!,
                "'name' is \(name.debugDescription); accepted: a folder's name, up to 200 bytes without '/' and control characters"
            )
        }
        return name
    }

    private static func isFolderName(_ name: String) -> Bool {
        name.unicodeScalars.allSatisfy { $0 != "/" && $0.properties.generalCategory != .control }
            && name != "." && name != ".." && name.utf8.count <= 200
    }

    private func text(_ root: Node.Mapping, _ key: String) throws -> String? {
        guard let node = root[Node(key)] else { return nil }
        guard let text = node.scalar?.string, !text.isEmpty else { throw error(node, "'\(key)' must be text") }
        return text
    }

    private func choice(_ part: Recipe.Part, in root: Node.Mapping) throws -> Recipe.Choice? {
        let accepted = part.options.map(\.name)
        guard let node = root[Node(part.key)] else {
            return try part.fallback.map { name in
                let descriptor = part.options.first { $0.name == name }!
                return Recipe.Choice(name, try Arguments(for: descriptor).values)
            }
        }
        let nameNode = node.mapping?[Node("name")] ?? node
        guard let name = nameNode.scalar?.string else {
            throw error(node, "'\(part.key)' needs a name; accepted: one of \(accepted.joined(separator: ", "))")
        }
        guard let descriptor = part.options.first(where: { $0.name == name }) else {
            throw error(
                nameNode, "'\(part.key)' is \(name); accepted: one of \(accepted.joined(separator: ", "))")
        }
        let values = try self.values(node.mapping, but: ["name"])
        return Recipe.Choice(
            name, try checking(node.mapping ?? root) { try Arguments(values, for: descriptor).values })
    }

    private func network(_ root: Node.Mapping) throws -> Recipe.NetworkChoice {
        guard let node = root[Node("network")] else {
            throw RecipeError(
                file: file, line: 1,
                message: "'network' is missing; accepted: "
                    + NamedNetworks.all.map { $0.descriptor.name }.joined(separator: ", ") + ", or a list of nodes")
        }
        if let name = node.scalar?.string { return .named(name) }
        guard let nodes = node.sequence else { throw error(node, "'network' must be a name or a list of nodes") }
        var choices: [Recipe.NodeChoice] = []
        for (number, entry) in nodes.enumerated() {
            guard let mapping = entry.mapping, let word = mapping[Node("operator")]?.scalar?.string else {
                throw error(entry, "a node needs 'operator'")
            }
            guard let type = Operators.all.first(where: { $0.descriptor.name == word }) else {
                let names = Operators.all.map { $0.descriptor.name }.joined(separator: ", ")
                throw error(mapping[Node("operator")]!, "'operator' is \(word); accepted: one of \(names)")
            }
            let inputs: [String]
            switch mapping[Node("input")] {
            case nil: inputs = []
            case .some(let given):
                let names = given.sequence.map(Array.init) ?? [given]
                inputs = try names.map {
                    guard let name = $0.scalar?.string else { throw error($0, "'input' must be the name of a node") }
                    return name
                }
            }
            let values = try self.values(mapping, but: ["operator", "name", "input"])
            let checked = try checking(mapping) {
                let arguments = try Arguments(values, for: type.descriptor)
                _ = try type.init(arguments)
                return arguments.values
            }
            choices.append(
                Recipe.NodeChoice(
                    name: try text(mapping, "name") ?? "\(word)\(number + 1)", inputs: inputs,
                    op: Recipe.Choice(word, checked)))
        }
        return .nodes(choices)
    }

    private func values(_ mapping: Node.Mapping?, but own: [String]) throws -> [String: Value] {
        var values: [String: Value] = [:]
        for (key, node) in mapping ?? Node.Mapping([]) {
            guard let word = key.string else { throw error(key, "a key must be text") }
            if !own.contains(word) { values[word] = try value(node) }
        }
        return values
    }

    private func value(_ node: Node) throws -> Value {
        if let mapping = node.mapping {
            var numbers: [String: Double] = [:]
            for (key, inner) in mapping {
                guard let word = key.string, let number = inner.float ?? inner.int.map(Double.init) else {
                    throw error(inner, "expected a number")
                }
                numbers[word] = number
            }
            return .numbersByName(numbers)
        }
        if let boolean = node.bool { return .boolean(boolean) }
        if let integer = node.int { return .integer(integer) }
        if let number = node.float { return .number(number) }
        guard let text = node.scalar?.string else { throw error(node, "expected one value") }
        return .text(text)
    }

    // Turns an argument's error into one that names the line of the parameter.
    private func checking<Result>(_ mapping: Node.Mapping, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let problem as ArgumentError {
            let node = mapping.first { $0.key.string == problem.parameter }.map(\.value)
            let inner = mapping.lazy.compactMap {
                $0.value.mapping?.first { $0.key.string == problem.parameter }?.value
            }.first
            throw error(node ?? inner ?? mapping.first?.key ?? Node(""), problem.description)
        }
    }

    private func error(_ node: Node, _ message: String) -> RecipeError {
        // What --set brought has no line.
        RecipeError(
            file: node.mark == nil ? "\(file), as changed by --set" : file, line: node.mark?.line, message: message)
    }
}
