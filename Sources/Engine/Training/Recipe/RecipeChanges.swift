extension RecipeNode {
    /// Makes one change, `key=value`, keys as in `optimizer.momentum`.
    ///
    /// - Parameter origin: what a person wrote for it, as `--criterion`; nil: `--set` and the change.
    /// - Throws: `RecipeError` that names what was written.
    mutating func apply(_ change: String, by origin: String? = nil) throws {
        let sign = change.firstIndex(of: "="), isEmpty = sign.map { change.index(after: $0) == change.endIndex } ?? true
        func problem(_ message: String) -> RecipeError {
            let written = origin.map { $0 + (isEmpty ? "" : " " + change[change.index(after: sign!)...]) }
            return RecipeError(file: written ?? "--set \(change)", line: nil, message: message)
        }
        guard let sign, sign > change.startIndex, !isEmpty else {
            throw problem(origin == nil ? "expected key=value" : "found nothing, expected a value")
        }
        let place = RecipePlace.change(by: origin ?? "--set")
        // No key is deeper than a part, its parameter and a layer, whose name may hold points.
        let path = change[..<sign].split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false).map(
            String.init)
        guard !path.contains("") else { throw problem("expected key=value") }
        let value: RecipeNode
        do {
            value = try Self.value(String(change[change.index(after: sign)...]), of: path, place)
        } catch let wrong as NotARecipe {
            throw problem(wrong.message)
        }
        // A part that is left to its default is given its name, so that one of its values can be set.
        if path.count > 1, self[path[0]] == nil,
            let name = path[0] == "data" ? "fashion-mnist" : Recipe.parts.first(where: { $0.key == path[0] })?.fallback
        {
            set([path[0], "name"], RecipeNode(content: .text(name, isQuoted: true), place: place), place)
        }
        if path.count > 1, self[path[0]]?.list != nil {
            throw problem("'\(path[0])' is a list; it can only be set as a whole")
        }
        set(path[...], value, place)
    }

    /// Name and data are text: what stands behind the sign is all of it, whatever YAML would make of it.
    private static func value(_ words: String, of path: [String], _ place: RecipePlace) throws -> RecipeNode {
        let isText = path == ["name"] || path == ["data"]
        if isText {
            guard let first = words.first, first == "\"" || first == "'",
                let quoted = try? RecipeNode.read(words, place: { _ in place }), quoted.text != nil
            else { return RecipeNode(content: .text(words, isQuoted: true), place: place) }
            return quoted
        }
        return try RecipeNode.read(words, place: { _ in place })
            ?? RecipeNode(content: .text("", isQuoted: false), place: place)
    }

    private mutating func set(_ path: ArraySlice<String>, _ value: RecipeNode, _ changed: RecipePlace) {
        guard let key = path.first else { return self = value }
        // 'optimizer: sgd' becomes 'optimizer: {name: sgd}' when one of its parameters is set.
        var entries = self.entries ?? (text == nil ? [] : [Entry(key: "name", place: place, value: self)])
        // Where no such part may be, that is the change's fault and not the line's.
        if self.entries == nil { place = changed }
        let index = entries.firstIndex { $0.key == key }
        var inner = index.map { entries[$0].value } ?? RecipeNode(content: .keys([]), place: changed)
        inner.set(path.dropFirst(), value, changed)
        if let index {
            entries[index].value = inner
        } else {
            entries.append(Entry(key: key, place: changed, value: inner))
        }
        content = .keys(entries)
    }
}
