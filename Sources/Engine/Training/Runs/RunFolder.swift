import Foundation
import Interchange
import Text

/// The folder of a run: what lies where, and that only one process writes into it.
///
///     recipe.yaml     resolved            checkpoints/latest.safetensors
///     journal.jsonl   commands, records   checkpoints/undo-n.safetensors   state before an event
///     metrics.jsonl   curves              checkpoints/cut-n.safetensors    weights that a cut took
///     data.json       what data it is about, and where that lay
///     checkpoints/floor-n.safetensors, best-n.safetensors     states of step n that a missed floor or the end leads back to
///     best.safetensors, best.masks.safetensors, best.bitmask.safetensors        with 'keep-best'
///     network.json    the graph, and start.safetensors the weights, where the run began with given ones;
///                     model.frame: the ONNX file it came from, without weights
///     final.safetensors, final.masks.safetensors, final.bitmask.safetensors     when finished
package final class RunFolder: Sendable {
    package let path: String
    /// Opened to be looked at: not locked, and nothing is written.
    package let isReadOnly: Bool
    private let locks: Locked<[Int32]>
    /// The folder of runs, where this one is the first in it.
    private let madeParent = Locked<String?>(nil)

    package var recipe: String { path + "/recipe.yaml" }
    package var journal: String { path + "/journal.jsonl" }
    package var metrics: String { path + "/metrics.jsonl" }
    var checkpoints: String { path + "/checkpoints" }
    package var latest: String { checkpoints + "/latest.safetensors" }
    package var final: String { path + "/final.safetensors" }
    package var layout: String { path + "/workbench.json" }
    package var data: String { path + "/data.json" }
    package var best: String { path + "/best.safetensors" }
    func floorState(_ step: Int) -> String { checkpoints + "/floor-\(step).safetensors" }
    func bestState(_ step: Int) -> String { checkpoints + "/best-\(step).safetensors" }
    /// Those two kinds.
    func keptStates() -> [String] {
        (Files.names(in: checkpoints) ?? []).filter { name in
            ["floor-", "best-"].contains { name.hasPrefix($0) } && name.hasSuffix(".safetensors")
        }.map { checkpoints + "/" + $0 }
    }
    func undo(_ id: Int) -> String { checkpoints + "/undo-\(id).safetensors" }
    func undoneMetrics(_ id: Int) -> String { checkpoints + "/undo-\(id).metrics.jsonl" }
    func removal(_ id: Int) -> String { checkpoints + "/cut-\(id).safetensors" }

    /// A new run. The folder must be absent or empty, but for what a process left that ended before it had a recipe.
    /// - Parameter recipe: nil: `begin` writes it, when all else is there.
    package static func create(_ path: String, recipe: Recipe?) throws -> RunFolder {
        try requireName(path)
        return try Files.inFolder(path) {
            try requireUnused(path)
            return try RunFolder(beginning: path, recipe)
        }
    }

    /// A new run in `runs/<name>-<n>` with the first n that is free. Each of several processes that ask at once gets a
    /// folder of its own.
    package static func createNext(for name: String, in parent: String = "runs", recipe: Recipe?) throws -> RunFolder {
        let isFirst = !Files.isFolder(parent)
        return try Files.inFolder(parent) {
            var number = 1
            while true {
                let path = "\(parent)/\(name)-\(number)"
                if mkdir(path.cPath, 0o777) == 0 {
                    do {
                        let run = try RunFolder(beginning: path, recipe)
                        if isFirst { run.madeParent.withLock { $0 = parent } }
                        return run
                    } catch {
                        rmdir(path.cPath)
                        throw error
                    }
                }
                guard errno == EEXIST else {
                    throw FileProblem.system(path, "creating", expected: "a folder that can be made")
                }
                number += 1
            }
        }
    }

    /// A run that exists, to go on with.
    package static func open(_ path: String) throws -> RunFolder {
        try requireRun(path)
        let run = try RunFolder(locking: path)
        try run.takeOver()
        return run
    }

    /// A run that exists, to look at: it may be open in another process, or on a disk that cannot be written to.
    package static func look(at path: String) throws -> RunFolder {
        try requireRun(path)
        return RunFolder(lookingAt: path)
    }

    /// Whether the folder of a run is there.
    /// - Throws: `FileProblem` where that cannot be seen.
    package static func isRun(_ path: String) throws -> Bool {
        guard !path.isEmpty else { return false }
        var status = stat()
        if stat((path + "/recipe.yaml").cPath, &status) == 0 { return true }
        guard errno == EACCES else { return false }
        throw FileProblem.system(path, "opening", expected: "a folder that can be looked into")
    }

    /// Whether a file, there or not, is one that a run has for itself.
    package static func owns(_ file: String) -> Bool {
        let folder = Files.folder(of: file), name = Files.name(of: file)
        func hasRun(_ folder: String) -> Bool { (try? isRun(folder.isEmpty ? "." : folder)) ?? true }
        if Files.name(of: folder) == "checkpoints", hasRun(Files.folder(of: folder)) { return true }
        let isNetwork = ["final.", "best."].contains { name.hasPrefix($0) } && name.hasSuffix(".safetensors")
        return (isNetwork || ownNames.contains(name)) && hasRun(folder)
    }

    private static let ownNames: Set = [
        "recipe.yaml", "journal.jsonl", "metrics.jsonl", "data.json", "workbench.json", "lock", "network.json",
        "start.safetensors", "model.frame", "parent.json", "parent.safetensors",
    ]

    // MARK: Ownership

    private init(lookingAt path: String) {
        self.path = path
        isReadOnly = true
        locks = Locked([])
    }

    private init(locking path: String) throws {
        self.path = path
        isReadOnly = false
        locks = Locked(try Self.lock(path))
    }

    private convenience init(beginning path: String, _ recipe: Recipe?) throws {
        try self.init(locking: path)
        // Now that nobody else begins a run there.
        try Self.requireUnused(path)
        do {
            try takeOver()
            if let recipe { try begin(recipe) }
        } catch {
            // Still locked: nobody else has begun a run there.
            rmdir(checkpoints.cPath)
            unlink((path + "/lock").cPath)
            throw error
        }
    }

    /// From here on the folder is a run: without a recipe nobody goes on with what a killed process left half made.
    package func begin(_ recipe: Recipe) throws { try AtomicFile.write(Array(recipe.yaml.utf8), to: self.recipe) }

    /// Two writers would tear the journal; the locks go with the process, however that ends.
    ///
    /// The folder itself is locked, for a file can be deleted and made again by the next. The file is for file systems
    /// that lock only files, and for people to see.
    private static func lock(_ path: String) throws -> [Int32] {
        var held: [Int32] = []
        func take(_ file: Int32, _ name: String) throws {
            guard file >= 0 else {
                throw errno == ELOOP
                    ? FileProblem.link(name) : FileProblem.system(name, "opening", expected: "a file that can be made")
            }
            held.append(file)
            guard flock(file, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
            throw FileProblem(
                path: path, place: "lock",
                found: "the run is open in another process", expected: "one process at a time")
        }
        do {
            try take(Foundation.open(path.cPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path + "/")
            let file = path + "/lock"
            try take(Foundation.open(file.cPath, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644), file)
        } catch {
            for file in held { Foundation.close(file) }
            throw error
        }
        return held
    }

    /// What the new owner of a run does first: nothing is written through links, what killed processes left goes.
    private func takeOver() throws {
        for name in [
            "checkpoints", "journal.jsonl", "metrics.jsonl", "data.json", "workbench.json", "final.safetensors",
            "network.json", "start.safetensors", "model.frame",
            "final.masks.safetensors", "final.bitmask.safetensors",
            "best.safetensors", "best.masks.safetensors", "best.bitmask.safetensors",
        ] {
            try FileKind.refuseLink(path + "/" + name)
        }
        try Files.makeFolder(checkpoints)
        for name in try Self.names(in: checkpoints) { try FileKind.refuseLink(checkpoints + "/" + name) }
        AtomicFile.removeLeftOvers(in: path)
        AtomicFile.removeLeftOvers(in: checkpoints)
    }

    /// The folder of checkpoints may have been exchanged for a link since it was looked at.
    func requireOwnCheckpoints() throws { try FileKind.refuseLink(checkpoints) }

    deinit { close() }

    /// Another process may open the run now. Done by the session when it is over.
    package func close() {
        locks.withLock { held in
            for file in held {
                // Unlocked by name: a program being started elsewhere in the process holds a copy until it runs.
                _ = flock(file, LOCK_UN)
                Foundation.close(file)
            }
            held = []
        }
    }

    /// Takes away a run that was just made and never began, and the folder of runs that was made for it. What still works in it may write a last file meanwhile.
    package func discard() {
        for _ in 0..<100 {
            Files.remove(path)
            if (try? FileKind.at(path)) == .absent { break }
            usleep(1000)
        }
        // Only an empty one goes.
        if let parent = madeParent.withLock({ $0 }) { rmdir(parent.cPath) }
    }

    // MARK: Folders

    private static func requireRun(_ path: String) throws {
        try requireName(path)
        guard try isRun(path) else {
            throw FileProblem(
                path: path, place: "folder", found: "no recipe.yaml",
                expected: "the folder of a run, with its recipe.yaml")
        }
    }

    private static func requireUnused(_ path: String) throws {
        let held = try names(in: path)
        let isBegun = try held.allSatisfy {
            try $0 == "lock" || AtomicFile.isTemporary($0)
                || $0 == "checkpoints" && FileKind.at(path + "/" + $0) == .folder
                    && names(in: path + "/" + $0).allSatisfy(AtomicFile.isTemporary)
        }
        guard isBegun else {
            throw FileProblem(
                path: path, place: "folder", found: "\(held.count) entries",
                expected: "a new or empty folder for the run")
        }
    }

    /// An empty path, as of an unset variable, would be the root.
    private static func requireName(_ path: String) throws {
        guard path.isEmpty else { return }
        throw FileProblem(path: "''", place: "folder of a run", found: "an empty path", expected: "a folder's name")
    }

    static func names(in folder: String) throws -> [String] {
        guard access(folder.cPath, R_OK | X_OK) == 0, let names = Files.names(in: folder) else {
            throw FileProblem.system(folder, "opening", expected: "a folder that can be looked into")
        }
        return names
    }
}
