@preconcurrency import Yams

/// A recipe's text as a tree. Every part keeps where it stands.
struct RecipeNode {
    indirect enum Content {
        /// In quotes, or said to be text by a tag: never a number.
        case text(String, isQuoted: Bool)
        case list([RecipeNode])
        case keys([Entry])
    }
    struct Entry {
        var key: String
        var place: RecipePlace?
        var value: RecipeNode

        /// Of the value, which may stand on a line of its own; of a collection the key's, which names it.
        var valuePlace: RecipePlace? {
            if value.text == nil, value.place?.isChange != true { return place ?? value.place }
            return value.place ?? place
        }
    }

    var content: Content
    var place: RecipePlace?

    private static let deepest = 32

    /// The text of a scalar.
    var text: String? { if case .text(let text, _) = content { text } else { nil } }
    /// Nothing, in any of the words that YAML has for it.
    var isEmpty: Bool {
        guard case .text(let text, isQuoted: false) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }
    var list: [RecipeNode]? { if case .list(let nodes) = content { nodes } else { nil } }
    var entries: [Entry]? { if case .keys(let entries) = content { entries } else { nil } }
    subscript(key: String) -> RecipeNode? { entry(key)?.value }
    func entry(_ key: String) -> Entry? { entries?.first { $0.key == key } }

    /// Reads YAML; nil where there is nothing in it.
    ///
    /// - Parameter place: of a line.
    /// - Throws: `NotARecipe` with the line.
    static func read(_ text: String, place: (Int) -> RecipePlace) throws -> RecipeNode? {
        let hidden = HiddenSigns(text)
        let composed: Node?
        do {
            // Without rules: what a plain word means is decided here, by YAML 1.2, and not by a table of patterns.
            composed = try Parser(yaml: hidden.text, resolver: .basic).singleRoot()
        } catch {
            let line = (error as? YamlError).flatMap { Self.line($0, hidden.text) }
            if let line, let sign = hidden.sign(on: line) { throw HiddenSigns.refusal(sign, line) }
            throw NotARecipe(line: line, message: "not YAML: \(hidden.shown(sentence(error)))")
        }
        return try composed.map { try RecipeNode($0, hidden, depth: 0, place: place) }
    }

    init(content: Content, place: RecipePlace?) {
        self.content = content
        self.place = place
    }

    private init(_ node: Node, _ hidden: HiddenSigns, depth: Int, place: (Int) -> RecipePlace) throws {
        let line = node.mark?.line
        guard depth <= Self.deepest else { throw NotARecipe(line: line, message: "nested deeper than a recipe is") }
        self.place = line.map(place)
        switch node {
        case .scalar(let scalar): content = try Self.scalar(scalar, hidden)
        case .sequence(let nodes):
            try Self.refuseTag(nodes.tag, at: line)
            content = .list(try nodes.map { try RecipeNode($0, hidden, depth: depth + 1, place: place) })
        case .mapping(let pairs):
            try Self.refuseTag(pairs.tag, at: line)
            var entries: [Entry] = []
            var seen: Set<String> = []
            for (key, value) in pairs {
                let word = try RecipeNode(key, hidden, depth: depth + 1, place: place)
                guard let text = word.text else {
                    throw NotARecipe(line: key.mark?.line, message: "a key must be text")
                }
                guard seen.insert(text).inserted else {
                    throw NotARecipe(line: key.mark?.line, message: "not YAML: the key \(text) stands twice")
                }
                entries.append(
                    Entry(
                        key: text, place: word.place,
                        value: try RecipeNode(value, hidden, depth: depth + 1, place: place)))
            }
            content = .keys(entries)
        case .alias: throw HiddenSigns.refusal("*", line)
        }
    }

    private static func scalar(_ scalar: Node.Scalar, _ hidden: HiddenSigns) throws -> Content {
        let isPlain = scalar.style == .plain || scalar.style == .any
        // A plain word that begins with the sign is an anchor or alias; anywhere else it is text, as in quotes.
        if isPlain, let first = scalar.string.unicodeScalars.first, let sign = hidden.sign(first) {
            throw HiddenSigns.refusal(sign, scalar.mark?.line)
        }
        let isText = scalar.tag.description == Tag.Name.str.rawValue
        if isPlain, !isText { try refuseTag(scalar.tag, at: scalar.mark?.line) }
        return .text(
            hidden.shown(scalar.string, inDoubleQuotes: scalar.style == .doubleQuoted), isQuoted: !isPlain || isText)
    }

