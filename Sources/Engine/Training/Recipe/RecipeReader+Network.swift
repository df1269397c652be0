import Descriptors
import Graph

extension RecipeReader {
    mutating func network(_ root: RecipeNode) throws -> Recipe.NetworkChoice {
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
                let names = Accepted.names(Operators.all.map { $0.descriptor }, for: word)
                throw lines.error(entry["operator"]!.place, "'operator' is \(word); accepted: \(names)")
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
}
