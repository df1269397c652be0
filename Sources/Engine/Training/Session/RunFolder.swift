import Foundation
import Interchange

/// The folder of a run: what lies where, and that only one process has it open.
///
///     recipe.yaml     resolved            checkpoints/latest.safetensors
///     journal.jsonl   commands, records   checkpoints/undo-n.safetensors   state before an event
///     metrics.jsonl   curves              checkpoints/cut-n.safetensors    weights that a cut took
///     data.json       what data it is about, and where that lay
///     final.safetensors, final.masks.safetensors, final.bitmask.safetensors     when finished
package final class RunFolder: Sendable {
    package let path: String
    private let lock: Locked<Int32>

    package var recipe: String { path + "/recipe.yaml" }
    var journal: String { path + "/journal.jsonl" }
    package var metrics: String { path + "/metrics.jsonl" }
    package var latest: String { path + "/checkpoints/latest.safetensors" }
    package var final: String { path + "/final.safetensors" }
    package var layout: String { path + "/workbench.json" }
    package var data: String { path + "/data.json" }
    func undo(_ id: Int) -> String { path + "/checkpoints/undo-\(id).safetensors" }
    func undoneMetrics(_ id: Int) -> String { path + "/checkpoints/undo-\(id).metrics.jsonl" }
    func removal(_ id: Int) -> String { path + "/checkpoints/cut-\(id).safetensors" }

    /// A new run. The folder must be absent or empty, but for what a process left that ended before it had a recipe.
    package static func create(_ path: String, recipe: Recipe) throws -> RunFolder {
        try requireName(path)
        let files = FileManager.default
        let held = (try? files.contentsOfDirectory(atPath: path)) ?? []
        let isBegun =
            held.allSatisfy { $0 == "lock" || $0 == "checkpoints" || AtomicFile.isTemporary($0) }
            && (try? files.contentsOfDirectory(atPath: path + "/checkpoints"))?.isEmpty != false
        guard isBegun else {
            throw FileProblem(
                path: path, place: "folder", found: "\(held.count) entries",
                expected: "a new or empty folder for the run"
            )
        }
        try makeFolder(path + "/checkpoints")
        let run = try RunFolder(path)
        for name in held where AtomicFile.isTemporary(name) { try? files.removeItem(atPath: path + "/" + name) }
        try AtomicFile.write(Array(recipe.yaml.utf8), to: run.recipe)
        return run
    }

    /// A run that exists.
    package static func open(_ path: String) throws -> RunFolder {
        try requireName(path)
        guard FileManager.default.fileExists(atPath: path + "/recipe.yaml") else {
            throw FileProblem(
                path: path, place: "folder", found: "no recipe.yaml",
                expected: "the folder of a run, with its recipe.yaml")
        }
        try makeFolder(path + "/checkpoints")
        return try RunFolder(path)
    }

    /// `runs/<name>-<n>` with the first n that is free.
    package static func unused(for name: String, in parent: String = "runs") -> String {
        var number = 1
        while FileManager.default.fileExists(atPath: "\(parent)/\(name)-\(number)") { number += 1 }
        return "\(parent)/\(name)-\(number)"
    }

    /// An empty path, as of an unset variable, would be the root.
    private static func requireName(_ path: String) throws {
        guard path.isEmpty else { return }
        throw FileProblem(path: "''", place: "folder of a run", found: "an empty path", expected: "a folder's name")
    }

    private static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw FileProblem(
                path: path, place: "folder", found: String(cString: strerror(errno)),
                expected: "a folder that can be made")
        }
    }

    private init(_ path: String) throws {
        self.path = path
        // Two writers would tear the journal; the lock goes with the process, however that ends.
        let lock = Foundation.open(path + "/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
        guard lock >= 0 else {
            throw FileProblem(
                path: path + "/lock", place: "file", found: String(cString: strerror(errno)),
                expected: "a file that can be made")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            Foundation.close(lock)
            throw FileProblem(
                path: path, place: "lock", found: "the run is open in another process",
                expected: "one process at a time")
        }
        self.lock = Locked(lock)
    }

    deinit { close() }

    /// Another process may open the run now. Done by the session when it is over.
    package func close() {
        lock.withLock { lock in
            // Unlocked by name: a program being started elsewhere in the process holds a copy until it runs.
            if lock >= 0 { _ = flock(lock, LOCK_UN) }
            if lock >= 0 { Foundation.close(lock) }
            lock = -1
        }
    }
}
