import Descriptors
import Terminal
import Training

/// A part of the recipe as it is typed, `rigl drop=0.3`: names, ranges, words and citations come from the descriptors alone.
struct PartForm {
    let part: Recipe.Part

    /// `method`, `schedule` and the others that may be changed while a run is on.
    init(_ key: String) {
        part = Recipe.parts.first { $0.key == key }!
        extra = [Self.own]
    }

    /// Of what no recipe has.
    init(key: String, options: [Descriptor]) {
        part = Recipe.Part(key: key, fallback: nil, options: options)
        extra = []
    }

    /// Names besides those of the options.
    private let extra: [String]

    /// The recipe's own choice, by name.
    static let own = "recipe"

    struct Problem: Error {
        var sentence: String
    }

    /// The choice as a recipe writes it.
    func value(_ words: String) throws(Problem) -> String {
        if words.trimmingBlanks == Self.own, !extra.isEmpty { return "" }
        let (name, fields, _) = try read(words)
        return "{\((["name: \(name)"] + fields).joined(separator: ", "))}"
    }

    /// The choice with its values, of which each is a number or a word.
    func arguments(_ words: String) throws(Problem) -> (name: String, Arguments) {
        let (name, _, arguments) = try read(words)
        guard let arguments else { throw Problem(sentence: note(name)) }
        return (name, arguments)
    }

    private func read(_ words: String) throws(Problem) -> (name: String, fields: [String], Arguments?) {
        let parts = Self.parts(words).filter { !$0.isEmpty }
        guard let name = parts.first else { throw Problem(sentence: "a name: \(names.joined(separator: " "))") }
        guard let descriptor = option(name) else {
            throw Problem(sentence: "no \(part.key) “\(name)”: \(names.joined(separator: " "))")
        }
        var fields: [String] = []
        var values: [String: Value] = [:]
        // Written as they were typed: lists and mappings are read where the recipe is.
        var isPlain = true
        for word in parts.dropFirst() {
            guard let sign = word.firstIndex(of: "="), sign > word.startIndex, word.index(after: sign) < word.endIndex
            else { throw Problem(sentence: "“\(word)”: values are key=value, as in drop=0.3") }
            let key = String(word[..<sign]), text = String(word[word.index(after: sign)...])
            if let value = Self.plain(text) { values[key] = value } else { isPlain = false }
            fields.append("\(key): \(text)")
        }
        guard isPlain else { return (name, fields, nil) }
        do {
            return (name, fields, try Arguments(values, for: descriptor))
        } catch {
            throw Problem(sentence: "\(error)")
        }
    }

    /// Words apart; what stands in brackets, or in quotes as a value, is one: `layers={fc1: 0.5, fc2: 0.8}`.
    private static func parts(_ words: String) -> [String] {
        var parts = [""], depth = 0
        var quote: Character?
        for sign in words {
            let isValue = depth > 0 || parts[parts.count - 1].hasSuffix("=")
            if let open = quote {
                if sign == open { quote = nil }
            } else if (sign == "'" || sign == "\"") && isValue {
                quote = sign
            } else if sign == "{" || sign == "[" {
                depth += 1
            } else if sign == "}" || sign == "]" {
                depth -= 1
            } else if sign == " ", depth <= 0 {
                parts.append("")
                continue
            }
            parts[parts.count - 1].append(sign)
        }
        return parts
    }

    private static func plain(_ text: String) -> Value? {
        if let value = Int(text) { return .integer(value) }
        if let value = Double(text) { return .number(value) }
        if text == "true" || text == "false" { return .boolean(text == "true") }
        return text.first.map { "[{\"'".contains($0) } ?? true ? nil : .text(text)
    }

    private var names: [String] { part.options.map(\.name) + extra }
    private func option(_ name: String) -> Descriptor? { part.options.first { $0.name == name } }

    // MARK: Help while it is typed

