import Foundation
import Interchange

/// `data.json` of a run: which data it was begun on, and where that lay. A run that was begun before there was such a file
/// gets one when it is opened next.
package struct RunData: Codable, Sendable, Equatable {
    /// The path, of a folder or a file; nil for a data set that has a name.
    package var folder: String?
    /// The way there from the run's folder, for a run and its data that are moved together.
    package var beside: String?
    package var identity: DataIdentity

    /// What a person says about it on the command line.
    package struct Choice: Sendable {
        /// Taken instead of the run's own, where the data lies elsewhere now.
        package var folder: String?
        /// Other data than the run was begun on is meant.
        package var acceptsOther = false

        package init(folder: String? = nil, acceptsOther: Bool = false) {
            self.folder = folder
            self.acceptsOther = acceptsOther
        }
    }

    init(_ data: DataSet, _ identity: DataIdentity, run: String) {
        self.identity = identity
        guard let place = data.folder else { return }
        folder = DataPlace.absolute(place)
        beside = DataPlace.relative(place, from: run)
    }

    /// - Throws: `FileProblem`. Nil where there is no such file.
    static func read(_ path: String) throws -> RunData? {
        guard try FileKind.at(path) != .absent else { return nil }
        let bytes = try FileBytes.read(path, limit: 1 << 20)
        do {
            return try JSONDecoder().decode(RunData.self, from: Data(bytes))
        } catch {
            throw FileProblem(
                path: path, place: "contents", found: "no account of a run's data",
                expected: "what Espalier wrote there")
        }
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(Array(try encoder.encode(self)) + [10], to: path)
    }

    /// Finds the data of a run or of a kept network and compares it with what that was begun on.
    ///
    /// - Parameters:
    ///   - known: what is written down of it; nil where nothing is.
    ///   - identity: what the weights were trained on, as their own file says it; it goes before `known`.
    ///   - folder: of the run, or that the kept file lies in.
    /// - Returns: the data, what it is, and how it differs where other data is accepted.
    /// - Throws: `DataError`, `FileProblem`.
    package static func find(
        _ recipe: Recipe, known: RunData?, identity: DataIdentity? = nil, in folder: String, choice: Choice
    ) throws -> (data: DataSet, identity: DataIdentity, difference: String?) {
        let expected = identity ?? known?.identity
        let places = try places(recipe, known, in: folder, choice)
        var differences: [String] = []
        var failure: (any Error)?
        var other: (data: DataSet, identity: DataIdentity, difference: String?)?
        for place in places {
            let data: DataSet
            do {
                data = try DataSources.load(place, recipe.dataChoice)
            } catch {
                failure = failure ?? error
                continue
            }
            let found = DataIdentity(data)
            guard let difference = expected.flatMap({ found.difference(from: $0) }) else { return (data, found, nil) }
            other = other ?? (data, found, difference)
            differences.append("\(data.folder ?? data.name) has \(difference)")
        }
        guard let other else { throw failure! }
        if choice.acceptsOther { return other }
        throw DataError.other(found: differences, expected: known?.identity.name ?? recipe.data)
    }

    private static func places(_ recipe: Recipe, _ known: RunData?, in folder: String, _ choice: Choice) throws
        -> [String]
    {
        let names = DataSources.all.map { $0.descriptor.name }
        if let given = choice.folder {
            if names.contains(given) { return [given] }
            let place = DataPlace.absolute(HomeFolder.expand(given))
            guard Files.exists(place) else { throw DataError.noFolder(given, lookedFor: [place], known: names) }
            return [place]
        }
        var candidates: [String] = []
        if let folder = known?.folder { candidates.append(DataPlace.absolute(folder)) }
        if let beside = known?.beside { candidates.append(DataPlace.following(beside, from: folder)) }
        // Data by name, or a run that was begun before its data's place was written down.
        if recipe.hasNamedData { return candidates.filter(Files.exists) + [recipe.data] }
        candidates.append(DataPlace.absolute(HomeFolder.expand(recipe.data)))
        candidates.append(DataPlace.absolute(recipe.data, in: DataPlace.absolute(folder)))
        var seen: Set<String> = []
        candidates = candidates.filter { seen.insert($0).inserted }
        let found = candidates.filter(Files.exists)
        guard !found.isEmpty else { throw DataError.gone(recipe.data, lookedFor: candidates) }
        return found
    }
}
