import Foundation
import Sparsity
import Text

/// What the recipe's method decides, carried out.
extension Session {
    /// Carries out what the method decided after a step. On the session queue, as the masks' only writer.
    package func follow(_ decisions: [Decision]) throws {
        onQueue()
        for (number, decision) in decisions.enumerated() {
            if let held = heldByFloor(decision) {
                hold(decision, held)
                continue
            }
            trainer.progress.scheduleHeld = nil
            trainer.transform(decision)
            guard let changes = try trainer.changes(for: decision) else {
                trainer.progress.release()
                sayWhatTheGuardDid()
                sayWhatIsMissing(after: decision)
                continue
            }
            if trainer.progress.maskVersion == 0 { rememberDenseParent() }
            // What was just measured may be no network to cut: the step ends at the last good one.
            guard trainer.isSound || trainer.firstNonFinite() == nil else { return }
            let event = openScheduledEvent()
            // Files first: where they cannot be written nothing is cut, training pauses, and the cut is tried again
            // before anything else happens.
            // What a method exchanges for other weights is not kept: it would come back as something else.
            let isKept = decision.keepsRemovals
            let removal = trainer.removal(isKept ? changes : [], event: event, id: memory.nextRemoval)
            let recovered = decision.keepsRemovals ? try trainer.recovery(from: changes) : nil
            let kept = trainer.nnz + changes.reduce(0) { $0 + $1.grow.count - $1.drop.count }
            var keptState = trainer.progress.keptForFloor
            do {
                try run.requireOwnCheckpoints()
                if kept < trainer.nnz, let state = try keepStateBefore(decision) { keptState = state }
                if isKept { try removal.write(to: run.removal(removal.id)) }
                try write(
                    Journal.Entry(
                        step: trainer.progress.step, command: nil,
                        record: Journal.Record(kind: decision.name, kept: kept)))
            } catch let failure as ReplayFailure {
                throw failure
            } catch {
                unfollowed = Array(decisions[number...])
                return failToSave(error)
            }
            trainer.progress.release()
            trainer.progress.keptForFloor = keptState
            trainer.apply(changes, event: event)
            if let recovered { trainer.adopt(recovered) }
            if type(of: trainer.method).forgetsAtCuts { trainer.forget() }
            if isKept {
                memory.nextRemoval += 1
                trainer.progress.removals.append(removal.id)
            }
            closeScheduledEvent(event)
            sayWhatTheGuardDid()
            sayWhatCollapsed()
            sayWhatIsMissing(after: decision)
            // Measured a moment ago, for the dense parent: going back there must not go back before this cut.
            if lastGood?.progress.step == trainer.progress.step { lastGood = trainer.state() }
        }
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
        // One entry for as long as no other event comes between; its accuracy is measured after the latest cut.
        let entry = HistoryEntry(
            event: event, kind: .scheduled, label: "schedule \(Percent.named(trainer.sparsity))",
            step: step, isCurrent: true, kept: trainer.network.layers.map(\.nnz))
        if trainer.progress.history.last?.kind == .scheduled { trainer.progress.history.removeLast() }
        trainer.progress.history.append(entry)
        trainer.progress.cuts.append(CutMark(event: event, step: step, sparsity: trainer.sparsity, byHand: false))
    }
}
