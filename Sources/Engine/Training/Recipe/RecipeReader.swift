import Descriptors
import Foundation
import Graph
import Interchange
import Sparsity

/// Reads recipes: YAML, checked against the descriptors. Every error names the line, the value and what is accepted.
package struct RecipeReader {
    var lines: RecipeLines
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

    /// - Parameters:
    ///   - origins: what a person wrote for the change of a key, where that was not `--set`, so that errors say it.
    ///   - isInside: the text is a part of another file: its lines are nobody's.
    package static func read(
        _ text: String, file: String, name: String, changes: [String] = [], origins: [String: String] = [:],
        isInside: Bool = false
    ) throws -> Recipe {
        var reader = RecipeReader(lines: RecipeLines())
        reader.lines.file = file
        reader.lines.isCounted = !isInside
        reader.lines.origins = origins
        do {
            guard var root = try RecipeNode.read(text, place: RecipePlace.line), root.entries != nil else {
                throw NotARecipe(line: 1, message: "expected a mapping of keys, as 'network: lenet-300-100'")
            }
            for change in changes {
                let key = String(change.prefix { $0 != "=" })
                try root.apply(change, by: origins[key])
                reader.lines.changed.append(key)
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
            Self.ownKeys + Recipe.parts.map(\.key) + [
                Balance.descriptor.name, DistillationChoice.descriptor.name, QuantizationChoice.descriptor.name,
            ]
            + Recipe.descriptor.parameters.map(\.name)
        var settings: [String: Value] = [:]
        for entry in root.entries! {
            guard known.contains(entry.key) else {
                throw lines.error(
                    entry.place,
                    "no key '\(entry.key)'; accepted: \(known.joined(separator: ", "))"
                        + didYouMean(entry.key, among: known))
            }
            if Recipe.descriptor.parameters.contains(where: { $0.name == entry.key }) {
                settings[entry.key] = try value(entry)
            }
        }
        let balance = try balance(root, &settings)
        if lines.keys["floor"] == nil { lines.keys["floor"] = lines.keys["\(Balance.descriptor.name).floor"] }
        let checked = try checking(root, nil) { try Arguments(settings, for: Recipe.descriptor).values }
        var choices: [String: [Recipe.Choice]] = [:]
        for part in Recipe.parts { choices[part.key] = try self.choices(part, in: root) }
        choices["distribution"] = [try measured(choices["distribution"]![0], root)]
        let network = try network(root)
        let recipeName = try self.name(root) ?? name
        let (data, dataChoice) = try data(root)
        var recipe = Recipe(
            name: recipeName, network: network, data: data,
            settings: checked, choices: choices)
        recipe.dataChoice = dataChoice
        recipe.balance = balance
        recipe.distillation = try distillation(root)
        recipe.quantization = try quantization(root)
        recipe.lines = lines
        // A part that does not fit (begin after end, a method without its schedule) is refused here, with its line.
        do {
            _ = try recipe.parts()
        } catch let problem as ArgumentError {
            let part = Recipe.parts.first { part in
                (recipe.choices[part.key] ?? []).contains { choice in
                    let isOwner = problem.owner == choice.name || problem.owner == "\(part.key) \(choice.name)"
                    return isOwner && (problem.parameter == "schedule" || choice.values[problem.parameter] != nil)
                }
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

    func text(_ node: RecipeNode, _ key: String) throws -> String? {
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

    /// One choice, or of a list all of them.
    private func choices(_ part: Recipe.Part, in root: RecipeNode) throws -> [Recipe.Choice]? {
        guard let node = root[part.key] else {
            return try part.fallback.map { name in
                let descriptor = part.options.first { $0.name == name }!
                return [Recipe.Choice(name, try Arguments(for: descriptor).values)]
            }
        }
        guard part.isList else { return [try choice(part, node)] }
        let list = try (node.list ?? [node]).map { try choice(part, $0) }
        return list.isEmpty ? nil : list
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
                "'\(part.key)' is \(name.isEmpty || nameNode.isEmpty ? "empty" : name); accepted: "
                    + Accepted.names(part.options, for: name)
            )
        }
        let values = try self.values(node, but: ["name"])
        return Recipe.Choice(name, try checking(node, part.key) { try Arguments(values, for: descriptor).values })
    }
}
