import Foundation
import Sparsity

/// What the recipe's method decides, carried out.
extension Session {
    /// Carries out what the method decided after a step. On the session queue, as the masks' only writer.
    package func follow(_ decisions: [Decision]) throws {
        onQueue()
        for decision in decisions {
            if let held = heldByFloor(decision) {
                if trainer.progress.scheduleHeld == nil { report(.warning, "the schedule holds \(held)") }
                trainer.progress.scheduleHeld = held
                if case .cut(let target) = decision { trainer.progress.heldTarget = target }
                continue
            }
            trainer.progress.scheduleHeld = nil
            guard let keep = try trainer.masks(for: decision) else {
                warnOfShortfall(decision)
                continue
            }
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
            warnOfCollapse()
            // Measured a moment ago, for the dense parent: going back there must not go back before this cut.
            if lastGood?.progress.step == trainer.progress.step { lastGood = trainer.state() }
        }
    }

    // Below the floor the schedule holds: it takes no more weights until accuracy is back. Before a cut that follows
    // another cut the network is measured, for the last look may be older than that.
    func heldByFloor(_ decision: Decision) -> String? {
        guard let floor = trainer.progress.floor else { return nil }
        if case .cut(let target) = decision {
            guard target > trainer.sparsity else { return nil }
            if let seen = trainer.progress.validation, trainer.progress.cuts.contains(where: { $0.step >= seen.step }),
                seen.step < trainer.progress.step
            {
                validate()
            }
        }
        guard let measured = trainer.progress.validation, measured.percent < floor else { return nil }
        return String(
            format: "at %.1f %% zeros: validation %.2f is under the floor %.1f", 100 * trainer.sparsity,
            measured.percent, floor)
    }

    /// Said once, at the schedule's last step.
    private func warnOfShortfall(_ decision: Decision) {
        let parts = trainer.plan.parts
        guard case .cut(let target) = decision, target - trainer.sparsity > 0.005,
            parts.method.nextCut(after: trainer.progress.step, schedule: parts.schedule) == nil
        else { return }
        report(
            .warning,
            String(
                format:
                    "the schedule asked for %.1f %% zeros and ends at %.1f %%: granularity '%@' finds no more to cut",
                100 * target, 100 * trainer.sparsity, type(of: parts.masker.granularity).descriptor.name))
    }

    /// A layer that one weight is left of lets next to nothing through: said, for training cannot mend it.
    func warnOfCollapse() {
        for layer in trainer.network.layers where layer.nnz == 1 && layer.map.weights > 1 {
            report(.warning, "layer \(layer.name) is down to its last weight; a uniform distribution spares layers")
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
            event: event, kind: .scheduled, label: String(format: "schedule %.1f %%", 100 * trainer.sparsity),
            step: step,
            accuracy: nil, isCurrent: true)
        if trainer.progress.history.last?.kind == .scheduled { trainer.progress.history.removeLast() }
        trainer.progress.history.append(entry)
        trainer.progress.cuts.append(CutMark(event: event, step: step, sparsity: trainer.sparsity, byHand: false))
    }
}
