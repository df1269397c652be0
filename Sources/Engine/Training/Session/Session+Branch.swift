import Foundation
import Interchange

extension Session {
    /// Copies the run, saved as it is now, to a folder of its own. Undos that go before it are written into the copy's
    /// journal, so that whoever opens it begins where they lead.
    func branch(undos: Int) throws {
        guard (0...memory.undo.count).contains(undos) else {
            throw Refusal("not branched: there are \(memory.undo.count) events to undo, not \(undos)")
        }
        guard try requireFinite() else { return }
        save()
        guard checkpointStep == trainer.progress.step, saveFailure == nil else {
            throw Refusal("not branched: the run could not be saved")
        }
        let parent = Files.folder(of: run.path)
        let copy = try RunFolder.createNext(
            for: Files.name(of: run.path) + "-branch", in: parent.isEmpty ? "." : parent, recipe: nil)
        do {
            try run.copyState(to: copy)
            let journal = try Journal(copy.journal, position: Int.max, isReadOnly: false)
            for _ in 0..<undos { try journal.write(Journal.Entry(step: trainer.progress.step, command: .undo)) }
            try copy.begin(recipe)
        } catch {
            copy.discard()
            throw error
        }
        let path = copy.path
        copy.close()
        report(.note, "branched to \(path): open it to go on there; this run stays as it is")
    }
}
