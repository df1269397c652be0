import Foundation
import Interchange

extension Session {
    /// Restores the state `id` and keeps the one at hand for the way back.
    func exchange(
        _ id: Int, from: WritableKeyPath<SessionMemory, [Int]>, to: WritableKeyPath<SessionMemory, [Int]>
    ) throws {
        try run.requireOwnCheckpoints()
        let (there, other) = try checkpoint(run.undo(id))
        try requireMemory(there, path: run.undo(id))
        if let found = there.state.firstNonFinite() {
            throw FileProblem(
                path: run.undo(id), place: "'\(found)'", found: "a number that is NaN or infinite",
                expected: "a state to go on from")
        }
        let here = memory.nextState
        try write(trainer.state(), to: run.undo(here))
        undoFiles.removalsOf[here] = trainer.progress.removals
        // The curve goes with the state: on the way back it is as it was.
        try metrics.write(to: run.undoneMetrics(here))
        if try FileKind.at(run.undoneMetrics(id)) != .absent {
            try metrics.replace(from: run.undoneMetrics(id))
        } else {
            try metrics.cut(to: there.state.progress.step)
        }
        memory.nextState += 1
        memory[keyPath: from].removeLast()
        memory[keyPath: to].append(here)
        // The floor is a setting, not a part of what is undone.
        let floor = trainer.progress.floor
        if from == \SessionMemory.undo {
            if var cut = trainer.progress.history.last(where: { $0.kind == .cut }) {
                cut.isCurrent = false
                memory.undone.append(cut)
            }
        } else if !memory.undone.isEmpty {
            memory.undone.removeLast()
        }
        if let other { exchange(for: other) }
        trainer.restore(there.state)
        trainer.progress.floor = floor
        trainer.progress.scheduleHeld = nil
        trainer.progress.keptForFloor = nil
        trainer.progress.best = nil
        lastGood = trainer.state()
        speed.restart()
        if trainer.progress.retraining != nil || phase != .training { phase = .paused }
        trainer.progress.retraining = nil
        if trainer.progress.step >= lastStep { phase = .outOfSteps }
    }
}
