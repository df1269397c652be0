import Descriptors

/// Values of keys, as YAML has them.
extension RecipeReader {
    func values(_ node: RecipeNode, but own: [String]) throws -> [String: Value] {
        var values: [String: Value] = [:]
        for entry in node.entries ?? [] where !own.contains(entry.key) { values[entry.key] = try value(entry) }
        return values
    }

    func value(_ entry: RecipeNode.Entry) throws -> Value {
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
    func list(_ nodes: [RecipeNode], of entry: RecipeNode.Entry) throws -> Value {
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

    func point(_ node: RecipeNode, of entry: RecipeNode.Entry) throws -> Value.Point {
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
}
