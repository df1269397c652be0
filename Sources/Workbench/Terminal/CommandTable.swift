/// One command: what it is called, which keys do it, and when it can be done.
package struct Binding<State, Action: Sendable>: Sendable {
    /// For the `:` prompt and the key-binding file, `apply-draft`.
    package var name: String
    package var keys: [Key]
    /// For the footer, two words at most.
    package var title: String
    /// For `?`, a sentence.
    package var help: String
    package var action: Action
    package var applies: @Sendable (State) -> Bool

    package init(
        _ name: String, keys: [Key], title: String, help: String, action: Action,
        applies: @escaping @Sendable (State) -> Bool = { _ in true }
    ) {
        self.name = name
        self.keys = keys
        self.title = title
        self.help = help
        self.action = action
        self.applies = applies
    }

    /// The keys as help shows them, `a`, `↑ k`.
    package var keyTitles: String { keys.map(\.title).joined(separator: " ") }
}

/// All commands of a view; dispatch, footer, help and the `:` prompt read the same list.
package struct CommandTable<State, Action: Sendable>: Sendable {
    package private(set) var bindings: [Binding<State, Action>]
    private var byKey: [Key: Int]

    package init(_ bindings: [Binding<State, Action>]) {
        self.bindings = bindings
        byKey = [:]
        for (index, binding) in bindings.enumerated() {
            for key in binding.keys where byKey[key] == nil { byKey[key] = index }
        }
    }

    /// This table's commands before another's: a view's before those of every view. The first to claim a key has it.
    package func followed(by other: CommandTable) -> CommandTable { CommandTable(bindings + other.bindings) }

    /// Keys that two commands claim; a test holds this empty.
    package var sharedKeys: [(key: Key, names: [String])] {
        var names: [Key: [String]] = [:]
        var order: [Key] = []
        for binding in bindings {
            for key in binding.keys {
                if names[key] == nil { order.append(key) }
                names[key, default: []].append(binding.name)
            }
        }
        return order.compactMap { key in
            guard let claims = names[key], claims.count > 1 else { return nil }
            return (key, claims)
        }
    }

    /// The command on a key, if it can be done now.
    package func binding(for key: Key, in state: State) -> Binding<State, Action>? {
        guard let index = byKey[key], bindings[index].applies(state) else { return nil }
        return bindings[index]
    }

    package func action(for key: Key, in state: State) -> Action? { binding(for: key, in: state)?.action }

    package func binding(named name: String) -> Binding<State, Action>? { bindings.first { $0.name == name } }

    /// For the `:` prompt: those that begin with what was typed and can be done now.
    package func completions(of prefix: String, in state: State) -> [Binding<State, Action>] {
        bindings.filter { $0.name.hasPrefix(prefix) && $0.applies(state) }
    }

    /// Other keys for commands, as the key-binding file gives them; a key goes to its new command alone.
    package func rebinding(_ keys: [String: [Key]]) -> CommandTable {
        let moved = Set(keys.values.joined())
        return CommandTable(
            bindings.map { binding in
                var binding = binding
                if let own = keys[binding.name] {
                    binding.keys = own
                } else {
                    binding.keys.removeAll(where: moved.contains)
                }
                return binding
            })
    }

    /// `key title` pairs that fit a width, in the table's order; what cannot be done now is left out.
    package func hints(in state: State, width: Int) -> [(key: String, title: String)] {
        var used = 0
        var hints: [(key: String, title: String)] = []
        for binding in bindings {
            guard let key = binding.keys.first, !binding.title.isEmpty, binding.applies(state) else { continue }
            let needed = Glyphs.width(key.title) + Glyphs.width(binding.title) + 3
            guard used + needed <= width else { continue }
            used += needed
            hints.append((key.title, binding.title))
        }
        return hints
    }

    package func drawHints(in state: State, into grid: inout CellGrid, _ rect: Rect) {
        var x = rect.x + 1
        for hint in hints(in: state, width: rect.width) {
            x = grid.put(hint.key, at: x, rect.y, Style(.key, bold: true))
            x = grid.put(" \(hint.title)", at: x, rect.y, Style(.hint)) + 2
        }
    }
}
