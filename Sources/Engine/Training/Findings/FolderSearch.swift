import Foundation
import Interchange
import Text

/// Looks through a folder for what a workbench can be opened on: runs, recipes, models and data.
///
/// It reads names and beginnings of files, never a whole one, and has limits in depth, number and time, so that it ends
/// soon in any folder. What cannot be read is passed over.
package struct FolderSearch: Sendable {
    /// Folders below the one that is searched.
    package var depth = 2
    /// Names that are looked at.
    package var mostEntries = 5000
    package var seconds = 2.0
    /// `Samples` of Espalier, whose recipes and data are known by name.
    package var samples: String?

    package init(samples: String? = DataSources.samples.map(Files.folder)) { self.samples = samples }

    /// - Parameter isCancelled: is asked before every folder.
    /// - Parameter found: is given what there is, after every few folders and at the end.
    package func run(
        _ folder: String = ".", isCancelled: () -> Bool = { false }, found: (Findings) -> Void = { _ in }
    ) -> Findings {
        var walk = Walk(search: self)
        walk.addSamples()
        var level = [folder]
        for depth in 0...depth {
            var below: [String] = []
            for place in level where !walk.isOver {
                guard !isCancelled() else { return walk.findings }
                below += walk.look(in: place, isTop: depth == 0)
                walk.folders += 1
                if walk.folders % 32 == 0 { found(walk.findings) }
            }
            level = below
        }
        // Folders below the deepest are no part of what was asked for.
        walk.isWhole = !walk.isOver
        found(walk.findings)
        return walk.findings
    }
}

/// A search under way.
private struct Walk {
    let search: FolderSearch
    let end: ContinuousClock.Instant
    var entries = 0
    var folders = 0
    var isWhole = false
    private var all: [Finding] = []
    private let ownSamples: String?

    init(search: FolderSearch) {
        self.search = search
        end = .now + .seconds(search.seconds)
        ownSamples = search.samples.flatMap(Files.resolved)
    }

    var isOver: Bool { entries >= search.mostEntries || ContinuousClock.now > end }

    var findings: Findings {
        func rank(_ finding: Finding) -> Int {
            switch finding.content {
            case .run: 0
            case .model: 1
            case .data(let data): data.isNamed ? 3 : 2
            case .recipe(let recipe): recipe.isSample ? 5 : 4
            }
        }
        let sorted = all.enumerated().sorted { left, right in
            let ranks = (rank(left.element), rank(right.element))
            if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
            if ranks.0 == 0, left.element.changed != right.element.changed {
                return left.element.changed ?? 0 > right.element.changed ?? 0
            }
            return left.offset < right.offset
        }
        return Findings(sorted.map(\.element), isWhole: isWhole)
    }

    mutating func addSamples() {
        for named in DataSources.all {
            all.append(Finding(path: named.descriptor.name, content: .data(DataGlance(named))))
        }
        guard let recipes = search.samples.map({ $0 + "/recipes" }) else { return }
        for name in Files.names(in: recipes, atMost: 200)?.sorted() ?? [] {
            guard let glance = RecipeGlance(recipes + "/" + name, isSample: true) else { continue }
            all.append(Finding(path: recipes + "/" + name, content: .recipe(glance)))
        }
    }

    /// - Returns: folders to be looked into next.
    mutating func look(in place: String, isTop: Bool) -> [String] {
        guard let names = Files.names(in: place, atMost: search.mostEntries - entries) else { return [] }
        entries += names.count
        if let own = ownSamples, let here = Files.resolved(place), here.hasPrefix(own) { return [] }
        func path(_ name: String) -> String { place == "." ? name : place + "/" + name }
        if names.contains("recipe.yaml"), let run = RunGlance(place) {
            all.append(Finding(path: place, content: .run(run), changed: Files.changed(place + "/metrics.jsonl")))
            for name in names.sorted() where name.hasPrefix("kept-") { addModel(path(name), name) }
            return []
        }
        if let data = DataGlance(folder: place, names: names) {
            all.append(Finding(path: place == "." ? Files.workingFolder : place, content: .data(data)))
            if !isTop { return [] }
        }
        var below: [String] = []
        for name in names.sorted() where !name.hasPrefix(".") {
            if ContinuousClock.now > end { break }
            let path = path(name)
            if Files.isFolder(path) {
                below.append(path)
            } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                if let glance = RecipeGlance(path, isSample: false) {
                    all.append(Finding(path: path, content: .recipe(glance), changed: Files.changed(path)))
                }
            } else if let data = DataGlance(file: path) {
                all.append(Finding(path: path, content: .data(data), changed: Files.changed(path)))
            } else {
                addModel(path, name)
            }
        }
        return below
    }

    private mutating func addModel(_ path: String, _ name: String) {
        guard let model = ModelGlance(path) else { return }
        all.append(Finding(path: path, content: .model(model), changed: Files.changed(path)))
    }
}