    private static func refuseTag(_ tag: Tag, at line: Int?) throws {
        let accepted: [Tag.Name] = [.implicit, .str, .map, .seq]
        guard !accepted.map(\.rawValue).contains(tag.description) else { return }
        throw NotARecipe(line: line, message: "tags ('\(tag.description)') are not accepted")
    }

    private static func line(_ error: YamlError, _ text: String) -> Int? {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): return mark.line
        case .duplicatedKeysInMapping(_, let context): return context.mark.line
        case .reader(_, let offset?, _, _):
            return RecipeLines.line(after: text.utf8.prefix(offset)).line
        default: return nil
        }
    }

    private static func sentence(_ error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _): problem
        case .reader(let problem, _, let value, _): "\(problem) (character \(value))"
        case .duplicatedKeysInMapping(let keys, _): "the key \(keys.joined(separator: ", ")) stands twice"
        default: "\(error)".split(separator: "\n").first.map(String.init) ?? "\(error)"
        }
    }
}

/// What is wrong with the text, before its file is known.
struct NotARecipe: Error {
    var line: Int?
    var message: String
}

/// What must not reach the parser as it is, each replaced by a character that the text does not hold and that means nothing
/// to YAML. So the parser itself says which of them stand in quotes, in a comment or inside a word.
///
/// - Anchors and aliases (`&`, `*`): an alias bomb composes quickly and is then walked for ever.
/// - The byte order mark: at the start of a scalar it would be taken away, where it is a part of the text.
struct HiddenSigns {
    let text: String
    private var signs: [Unicode.Scalar: (plain: String, inDoubleQuotes: String)] = [:]
    private var lines: [Int: Unicode.Scalar] = [:]

    private static let mark: Unicode.Scalar = "\u{FEFF}"
    /// What is hidden, and what it means in double quotes.
    private static let hidden: [(plain: String, inDoubleQuotes: String)] = [
        ("&", "&"), ("*", "*"), (String(mark), String(mark)), ("\\ufeff", String(mark)), ("\\uFEFF", String(mark)),
    ]

    init(_ text: String) {
        guard text.unicodeScalars.contains(where: { $0 == "&" || $0 == "*" || $0 == Self.mark || $0 == "\\" }) else {
            self.text = text
            return
        }
        let held = Set(text.unicodeScalars)
        // Some of 60,000 private characters, of which a recipe cannot hold all.
        let free = (0xF0000...0xFFFFD).lazy.compactMap(Unicode.Scalar.init).filter { !held.contains($0) }
            .prefix(Self.hidden.count)
        signs = Dictionary(uniqueKeysWithValues: zip(free, Self.hidden))
        let covers = zip(Self.hidden, free).map { (Array($0.plain.unicodeScalars), $1) }
        let scalars = Array(text.unicodeScalars)
        var covered = String.UnicodeScalarView()
        var line = 1, at = 0
        while at < scalars.count {
            let scalar = scalars[at]
            // Lines as YAML 1.1 ends them, as its parser counts.
            let isBreak = ["\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
            if isBreak || scalar == "\n" && (at == 0 || scalars[at - 1] != "\r") { line += 1 }
            if scalar == "&" || scalar == "*", lines[line] == nil { lines[line] = scalar }
            if let (plain, cover) = covers.first(where: { scalars[at...].starts(with: $0.0) }) {
                covered.append(cover)
                at += plain.count
            } else {
                covered.append(scalar)
                at += 1
                // Two backslashes are one in quotes, and no escape begins with the second.
                if scalar == "\\", at < scalars.count, scalars[at] == "\\" {
                    covered.append(scalar)
                    at += 1
                }
            }
        }
        self.text = String(covered)
    }

    /// The anchor's or alias's sign that this character stands for.
    func sign(_ cover: Unicode.Scalar) -> Unicode.Scalar? {
        signs[cover].flatMap { $0.plain == "&" ? "&" : $0.plain == "*" ? "*" : nil }
    }
    /// The first one on that line.
    func sign(on line: Int) -> Unicode.Scalar? { lines[line] }

    /// The text with what was hidden.
    func shown(_ text: String, inDoubleQuotes: Bool = false) -> String {
        guard !signs.isEmpty, text.unicodeScalars.contains(where: { signs[$0] != nil }) else { return text }
        return text.unicodeScalars.reduce(into: "") { shown, scalar in
            if let sign = signs[scalar] {
                shown.unicodeScalars.append(
                    contentsOf: (inDoubleQuotes ? sign.inDoubleQuotes : sign.plain).unicodeScalars)
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
    }

    static func refusal(_ sign: Unicode.Scalar, _ line: Int?) -> NotARecipe {
        NotARecipe(line: line, message: "anchors and aliases ('\(sign)') are not accepted")
    }
}
