import Terminal
import Training

/// What was found, and how far a person has come in choosing of it.
package struct StartState: Sendable {
    package enum Stage: Sendable, Equatable {
        case first
        /// Data for this model.
        case data(model: String)
        /// A network for this data.
        case network(data: String, DataGlance)
    }

    package private(set) var stage = Stage.first
    package private(set) var findings = Findings()
    package private(set) var isSearching = true
    /// Where was looked.
    package var folder = ""
    /// Seconds since 1970, for ages.
    package var now = 0.0
    /// What is wrong with what was chosen, until the next key.
    package var problem: String?

    var editor = LineEditor()
    /// A letter is typed, also one that is a key.
    var isTyping = false
    var help = false
    /// Of the entries that are shown.
    private(set) var index = 0
    /// A person moved: what is found later takes no place of what is selected.
    private var hasMoved = false

    package init(model: String? = nil) {
        if let model { stage = .data(model: model) }
    }

    package init(data: String, _ glance: DataGlance) { stage = .network(data: data, glance) }

    package mutating func take(_ findings: Findings, isLast: Bool) {
        let selected = hasMoved ? entry : nil
        self.findings = findings
        isSearching = !isLast
        if let selected { index = entries.firstIndex { $0.action == selected.action } ?? 0 }
    }

    // MARK: The list

    private var all: [StartEntry] {
        let found = findings.all.map { StartEntry($0, now: now) }
        switch stage {
        case .first: return StartEntry.arranged(found)
        case .data(let model):
            return found.filter { $0.section == "data" }.map { entry in
                guard case .askForNetwork(let path, _) = entry.action else { return entry }
                var entry = entry
                entry.action = .choose(.model(model, data: path))
                entry.deed = "begins a run of the model on this data"
                return entry
            }
        case .network(let data, let glance):
            return glance.networks.map { network in
                StartEntry(
                    section: "networks", name: network.name, facts: [network.summary],
                    action: .choose(.network(network.name, data: data)), deed: "begins a run of it on the data")
            }
        }
    }

    /// Those that have every word that was typed; and what was typed itself, where it may be a path.
    var entries: [StartEntry] {
        let text = editor.text.trimmingBlanks
        guard !text.isEmpty else { return all }
        let words = text.lowercased().split(separator: " ")
        let found = all.filter { entry in
            let letters = entry.letters
            return words.allSatisfy { letters.contains($0) }
        }
        let isPath = text.contains("/") || text.hasPrefix("~")
        // What was not found yet may be found: until then letters that fit nothing are not taken for a name.
        guard let typed = typed(text), isPath || found.isEmpty && !isSearching else { return found }
        return found + [typed]
    }

    private func typed(_ text: String) -> StartEntry? {
        switch stage {
        case .first:
            StartEntry(
                section: "typed", name: text, facts: ["a run, a recipe or a model"], action: .choose(.open(text)),
                deed: "opens what lies there")
        case .data(let model):
            StartEntry(
                section: "typed", name: text, facts: ["data"], action: .choose(.model(model, data: text)),
                deed: "begins a run of the model on what lies there")
        case .network: nil
        }
    }

    var entry: StartEntry? {
        let entries = entries
        return entries.isEmpty ? nil : entries[max(0, min(index, entries.count - 1))]
    }

    mutating func move(by distance: Int) {
        index = max(0, min(entries.count - 1, index + distance))
        hasMoved = true
    }

    mutating func select(_ row: Int) {
        index = row
        hasMoved = true
    }

    /// The best of what is left stands first.
    mutating func filterChanged() {
        index = 0
        hasMoved = !editor.text.isEmpty
    }

    package mutating func go(to stage: Stage) {
        self.stage = stage
        editor = LineEditor()
        isTyping = false
        index = 0
        hasMoved = false
    }
}

extension StartEntry {
    /// By sections; where nothing was done here yet, what can be tried comes before all.
    static func arranged(_ entries: [StartEntry]) -> [StartEntry] {
        let hasOwn = entries.contains { ["runs", "models", "recipes"].contains($0.section) }
        let order =
            hasOwn
            ? ["runs", "models", "recipes", "data", "try it", "sample recipes"]
            : ["try it", "sample recipes", "data"]
        let all = entries + [.standard]
        return order.flatMap { section in all.filter { $0.section == section } }
    }
}
