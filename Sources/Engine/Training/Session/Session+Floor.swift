import Foundation
import Sparsity
import Text

/// What a missed floor is answered with: the schedule holds, the latest cut is taken back, or the run ends at the last state
/// that kept it. `Documentation/Training.md`, "Balance", says it for people.
extension Session {
    // MARK: Before a cut

    /// Why a decision is not carried out now; nil: it may be.
    ///
    /// Below the floor nothing is cut until the figure is back. Before a cut that follows another cut the network is
    /// measured, for the last look may be older than that; and where there was no look yet.
    func heldByFloor(_ decision: Decision) -> String? {
        guard let floor = trainer.progress.floor, decision.takesAway, !changesMasksAlone(decision) else { return nil }
        if case .cut(let target) = decision, trainer.missing(target).isEmpty { return nil }
        if decision.isCounted {
            if let seen = trainer.progress.validation {
                let isCut = trainer.progress.cuts.contains { $0.step >= seen.step }
                if isCut, seen.step < trainer.progress.step { validate() }
            } else if trainer.progress.step > 0 {
                validate()
            }
        }
        return reasonToHold(floor)
    }

    /// Zeros of a latent method leave the mask once, and the network computes what it did.
    private func changesMasksAlone(_ decision: Decision) -> Bool {
        decision == .dropZeros && trainer.method is any LatentMethod
    }

    /// By the latest look.
    private func reasonToHold(_ floor: Double) -> String? {
        guard let measured = trainer.progress.validation else { return nil }
        let found =
            "at \(Percent.named(trainer.sparsity)) zeros: "
            + "\(figure.validation) \(figure.number(measured.value)) is "
        if figure.misses(measured.value, floor) {
            return found + "\(figure.side) the \(figure.floorWord) \(figure.floor(floor))"
        }
        guard let bar = trainer.progress.retryAt, figure.misses(measured.value, bar) else { return nil }
        return found + "\(figure.side) \(figure.number(bar)), from where the cut that was taken back is tried again"
    }

    /// A decision waits, and the schedule's clock with it.
    func hold(_ decision: Decision, _ reason: String) {
        if trainer.progress.scheduleHeld == nil { report(.warning, "the schedule holds \(reason)") }
        trainer.progress.scheduleHeld = reason
        switch decision {
        case .cut(let target): trainer.progress.hold(target)
        case .change:
            // It was made for these weights: the method is asked again about this step.
            trainer.progress.heldSince = trainer.progress.heldSince ?? trainer.progress.step - 1
            trainer.forgetResponse()
        case .shrink, .shrinkGroups, .dropZeros, .densify, .remember, .rewind: break
        }
    }

    /// After a look: what was held back goes on, once nothing holds it. After the last step nothing would mend what it breaks.
    func releaseHeldCut() throws {
        guard trainer.progress.heldSince != nil,
            trainer.progress.floor == nil || trainer.progress.step < lastStep
        else { return }
        if let target = trainer.progress.heldTarget {
            guard heldByFloor(.cut(sparsity: target)) == nil else { return }
            try follow([.cut(sparsity: target)])
        } else {
            guard trainer.progress.floor.map({ reasonToHold($0) == nil }) ?? true else { return }
            trainer.progress.release()
            trainer.progress.scheduleHeld = nil
        }
    }

    // MARK: States to go back to

    /// The state before a cut, where a missed floor takes it back. A file first: where it cannot be written nothing is cut.
    func keepStateBefore(_ decision: Decision) throws -> Progress.KeptState? {
        guard recipe.balance.onMiss == .rollBack, trainer.progress.floor != nil, !changesMasksAlone(decision),
            let seen = trainer.progress.validation
        else { return nil }
        // Of several cuts at one step it is the state before the first.
        if let kept = trainer.progress.keptForFloor, kept.step == trainer.progress.step, kept.nnz > trainer.nnz {
            return kept
        }
        var kept = Progress.KeptState(step: trainer.progress.step, nnz: trainer.nnz, figure: seen.value)
        var state = trainer.state()
        if case .cut(let target) = decision {
            kept.target = target
        } else {
            state.progress.methodMemory = trainer.memoryBefore
        }
        try write(state, to: run.floorState(kept.step))
        return kept
    }

