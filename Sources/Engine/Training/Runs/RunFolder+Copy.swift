import Interchange

extension RunFolder {
    /// What becomes a run of its own that goes on from where this one was saved, as soon as it begins.
    ///
    /// - Throws: `FileProblem`; nothing is left behind then.
    package func copy(to path: String) throws -> RunFolder {
        let copy = try RunFolder.create(path, recipe: nil)
        do {
            try copyState(to: copy)
        } catch {
            copy.discard()
            throw error
        }
        return copy
    }

    /// What a resume reads. What was kept or sealed stays with this run.
    func copyState(to copy: RunFolder) throws {
        for name in [
            "journal.jsonl", "metrics.jsonl", "data.json", "network.json", "start.safetensors", "model.frame",
            "parent.json", "parent.safetensors",
        ] {
            try Self.copy(path + "/" + name, to: copy.path + "/" + name)
        }
        for name in Files.names(in: checkpoints) ?? [] where !name.hasPrefix(".") && !name.hasPrefix("set-aside") {
            try Self.copy(checkpoints + "/" + name, to: copy.checkpoints + "/" + name)
        }
    }

    private static func copy(_ path: String, to other: String) throws {
        guard try FileKind.at(path) != .absent else { return }
        try AtomicFile.write(FileBytes.read(path), to: other)
    }
}
