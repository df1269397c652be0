import Foundation
import Sparsity

/// What the recipe's method decides, carried out.
extension Session {
    /// Carries out what the method decided after a step. On the session queue, as the masks' only writer.
    package func follow(_ decisions: [Decision]) throws {
        onQueue()
        for decision in decisions {
            if case .cut(let target) = decision, let held = heldByFloor(target: target) {
                if trainer.progress.scheduleHeld == nil { report(.warning, held) }
                trainer.progress.scheduleHeld = held
                trainer.progress.heldTarget = target
                continue
            }
            guard let keep = try trainer.masks(for: decision) else { continue }
            trainer.progress.scheduleHeld = nil
            trainer.progress.heldTarget = nil
            if trainer.progress.maskVersion == 0 { rememberDenseParent() }
            let event = openScheduledEvent()
            // Files first: where they cannot be written nothing is cut, training pauses, and the cut is tried again.
            let removal = trainer.removal(keep, event: event, id: memory.nextRemoval)
            let kept = trainer.nnz - removal.layers.reduce(0) { $0 + $1.indices.count }
            do {
                try removal.write(to: run.removal(removal.id))
                try write(
                    Journal.Entry(
                        step: trainer.progress.step, command: nil,
                        record: Journal.Record(kind: "\(decision)".prefix { $0 != "(" }.description, kept: kept)))
            } catch {
                if case .cut(let target) = decision { trainer.progress.heldTarget = target }
                return failToSave(error)
            }
            trainer.drop(keep, event: event)
            memory.nextRemoval += 1
            trainer.progress.removals.append(removal.id)
            closeScheduledEvent(event)
            // Measured a moment ago, for the dense parent: going back there must not go back before this cut.
            if lastGood?.progress.step == trainer.progress.step { lastGood = trainer.state() }
        }
    }

    // Below the floor by its last measure the schedule holds: it cuts no further until accuracy is back.
    func heldByFloor(target: Double) -> String? {
        guard let floor = trainer.progress.floor, let measured = trainer.progress.validation, target > trainer.sparsity,
            measured.percent < floor
        else { return nil }
        return String(
            format: "schedule holds at %.1f %% zeros: validation %.2f is under the floor %.1f", 100 * trainer.sparsity,
            measured.percent, floor)
    }

    private func rememberDenseParent() {
        guard trainer.progress.step > 0 else { return }
        if trainer.progress.validation?.step != trainer.progress.step { validate() }
        trainer.progress.denseParent = trainer.progress.validation
    }

    private func openScheduledEvent() -> Int {
        if trainer.progress.history.last?.kind == .scheduled { return trainer.progress.history.last!.event }
        trainer.progress.closeStretch()
        return trainer.progress.history.last!.event + 1
    }
    private func closeScheduledEvent(_ event: Int) {
        let step = trainer.progress.step
        let label = String(format: "%@ to %.1f %%", trainer.plan.recipe.method.name, 100 * trainer.sparsity)
        if trainer.progress.history.last?.kind == .scheduled {
            trainer.progress.history[trainer.progress.history.count - 1].label = label
            trainer.progress.history[trainer.progress.history.count - 1].step = step
            trainer.progress.cuts[trainer.progress.cuts.count - 1].sparsity = trainer.sparsity
        } else {
            trainer.progress.history.append(
                HistoryEntry(event: event, kind: .scheduled, label: label, step: step, accuracy: nil, isCurrent: true))
            trainer.progress.cuts.append(
                CutMark(event: event, step: step, sparsity: trainer.sparsity, byHand: false))
        }
    }
}