    private func write(_ state: TrainingState, to path: String) throws {
        try run.requireOwnCheckpoints()
        try write(state, nil, to: path)
    }

    // MARK: After a look

    /// - Throws: where a file cannot be written; then nothing has changed but the progress.
    func answer(_ answer: LookAnswer, isLast: Bool) throws {
        guard let seen = trainer.progress.validation, seen.step == trainer.progress.step, trainer.isSound else {
            return
        }
        switch answer {
        case .floor: try answerFloor(seen, isLast: isLast)
        case .best: try noteBest(seen, isLast: isLast)
        }
    }

    private func answerFloor(_ seen: Reading, isLast: Bool) throws {
        let onMiss = recipe.balance.onMiss
        guard onMiss != .hold, let floor = trainer.progress.floor else { return }
        guard figure.misses(seen.value, floor) else {
            trainer.progress.missedLooks = nil
            try write(trainer.state(), to: run.floorState(seen.step))
            trainer.progress.keptForFloor = Progress.KeptState(step: seen.step, nnz: trainer.nnz, figure: seen.value)
            return
        }
        guard let kept = trainer.progress.keptForFloor else { return }
        // What no cut has touched since goes up and down by itself; and a cut is given a step to be mended in.
        let isByCut = trainer.nnz < kept.nnz && trainer.progress.cuts.last.map { $0.step < seen.step } ?? true
        if isByCut { trainer.progress.missedLooks = (trainer.progress.missedLooks ?? 0) + 1 }
        guard isLast || isByCut && trainer.progress.missedLooks! >= recipe.balance.patience else { return }
        let ends = isLast || onMiss == .stop
        let found =
            "at \(Percent.named(trainer.sparsity)) zeros "
            + "\(figure.validation) \(figure.number(seen.value)) is \(figure.side) the \(figure.floorWord) "
            + figure.floor(floor)
        guard
            let back = try goBack(
                to: run.floorState(kept.step), as: ends ? "stop" : "roll-back",
                label: { "back to \(Percent.named($0))" })
        else { return }
        trainer.progress.missedLooks = nil
        let there =
            "\(Percent.named(trainer.sparsity)) zeros, "
            + "\(figure.validation) \(figure.text(back.value))"
        guard !ends else {
            end()
            return report(
                .warning,
                "\(found): the run ends at the last state that kept it, that of step \(kept.step), \(there)")
        }
        // The schedule stands where the cut was due.
        trainer.progress.heldTarget = kept.target
        trainer.progress.heldSince = kept.target == nil ? kept.step - 1 : kept.step
        let cost = abs(kept.figure - seen.value)
        let bar = figure.isHigherBetter ? floor + cost : floor - cost
        trainer.progress.retryAt = bar
        trainer.progress.keptForFloor?.target = nil
        trainer.progress.scheduleHeld = "\(found): the cut of step \(kept.step) is taken back"
        report(
            .warning,
            "\(found): the cut of step \(kept.step) is taken back, \(there); "
                + (bar < 0 || bar > figure.most ?? .infinity
                    ? "it cost more than can be made up for and is not tried again"
                    : "it is tried again once that is \(figure.number(bar))"))
    }

    /// No more steps.
    private func end() { trainer.progress.totalSteps = trainer.progress.step }

