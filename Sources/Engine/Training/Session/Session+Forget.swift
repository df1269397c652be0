extension Session {
    /// What is saved of an event goes. One that was undone cannot be redone any more, nor what came after it; the state before
    /// one that stands cannot be gone back to, nor any before it. The network stays as it is.
    func forget(_ event: Int, _ command: Command) throws {
        if let index = memory.undone.firstIndex(where: { $0.event == event }) {
            // Both lists end with what is redone next.
            let newer = memory.redo.count - (memory.undone.count - 1 - index)
            guard (1...max(1, memory.redo.count)).contains(newer), !memory.redo.isEmpty else {
                throw Refusal("not deleted: nothing of #\(event) is saved")
            }
            try write(command)
            memory.undone.removeFirst(index + 1)
            memory.redo.removeFirst(newer)
            return report(.note, "#\(event) is deleted: it cannot be redone any more")
        }
        let byHand = Set(trainer.progress.cuts.filter(\.byHand).map(\.event))
        let standing = trainer.progress.history.filter { byHand.contains($0.event) && $0.event >= event }
        guard byHand.contains(event), standing.contains(where: { $0.event == event }),
            standing.count <= memory.undo.count
        else { throw Refusal("not deleted: nothing of #\(event) is saved") }
        try write(command)
        memory.undo.removeFirst(memory.undo.count - standing.count + 1)
        report(.note, "the state before #\(event) is deleted: an undo goes no further back than to after it")
    }
}
