import Foundation
import Interchange
import Text

extension RunFolder {
    /// What a run writes by itself. Networks that a person kept are not among it.
    private static let own: Set<String> = [
        "journal.jsonl", "metrics.jsonl", "data.json", "workbench.json", "network.json", "start.safetensors",
        "model.frame", "parent.json", "parent.safetensors", "sensitivity.json", "final.safetensors",
        "final.masks.safetensors", "final.bitmask.safetensors", "best.safetensors", "best.masks.safetensors",
        "best.bitmask.safetensors", "lock",
    ]

    /// Takes a run away that no process has open. Its recipe goes last: what is cut short is a run still, and can be deleted.
    /// - Returns: the names of what is not the run's own; they and the folder stay.
    /// - Throws: `FileProblem`.
    static func delete(_ path: String) throws -> [String] {
        try FileKind.refuseLink(path)
        let run = try RunFolder.open(path)
        defer { run.close() }
        var names = try names(in: path)
        for name in try Self.names(in: run.checkpoints) { try remove(run.checkpoints + "/" + name) }
        guard rmdir(run.checkpoints.cPath) == 0 else {
            throw FileProblem.system(run.checkpoints, "removing", expected: "a folder without other folders")
        }
        names.removeAll { $0 == "checkpoints" }
        for name in names where own.contains(name) { try remove(path + "/" + name) }
        try remove(run.recipe)
        rmdir(path.cPath)
        return names.filter { !own.contains($0) && $0 != "recipe.yaml" && !AtomicFile.isTemporary($0) }
    }

    private static func remove(_ path: String) throws {
        guard unlink(path.cPath) == 0 || errno == ENOENT else {
            throw FileProblem.system(path, "removing", expected: "a file that may be removed")
        }
    }
}