    /// Weights, masks and what the method remembers as they were in a file; steps, history and curve go on.
    /// - Returns: the figure there; nil where the file is none, which is said.
    private func goBack(to path: String, as kind: String, label: (Double) -> String) throws -> Reading? {
        let there: Checkpoint
        do {
            there = try Checkpoint.read(path, network: trainer.network, recipe: recipe.yaml, figure: figure)
            try requireMemory(there, path: path)
        } catch {
            report(.warning, "not gone back: \(error)")
            return nil
        }
        let nnz = there.state.layers.reduce(0) { $0 + $1.arrays.values.count }
        try write(
            Journal.Entry(
                step: trainer.progress.step, command: nil, record: Journal.Record(kind: kind, kept: nnz)))
        var state = there.state
        var progress = trainer.progress
        progress.closeStretch()
        (progress.removals, progress.lastCuts) = (state.progress.removals, state.progress.lastCuts)
        (progress.cuts, progress.methodMemory) = (state.progress.cuts, state.progress.methodMemory)
        progress.maskVersion += 1
        progress.history.append(
            HistoryEntry(
                event: progress.history.last!.event + 1, kind: .scheduled,
                label: label(1 - Double(nnz) / Double(trainer.total)), step: progress.step, isCurrent: true))
        state.progress = progress
        trainer.restore(state)
        version.withLock { $0 += 1 }
        edits.withLock { $0 += 1 }
        speed.restart()
        return validate()
    }

    // MARK: The best

    private func noteBest(_ seen: Reading, isLast: Bool) throws {
        let balance = recipe.balance, step = trainer.progress.step
        guard balance.keepsBest else { return }
        var best = trainer.progress.best
        if best == nil || best!.nnz != trainer.nnz || figure.misses(best!.figure, seen.value) {
            if balance.earlyStop != nil { try write(trainer.state(), to: run.bestState(step)) }
            try keep(run.best)
            best = Progress.BestLook(step: step, nnz: trainer.nnz, figure: seen.value)
        } else {
            best!.looksSince += 1
        }
        trainer.progress.best = best
        guard let patience = balance.earlyStop, let best, best.step < step else { return }
        guard isLast || best.looksSince >= patience && !hasCutsToCome else { return }
        let found =
            best.looksSince >= patience
            ? "no better figure in \(best.looksSince) looks" : "the steps are made"
        guard
            let back = try goBack(
                to: run.bestState(best.step), as: "early-stop", label: { "best at \(Percent.named($0))" })
        else { return }
        if !isLast { end() }
        report(
            .note,
            "\(found): the run ends at its best, that of step \(best.step), \(figure.validation) "
                + figure.text(back.value))
    }

    private var hasCutsToCome: Bool {
        if trainer.progress.heldSince != nil { return true }
        let parts = trainer.plan.parts
        guard let last = parts.method.lastCut(parts.schedule) else { return false }
        return trainer.progress.scheduleStep < min(last, lastStep)
    }

    // MARK: Their files

    /// After a checkpoint: a resume needs the files that it names and no others.
    func sweepKeptStates() {
        guard recipe.balance != .standard, (try? run.requireOwnCheckpoints()) != nil else { return }
        let needed = [
            trainer.progress.keptForFloor.map { run.floorState($0.step) },
            trainer.progress.best.map { run.bestState($0.step) },
        ]
        for path in run.keptStates() where !needed.contains(path) { unlink(path.cPath) }
    }
}

/// What follows from a look at validation, in this order.
enum LookAnswer: Int, CaseIterable { case floor, best }

extension Decision {
    /// Whether fewer weights are live afterwards, or nearer to it.
    fileprivate var takesAway: Bool {
        switch self {
        case .cut, .shrink, .shrinkGroups, .dropZeros: true
        case .change(let changes): changes.reduce(0) { $0 + $1.drop.count - $1.grow.count } > 0
        case .densify, .remember, .rewind: false
        }
    }

    /// Whether the weights that go have values, so that the figure must be known.
    fileprivate var isCounted: Bool {
        switch self {
        case .cut, .change: true
        case .shrink, .shrinkGroups, .dropZeros, .densify, .remember, .rewind: false
        }
    }
}
