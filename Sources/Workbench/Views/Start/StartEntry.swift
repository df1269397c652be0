import Terminal
import Text
import Training

/// A row that can be opened: what it is, and what Enter does.
struct StartEntry: Sendable, Equatable {
    enum Action: Sendable, Equatable {
        case choose(Opening)
        /// A model: on which data?
        case askForData(String)
        /// Data: which network?
        case askForNetwork(String, DataGlance)
    }

    /// The heading it stands under.
    var section: String
    var name: String
    /// What it is, what matters most first.
    var facts: [String]
    /// In seconds.
    var age: Double?
    var action: Action
    /// What Enter does, as a sentence.
    var deed: String

    /// What a filter is held against.
    var letters: String { ([section, name] + facts).joined(separator: " ").lowercased() }
}

extension StartEntry {
    init(_ finding: Finding, now: Double) {
        let path = finding.path
        // Of a time to come there is no age.
        let age = finding.changed.map { max(0, now - $0) }
        let name = path.visible
        switch finding.content {
        case .run(let run):
            var facts = ["step \(Format.count(run.step))"]
            if let sparsity = run.sparsity { facts.append("\(Format.percent(sparsity)) % zeros") }
            if let figure = run.figure { facts.append(figure.visible) }
            if run.isFinished { facts.append("finished") }
            facts.append("\(StartEntry.last(run.network)) on \(StartEntry.last(run.data))".visible)
            let deed = run.isFinished ? "shows this finished run" : "goes on with this run"
            self.init(
                section: "runs", name: name, facts: facts, age: age, action: .choose(.open(path)), deed: deed)
        case .recipe(let recipe):
            let data = recipe.data.isEmpty ? "fashion-mnist" : StartEntry.last(recipe.data)
            let facts = ["\(StartEntry.last(recipe.network)) on \(data)", recipe.summary]
            self.init(
                section: recipe.isSample ? "sample recipes" : "recipes",
                name: recipe.isSample ? StartEntry.stem(name) : name, facts: facts.map(\.visible), age: age,
                action: .choose(.open(path)), deed: "begins a run by this recipe")
        case .model(let model):
            self.init(
                section: "models", name: name, facts: [model.format, Format.bytes(model.bytes), model.origin.visible],
                age: age, action: .askForData(path), deed: "asks for data to train this model on")
        case .data(let data):
            self.init(
                section: "data", name: name, facts: [data.form, data.extent].map(\.visible), age: age,
                action: .askForNetwork(path, data), deed: "asks for a network to train on this data")
        }
        facts.removeAll(where: \.isEmpty)
    }

    static let standard = StartEntry(
        section: "try it", name: "LeNet-300-100, dense",
        facts: ["on Fashion-MNIST: watch it train, then cut", "some ten seconds"], action: .choose(.standard),
        deed: "begins a run on data that comes along")

    /// Of a path the name of what lies there.
    private static func last(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Of `…/recipes/digits.yaml` the name it is called by.
    private static func stem(_ path: String) -> String {
        let name = last(path)
        return name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name
    }
}
