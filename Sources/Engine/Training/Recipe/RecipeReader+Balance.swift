import Descriptors
import Interchange
import Sparsity

/// What is said of the balance with the figure, and what files of measurements say.
extension RecipeReader {
    /// The floor may stand there or by itself, and is kept as the setting that it is.
    func balance(_ root: RecipeNode, _ settings: inout [String: Value]) throws -> Balance {
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

    /// The path of a parent alone, or with its words.
    func distillation(_ root: RecipeNode) throws -> DistillationChoice? {
        let key = DistillationChoice.descriptor.name
        guard let node = root[key] else { return nil }
        let values = node.entries == nil ? ["from": Value.text(try text(root, key) ?? "")] : try values(node, but: [])
        return try checking(node, key) { try DistillationChoice(values) }
    }

    /// The bits alone, or with their words.
    func quantization(_ root: RecipeNode) throws -> QuantizationChoice? {
        let key = QuantizationChoice.descriptor.name
        guard let entry = root.entry(key), let node = root[key] else { return nil }
        guard node.list == nil else {
            throw lines.error(entry.valuePlace, "'\(key)' must be a mapping, as in {bits: 8, begin: 0.75}")
        }
        let values = node.entries == nil ? ["bits": try value(entry)] : try values(node, but: [])
        return try checking(node, key) { try QuantizationChoice(values) }
    }

    /// A distribution by a file of measurements: its numbers stand in the recipe from now on, and the file need not stay.
    func measured(_ choice: Recipe.Choice, _ root: RecipeNode) throws -> Recipe.Choice {
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
}
