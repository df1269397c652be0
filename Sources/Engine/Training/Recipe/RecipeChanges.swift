extension RecipeNode {
    /// Makes one change of the command line, `key=value`, keys as in `optimizer.momentum`.
    /// - Throws: `RecipeError` that names `--set`.
    mutating func apply(_ change: String) throws {
        func problem(_ message: String) -> RecipeError {
            RecipeError(file: "--set \(change)", line: nil, message: message)
        }
        guard let sign = change.firstIndex(of: "="), sign > change.startIndex,
            change.index(after: sign) < change.endIndex
        else { throw problem("expected key=value") }
        // No key is deeper than a part, its parameter and a layer, whose name may hold points.
        let path = change[..<sign].split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false).map(
            String.init)
        guard !path.contains("") else { throw problem("expected key=value") }
        let value: RecipeNode
        do {
            value = try Self.value(String(change[change.index(after: sign)...]), of: path)
        } catch let wrong as NotARecipe {
            throw problem(wrong.message)
        }
        // A part that is left to its default is given its name, so that one of its values can be set.
        if path.count > 1, self[path[0]] == nil,
            let name = path[0] == "data" ? "fashion-mnist" : Recipe.parts.first(where: { $0.key == path[0] })?.fallback
        {
            set([path[0], "name"], RecipeNode(content: .text(name, isQuoted: true), place: .change))
        }
        if path.count > 1, self[path[0]]?.list != nil {
            throw problem("'\(path[0])' is a list; it can only be set as a whole")
        }
        set(path[...], value)
    }

    /// Name and data are text: what stands behind the sign is all of it, whatever YAML would make of it.
    private static func value(_ words: String, of path: [String]) throws -> RecipeNode {
        let isText = path == ["name"] || path == ["data"]
        if isText {
            guard let first = words.first, first == "\"" || first == "'",
                let quoted = try? RecipeNode.read(words, place: { _ in .change }), quoted.text != nil
            else { return RecipeNode(content: .text(words, isQuoted: true), place: .change) }
            return quoted
        }
        return try RecipeNode.read(words, place: { _ in .change })
            ?? RecipeNode(content: .text("", isQuoted: false), place: .change)
    }

    private mutating func set(_ path: ArraySlice<String>, _ value: RecipeNode) {
        guard let key = path.first else { return self = value }
        // 'optimizer: sgd' becomes 'optimizer: {name: sgd}' when one of its parameters is set.
        var entries = self.entries ?? (text == nil ? [] : [Entry(key: "name", place: place, value: self)])
        // Where no such part may be, that is the change's fault and not the line's.
        if self.entries == nil { place = .change }
        let index = entries.firstIndex { $0.key == key }
        var inner = index.map { entries[$0].value } ?? RecipeNode(content: .keys([]), place: .change)
        inner.set(path.dropFirst(), value)
        if let index {
            entries[index].value = inner
        } else {
            entries.append(Entry(key: key, place: .change, value: inner))
        }
        content = .keys(entries)
    }
}
