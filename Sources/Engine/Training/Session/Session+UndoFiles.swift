import Foundation
import Interchange
import Text

// Undo, redo and the weights that a cut took lie in files of the run. This is which of them are kept, and for how long.
//
// A file is needed while undo or redo leads to it now, or did in the last checkpoint: a resume goes through the journal
// from there. What was written after that checkpoint is written again by such a resume. So a file goes only when neither
// names it; and where the room is used up, the checkpoint that does not lead to it is written before it goes.

/// What the session knows of these files.
struct UndoFiles {
    /// Bytes of those that can be reached, and of those that are there for a resume alone.
    var bytes = 0
    var resumeBytes = 0
    /// Of those that can be reached, the curves, whose bytes are not the same in a resume: what is dropped follows from the
    /// others.
    var curveBytes = 0
    /// Numbers of the states, and of the cuts of the network at hand, that the last checkpoint leads to.
    var savedStates: Set<Int> = []
    var savedRemovals: Set<Int> = []
    /// Lines of the metrics that the last checkpoint counts.
    var savedLines = 0
    /// The cuts that a state on the disk leads to.
    var removalsOf: [Int: [Int]] = [:]
    /// Whether it was said that the oldest steps go.
    var isSaid = false
}

extension Session {
    private var statesInReach: Set<Int> { Set(memory.undo + memory.redo) }

    /// What the checkpoint does not lead to is not needed by a resume any more.
    func checkpointIsWritten() {
        let states = statesInReach, removals = Set(trainer.progress.removals)
        let frees =
            !undoFiles.savedStates.isSubset(of: states) || !undoFiles.savedRemovals.isSubset(of: removals)
        (undoFiles.savedStates, undoFiles.savedRemovals) = (states, removals)
        undoFiles.savedLines = metrics.count
        if frees, journal.replaying == nil { sweepUndoFiles() }
    }

    /// After a command: needless files go, and where the rest takes more than its room the oldest steps.
    func keepUndoInRoom() {
        // The journal of an earlier process is gone through with all the steps that it had.
        guard !run.isReadOnly, journal.replaying == nil else { return }
        sweepUndoFiles()
        // An undo took lines away that a resume from the last checkpoint would look for.
        if metrics.count < undoFiles.savedLines { save() }
        guard undoFiles.bytes + undoFiles.resumeBytes > options.undoBytes else { return }
        var frees = undoFiles.resumeBytes > 0
        var held = undoFiles.bytes - undoFiles.curveBytes
        while held > options.undoBytes, let id = dropOldestState() {
            held -= size(run.undo(id))
            frees = true
            if !undoFiles.isSaid {
                undoFiles.isSaid = true
                report(.note, "undo may take \(options.undoBytes / 1_000_000) MB on the disk: its oldest steps go")
            }
        }
        guard frees else { return }
        // With it a resume has as many steps as there are now.
        save()
        sweepUndoFiles()
    }

    /// The next undo stays, whatever room it takes, and so does all that can be redone: it is newer, and a cut ends it.
    private func dropOldestState() -> Int? {
        memory.undo.count > 1 ? memory.undo.removeFirst() : nil
    }

    func sweepUndoFiles() {
        // Not where a link leads.
        guard (try? run.requireOwnCheckpoints()) != nil else { return }
        let states = statesInReach.union(undoFiles.savedStates)
        undoFiles.removalsOf = undoFiles.removalsOf.filter { states.contains($0.key) }
        let own = Set(trainer.progress.removals)
        removalCache.withLock { cache in cache = cache.filter { own.contains($0.key) } }
        let files = undoFilesOnDisk()
        var removals = removals(of: states)
        if removals == nil, files.contains(where: { $0.kind == .removal && !own.contains($0.id) }) {
            // Of a run that was opened again.
            for id in states where undoFiles.removalsOf[id] == nil {
                undoFiles.removalsOf[id] = try? Checkpoint.removals(run.undo(id))
            }
            removals = self.removals(of: states)
        }
        let needed = removals?.union(own).union(undoFiles.savedRemovals)
        for file in files {
            // Where a state cannot be read, all weights that were cut stay.
            let isNeeded =
                file.kind == .state ? states.contains(file.id) : needed.map { $0.contains(file.id) } ?? true
            // One that cannot be removed is tried again after the next command.
            if !isNeeded { unlink(file.path.cPath) }
        }
        countUndoFiles()
    }

    /// Cuts that these states lead to; nil where that is not known of one of them.
    private func removals(of states: Set<Int>) -> Set<Int>? {
        var removals = Set<Int>()
        for id in states {
            guard let known = undoFiles.removalsOf[id] else { return nil }
            removals.formUnion(known)
        }
        return removals
    }

    func countUndoFiles() {
        let states = statesInReach
        let removals = removals(of: states)?.union(trainer.progress.removals)
        (undoFiles.bytes, undoFiles.resumeBytes, undoFiles.curveBytes) = (0, 0, 0)
        for file in undoFilesOnDisk() {
            let isReached =
                file.kind == .state ? states.contains(file.id) : removals.map { $0.contains(file.id) } ?? true
            let bytes = size(file.path)
            guard isReached else {
                undoFiles.resumeBytes += bytes
                continue
            }
            undoFiles.bytes += bytes
            if file.path.hasSuffix(".jsonl") { undoFiles.curveBytes += bytes }
        }
    }

    // MARK: The folder

    private struct UndoFile {
        enum Kind { case state, removal }
        var kind: Kind
        var id: Int
        var path: String
    }

    /// `undo-n.safetensors`, `undo-n.metrics.jsonl` and `cut-n.safetensors`.
    private func undoFilesOnDisk() -> [UndoFile] {
        let folder = Files.folder(of: run.latest)
        return (Files.names(in: folder) ?? []).compactMap { name in
            let parts = name.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let dot = parts[1].firstIndex(of: "."), let id = Int(parts[1][..<dot]) else {
                return nil
            }
            switch (parts[0], parts[1][dot...]) {
            case ("undo", ".safetensors"), ("undo", ".metrics.jsonl"):
                return UndoFile(kind: .state, id: id, path: folder + "/" + name)
            case ("cut", ".safetensors"):
                return UndoFile(kind: .removal, id: id, path: folder + "/" + name)
            default: return nil
            }
        }
    }

    func size(_ path: String) -> Int {
        var status = stat()
        return lstat(path.cPath, &status) == 0 ? Int(status.st_size) : 0
    }
}
