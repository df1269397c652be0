import Interchange
import Training

/// Where a command writes: nothing is there yet, unless it may be replaced.
enum OutputPlace {
    /// - Parameters:
    ///   - isKept: a network is kept there, which is several files.
    ///   - force: whether what is there is replaced; nil: the command never does that.
    /// - Throws: `FileProblem`, before anything is done.
    static func free(_ output: String, isKept: Bool = false, force: Bool? = nil) throws -> String {
        let path = try HomeFolder.expand(output)
        let files = isKept ? KeptNetwork.paths(path) : [path]
        // Also by force: a run would answer with what nobody trained.
        if let file = files.first(where: RunFolder.owns) {
            throw FileProblem(
                path: file, place: "name", found: "the name of a file of that run",
                expected: "another name, or another folder")
        }
        if force == true { return path }
        for file in files where try FileKind.at(file) != .absent {
            throw FileProblem(
                path: file, place: "name", found: "something of that name already",
                expected: force == nil ? "a new name" : "a new name, or --force")
        }
        return path
    }
}
