import Descriptors
import Foundation
import Graph
import Interchange
import Sparsity

/// Reads recipes: YAML, checked against the descriptors. Every error names the line, the value and what is accepted.
package struct RecipeReader {
    private var lines: RecipeLines
    private static let limitBytes = 1 << 24
    private static let ownKeys = ["name", "network", "data"]

    /// - Parameter changes: `key=value`, keys as in `optimizer.momentum`, applied before anything is checked.
    /// - Throws: `RecipeError`, `FileProblem`.
    package static func read(_ path: String, changes: [String] = []) throws -> Recipe {
        let bytes = try FileBytes.read(path, limit: limitBytes)
        // A file whose name makes no folder's: the run has one all the same.
        let file = Files.withoutEnding(Files.name(of: path))
        let base = isFolderName(file) ? file : "recipe"
        return try read(text(bytes, of: path), file: path, name: base, changes: changes)
    }

    /// - Parameter isInside: the text is a part of another file: its lines are nobody's.
    package static func read(
        _ text: String, file: String, name: String, changes: [String] = [], isInside: Bool = false
    ) throws -> Recipe {
        var reader = RecipeReader(lines: RecipeLines())
        reader.lines.file = file
        reader.lines.isCounted = !isInside
        do {
            guard var root = try RecipeNode.read(text, place: RecipePlace.line), root.entries != nil else {
                throw NotARecipe(line: 1, message: "expected a mapping of keys, as 'network: lenet-300-100'")
            }
            for change in changes {
                try root.apply(change)
                reader.lines.changed.append(String(change.prefix { $0 != "=" }))
            }
            reader.remember(root, "")
            return try reader.recipe(root, name: name)
        } catch let problem as NotARecipe {
            throw reader.lines.error(problem.line.map(RecipePlace.line), problem.message)
        }
    }

    /// A byte order mark is what some editors put before a text; anything but UTF-8 is refused where it stands.
    private static func text(_ bytes: [UInt8], of file: String) throws -> String {
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        func problem(_ line: Int, _ found: String) -> RecipeError {
            RecipeError(file: file, line: line, message: "not UTF-8: found \(found); accepted: text in UTF-8")
        }
        guard !isUTF16(bytes) else { throw problem(1, "UTF-16") }
        if let text = String(validating: content, as: UTF8.self) { return text }
        // The longest start that is text ends where the first wrong byte stands.
        var end = content.startIndex
        while let next = (1...4).first(where: { String(validating: content[end...].prefix($0), as: UTF8.self) != nil })
        {
            end += next
        }
        let (line, count) = RecipeLines.line(after: content[..<end])
        throw problem(line, String(format: "the byte 0x%02X, byte %d of the line", content[end], count + 1))
    }

    /// By its mark; without one by the zeros that stand at every other byte of what is mostly ASCII.
    private static func isUTF16(_ bytes: [UInt8]) -> Bool {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return true }
        let zeros = bytes.indices.filter { bytes[$0] == 0 }
        return bytes.count % 2 == 0 && 4 * zeros.count >= bytes.count && Set(zeros.map { $0 % 2 }).count == 1
    }

    private mutating func remember(_ node: RecipeNode, _ prefix: String) {
        for entry in node.entries ?? [] {
            lines.keys[prefix + entry.key] = entry.valuePlace
            remember(entry.value, prefix + entry.key + ".")
        }
    }

    private mutating func recipe(_ root: RecipeNode, name: String) throws -> Recipe {
        let known =
            Self.ownKeys + Recipe.parts.map(\.key) + [Recipe.augment.key, Balance.descriptor.name]
            + Recipe.descriptor.parameters.map(\.name)
        var settings: [String: Value] = [:]
        for entry in root.entries! {
            guard known.contains(entry.key) else {
                throw lines.error(entry.place, "no key '\(entry.key)'; accepted: \(known.joined(separator: ", "))")
            }
            if Recipe.descriptor.parameters.contains(where: { $0.name == entry.key }) {
                settings[entry.key] = try value(entry)
            }
        }
        let balance = try balance(root, &settings)
        if lines.keys["floor"] == nil { lines.keys["floor"] = lines.keys["\(Balance.descriptor.name).floor"] }
        let checked = try checking(root, nil) { try Arguments(settings, for: Recipe.descriptor).values }
        var choices: [String: Recipe.Choice] = [:]
        for part in Recipe.parts { choices[part.key] = try choice(part, in: root) }
        choices["distribution"] = try measured(choices["distribution"]!, root)
        let network = try network(root)
        let recipeName = try self.name(root) ?? name
        let (data, dataChoice) = try data(root)
        var recipe = Recipe(
            name: recipeName, network: network, data: data,
            settings: checked, optimizer: choices["optimizer"]!, learningRate: choices["learning-rate"]!,
            loss: choices["loss"]!, figure: choices["figure"], augment: try augmentations(root),
            method: choices["method"]!, schedule: choices["schedule"],
            criterion: choices["criterion"]!, granularity: choices["granularity"]!,
            distribution: choices["distribution"]!, refine: choices["refine"])
        recipe.dataChoice = dataChoice
        recipe.balance = balance
        recipe.lines = lines
        // A part that does not fit (begin after end, a method without its schedule) is refused here, with its line.
        do {
            _ = try recipe.parts()
        } catch let problem as ArgumentError {
            let part = Recipe.parts.first { part in
                guard let choice = recipe.choice(part.key) else { return false }
                let isOwner = problem.owner == choice.name || problem.owner == "\(part.key) \(choice.name)"
                return isOwner && (problem.parameter == "schedule" || choice.values[problem.parameter] != nil)
            }
            throw error(problem, in: part.flatMap { root[$0.key] } ?? root, of: part?.key)
        }
        return recipe
    }

    /// A name or a path, alone or with words on how it is to be taken.
    private func data(_ root: RecipeNode) throws -> (String, DataChoice) {
        guard let node = root["data"], node.entries != nil else {
            return (try text(root, "data") ?? "fashion-mnist", .standard)
        }
        let name = try text(node, "name"), path = try text(node, "path")
        guard name == nil || path == nil else {
            throw lines.error(node.entry("path")?.place, "'data' has 'name' and 'path'; accepted: one of them")
        }
        guard let data = name ?? path else {
            throw lines.error(
                root.entry("data")?.valuePlace,
                "'data' needs 'name': the name of a data set, or the path of a file or folder")
        }
        let values = try values(node, but: ["name", "path"])
        return (data, try checking(node, "data") { try DataChoice(values) })
    }

    /// The floor may stand there or by itself, and is kept as the setting that it is.
    private func balance(_ root: RecipeNode, _ settings: inout [String: Value]) throws -> Balance {
        let key = Balance.descriptor.name
        guard let node = root[key] else { return .standard }
        guard let entries = node.entries else {
            throw lines.error(
                root.entry(key)?.valuePlace,
                "'\(key)' must be a mapping, as in {floor: 90, on-miss: roll-back}; accepted: floor, "
                    + Balance.descriptor.parameters.map(\.name).joined(separator: ", "))
        }
        if let floor = entries.first(where: { $0.key == "floor" }) {
            let value = try value(floor)
            guard settings["floor"] == nil || settings["floor"] == value else {
                throw lines.error(floor.valuePlace, "'floor' stands twice: in '\(key)', and by itself; accepted: once")
            }
            settings["floor"] = value
        }
        let values = try values(node, but: ["floor"])
        return try checking(node, key) { try Balance(values) }
    }

    /// A distribution by a file of measurements: its numbers stand in the recipe from now on, and the file need not stay.
    private func measured(_ choice: Recipe.Choice, _ root: RecipeNode) throws -> Recipe.Choice {
        guard case .text(let file)? = choice.values["file"] else { return choice }
        let key = choice.name == Distributions.ByLatency.descriptor.name ? "times" : "layers"
        guard choice.values[key] == nil else {
            throw lines.error(
                root["distribution"]?.entry(key)?.place, "'distribution' has 'file' and '\(key)'; accepted: one of them"
            )
        }
        let read = try Sensitivity.read(HomeFolder.find(file))
        var values = choice.values
        values["file"] = nil
        if key == "times" {
            values[key] = .numbersByName(
                Dictionary(read.layers.map { ($0.name, $0.microseconds ?? 0) }, uniquingKeysWith: { first, _ in first })
            )
        } else {
            guard case .number(let budget)? = values["budget"] else {
                throw lines.error(
                    root["distribution"]?.entry("file")?.place,
                    "'distribution' has 'file' and needs 'budget': what the figure may lose by one layer alone")
            }
            values["budget"] = nil
            let largest = read.largest(within: budget, isHigherBetter: read.isHigherBetter)
            values[key] = .numbersByName(largest.mapValues { min($0, 0.9999) })
        }
        return Recipe.Choice(choice.name, values)
    }

    // A run's folder is named after the recipe.
    private func name(_ root: RecipeNode) throws -> String? {
        guard let name = try text(root, "name") else { return nil }
        guard Self.isFolderName(name) else {
            throw lines.error(
                at: "name",
                message:
                    "'name' is \"\(name)\"; accepted: a folder's name, up to 200 bytes without '/' and control characters"
            )
        }
        return name
    }

    private static func isFolderName(_ name: String) -> Bool {
        name.unicodeScalars.allSatisfy { $0 != "/" && $0.properties.generalCategory != .control }
            && name != "." && name != ".." && name.utf8.count <= 200
    }

    private func text(_ node: RecipeNode, _ key: String) throws -> String? {
        guard let entry = node.entry(key) else { return nil }
        guard !entry.value.isEmpty else {
            throw lines.error(
                entry.valuePlace, "'\(key)' is empty; accepted: text, in quotes where it reads as nothing")
        }
        guard let text = entry.value.text, !text.isEmpty else {
            throw lines.error(entry.valuePlace, "'\(key)' must be text")
        }
        return text
    }

    private func choice(_ part: Recipe.Part, in root: RecipeNode) throws -> Recipe.Choice? {
        guard let node = root[part.key] else {
            return try part.fallback.map { name in
                let descriptor = part.options.first { $0.name == name }!
                return Recipe.Choice(name, try Arguments(for: descriptor).values)
            }
        }
        return try choice(part, node)
    }

    /// One choice or a list of them.
    private func augmentations(_ root: RecipeNode) throws -> [Recipe.Choice] {
        let part = Recipe.augment
        guard let node = root[part.key] else { return [] }
        return try (node.list ?? [node]).map { try choice(part, $0) }
    }

    private func choice(_ part: Recipe.Part, _ node: RecipeNode) throws -> Recipe.Choice {
        let accepted = part.options.map(\.name)
        let nameNode = node["name"] ?? node
        guard let name = nameNode.text else {
            throw lines.error(
                node.place, "'\(part.key)' needs a name; accepted: one of \(accepted.joined(separator: ", "))")
        }
        guard let descriptor = part.options.first(where: { $0.name == name }) else {
            throw lines.error(
                nameNode.place,
                "'\(part.key)' is \(name.isEmpty || nameNode.isEmpty ? "empty" : name); accepted: one of \(accepted.joined(separator: ", "))"
            )
        }
        let values = try self.values(node, but: ["name"])
        return Recipe.Choice(name, try checking(node, part.key) { try Arguments(values, for: descriptor).values })
    }

    private mutating func network(_ root: RecipeNode) throws -> Recipe.NetworkChoice {
        guard let node = root["network"] else {
            throw RecipeError(
                file: lines.file, line: lines.isCounted ? 1 : nil,
                message: "'network' is missing; accepted: "
                    + NamedNetworks.all.map { $0.descriptor.name }.joined(separator: ", ") + ", or a list of nodes")
        }
        guard !node.isEmpty else {
            throw lines.error(
                root.entry("network")?.valuePlace, "'network' is empty; accepted: a name or a list of nodes")
        }
        if let name = node.text {
            return FileNetwork.isFile(name) ? .file(try FileNetwork(file: name)) : .named(name)
        }
        if node.entries != nil {
            guard let file = try text(node, "file") else {
                throw lines.error(
                    root.entry("network")?.valuePlace, "'network' must be a name, a list of nodes, or have a 'file'")
            }
            let values = try self.values(node, but: ["file"])
            return .file(try checking(node, "network") { try FileNetwork(file: file, values: values) })
        }
        guard let nodes = node.list else {
            throw lines.error(
                root.entry("network")?.valuePlace, "'network' must be a name, a list of nodes, or have a 'file'")
        }
        let operators = Dictionary(uniqueKeysWithValues: Operators.all.map { ($0.descriptor.name, $0) })
        var choices: [Recipe.NodeChoice] = []
        for (number, entry) in nodes.enumerated() {
            guard entry.entries != nil, let word = entry["operator"]?.text else {
                throw lines.error(entry.place, "a node needs 'operator'")
            }
            guard let type = operators[word] else {
                let names = Operators.all.map { $0.descriptor.name }.joined(separator: ", ")
                throw lines.error(entry["operator"]!.place, "'operator' is \(word); accepted: one of \(names)")
            }
            let given = entry["input"]
            let inputs = try (given?.list ?? given.map { [$0] } ?? []).map { input in
                guard let name = input.text, !name.isEmpty else {
                    throw lines.error(input.place, "'input' must be the name of a node")
                }
                return name
            }
            let values = try self.values(entry, but: ["operator", "name", "input"])
            let checked = try checking(entry, nil) {
                let arguments = try Arguments(values, for: type.descriptor)
                _ = try type.init(arguments)
                return arguments.values
            }
            choices.append(
                Recipe.NodeChoice(
                    name: try text(entry, "name") ?? "\(word)\(number + 1)", inputs: inputs,
                    op: Recipe.Choice(word, checked)))
            lines.nodes.append(entry.place)
        }
        return .nodes(choices)
    }

    private func values(_ node: RecipeNode, but own: [String]) throws -> [String: Value] {
        var values: [String: Value] = [:]
        for entry in node.entries ?? [] where !own.contains(entry.key) { values[entry.key] = try value(entry) }
        return values
    }

    private func value(_ entry: RecipeNode.Entry) throws -> Value {
        switch entry.value.content {
        case .list(let nodes): return try list(nodes, of: entry)
        case .text(let text, isQuoted: true): return .text(text)
        case .text(let text, isQuoted: false):
            // YAML 1.2 has these two words for a switch; "yes" and "on" are text.
            if ["true", "True", "TRUE"].contains(text) { return .boolean(true) }
            if ["false", "False", "FALSE"].contains(text) { return .boolean(false) }
            switch PlainNumber(text) {
            case .integer(let number): return .integer(number)
            case .number(let number): return .number(number)
            case .text: return .text(text)
            case .ambiguous(let instead):
                throw lines.error(entry.value.place, "'\(entry.key)' is \(text.shortened); write \(instead)")
            }
        case .keys(let entries):
            var numbers: [String: Double] = [:]
            for inner in entries {
                switch try value(inner) {
                case .integer(let number): numbers[inner.key] = Double(number)
                case .number(let number): numbers[inner.key] = number
                default:
                    throw lines.error(
                        inner.valuePlace, "'\(inner.key)' of '\(entry.key)': expected a number")
                }
            }
            return .numbersByName(numbers)
        }
    }

    // All whole numbers, all numbers, all text, or all pairs.
    private func list(_ nodes: [RecipeNode], of entry: RecipeNode.Entry) throws -> Value {
        if !nodes.isEmpty, nodes.allSatisfy({ $0.list != nil }) {
            return .points(try nodes.map { try point($0, of: entry) })
        }
        var integers: [Int] = [], numbers: [Double] = [], texts: [String] = []
        for node in nodes {
            switch try value(RecipeNode.Entry(key: entry.key, place: entry.place, value: node)) {
            case .integer(let number):
                integers.append(number)
                numbers.append(Double(number))
            case .number(let number): numbers.append(number)
            case .text(let text): texts.append(text)
            default: throw lines.error(node.place ?? entry.valuePlace, "'\(entry.key)': expected numbers or words")
            }
        }
        if integers.count == nodes.count { return .integers(integers) }
        if numbers.count == nodes.count { return .numbers(numbers) }
        guard texts.count == nodes.count else {
            throw lines.error(entry.valuePlace, "'\(entry.key)': expected numbers alone or words alone")
        }
        return .texts(texts)
    }

    private func point(_ node: RecipeNode, of entry: RecipeNode.Entry) throws -> Value.Point {
        let words = (node.list ?? []).map(\.text)
        if words.count == 2, case .integer(let step)? = words[0].map(PlainNumber.init) {
            switch words[1].map(PlainNumber.init) {
            case .integer(let value)?: return Value.Point(step: step, value: Double(value))
            case .number(let value)?: return Value.Point(step: step, value: value)
            default: break
            }
        }
        throw lines.error(
            node.place ?? entry.valuePlace,
            "'\(entry.key)': expected pairs of a step and a number, as [[0, 0.0], [1000, 0.9]]")
    }

    // Turns an argument's error into one that names the line of the parameter.
    private func checking<Result>(_ node: RecipeNode, _ key: String?, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let problem as ArgumentError {
            throw error(problem, in: node, of: key)
        }
    }

    /// - Parameter key: of the part that the node is, where it is one.
    private func error(_ problem: ArgumentError, in node: RecipeNode, of key: String?) -> RecipeError {
        // An entry of the node, or one within an entry, as a layer's number is.
        let entry =
            node.entry(problem.parameter) ?? node[problem.owner]?.entry(problem.parameter)
            ?? node[Balance.descriptor.name]?.entry(problem.parameter)
        // A wrong key stands where it stands; a wrong value where that does.
        let isUnknown = if case .unknown = problem { true } else { false }
        let place = isUnknown ? entry?.place : entry?.valuePlace
        return lines.error(place ?? node.place, Self.words(problem, entry?.value), of: key.map { [$0] } ?? [])
    }

    private static func words(_ problem: ArgumentError, _ node: RecipeNode?) -> String {
        guard case .outOfRange(let name, let owner, _, let accepted) = problem,
            case .text(let text, let isQuoted)? = node?.content
        else { return problem.description }
        func words(_ value: String, _ accepted: String) -> String {
            ArgumentError.outOfRange(name: name, of: owner, value: value, accepted: accepted).description
        }
        if text.isEmpty || node?.isEmpty == true { return words(isQuoted ? "\"\"" : "empty", accepted) }
        if isQuoted, PlainNumber(text) != .text || ["true", "false"].contains(text) {
            return words("the text \"\(text)\"", accepted + ", without quotes")
        }
        // More digits than an integer holds: the range has an end, too.
        let digits = text.utf8.first.map("+-".utf8.contains) == true ? text.utf8.dropFirst() : text.utf8[...]
        let isWhole = digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        if isWhole, Int(text) == nil, accepted.hasSuffix(" or more") {
            return words(text, accepted.replacing(", ", with: " from ").replacing(" or more", with: " to \(Int.max)"))
        }
        return problem.description
    }
}