    /// As far as what could follow agrees.
    func complete(_ words: String) -> String {
        let parts = Self.parts(words)
        guard parts.count > 1, let descriptor = option(parts[0]) else {
            return Self.longest(words, among: names, end: " ")
        }
        let before = parts.dropLast().joined(separator: " ") + " ", last = parts[parts.count - 1]
        guard let sign = last.firstIndex(of: "=") else {
            return before + Self.longest(last, among: descriptor.parameters.map(\.name), end: "=")
        }
        let key = String(last[..<sign]), typed = String(last[last.index(after: sign)...])
        guard let parameter = descriptor.parameters.first(where: { $0.name == key }) else { return words }
        let choices: [String]
        switch parameter.accepts {
        case .choice(let names): choices = names
        case .boolean: choices = ["true", "false"]
        // Of a number what stands where nothing is said.
        default: choices = typed.isEmpty ? parameter.fallback.map { [$0.description] } ?? [] : []
        }
        return before + key + "=" + Self.longest(typed, among: choices, end: " ")
    }

    private static func longest(_ text: String, among all: [String], end: String) -> String {
        let fitting = all.filter { $0.hasPrefix(text) }
        guard var common = fitting.first else { return text }
        for name in fitting { common = String(zip(common, name).prefix { $0 == $1 }.map(\.0)) }
        return fitting.count == 1 ? common + end : common
    }

    /// What is said above the line.
    func note(_ words: String) -> String {
        let parts = Self.parts(words)
        let name = parts.first ?? ""
        guard let descriptor = option(name) else {
            if name == Self.own, !extra.isEmpty { return "as the recipe says" }
            let fitting = names.filter { $0.hasPrefix(name) }
            return (fitting.isEmpty ? names : fitting).joined(separator: " ")
        }
        let last = parts.count > 1 ? parts[parts.count - 1] : ""
        let key = last.prefix { $0 != "=" }
        if !key.isEmpty, let parameter = descriptor.parameters.first(where: { $0.name == key }) {
            return "\(parameter.name): \(parameter.summary); \(parameter.accepts.description)"
                + Self.fallback(parameter)
        }
        let citation = descriptor.citation.map { " (\($0))" } ?? ""
        let keys = descriptor.parameters.map { $0.name + ($0.fallback.map { "=\($0.description)" } ?? "=") }
        return "\(name): \(descriptor.summary)\(citation)" + (keys.isEmpty ? "" : "   " + keys.joined(separator: " "))
    }

    private static func fallback(_ parameter: Parameter) -> String {
        parameter.fallback.map { "; \($0.description) where nothing is said" }
            ?? (parameter.isOptional ? "; may be left out" : "; needed")
    }

    /// All there is to say, for `?`: of one choice, or of each where none is typed yet.
    func explain(_ words: String) -> [HelpRow] {
        let name = words.split(separator: " ").first.map(String.init) ?? ""
        let options = option(name).map { [$0] } ?? part.options.filter { $0.name.hasPrefix(name) }
        return options.flatMap { descriptor -> [HelpRow] in
            let citation = descriptor.citation.map { " (\($0))" } ?? ""
            let rows = [HelpRow(keys: "", title: "\(part.key) \(descriptor.name)")]
            guard options.count == 1 else { return rows + [HelpRow(keys: " ", title: descriptor.summary + citation)] }
            return rows + [HelpRow(keys: " ", title: descriptor.summary + citation)]
                + descriptor.parameters.map { parameter in
                    HelpRow(
                        keys: parameter.name,
                        title: "\(parameter.summary); \(parameter.accepts.description)" + Self.fallback(parameter))
                }
        }
    }
}

extension Verb {
    /// Parts that may be changed while a run is on, typed as `:method rigl drop=0.3`. The schedule has a view, which this opens too.
    static let ofParts: [Verb] = Recipe.changeable.filter { $0 != ViewID.schedule.rawValue }.map { key in
        Verb(
            key, [], "another \(key) from the next step on; Tab completes, ? explains",
            when: { $0.isOpen && $0.hasNetwork }
        ) { state, _ in
            state.prompt = .line(.command, LineEditor(key + " "), nil)
            return []
        }.form(PartForm(key))
    }

    /// The same with a part of the recipe typed behind its name.
    func form(_ form: PartForm) -> Verb {
        var verb = taking("name key=value …") { _, scene, words in
            guard scene.isOpen else { return ([], "the run takes no changes now") }
            do {
                return ([.send(.choose(part: form.part.key, value: try form.value(words)))], nil)
            } catch {
                return ([], (error as? PartForm.Problem)?.sentence ?? "\(error)")
            }
        }
        verb.typing = Typing(complete: form.complete, note: form.note, explain: form.explain)
        return verb
    }
}
