import Foundation
import Graph
import Interchange
import Sparsity
import Text

extension Session {
    /// Executes a command at a step boundary: what changes the network is in the journal, flushed, before.
    func execute(_ command: Command) throws {
        onQueue()
        version.withLock { $0 += 1 }
        edits.withLock { $0 += 1 }
        if phase == .finished {
            switch command {
            case .keep, .unseal: break
            default: return report(.warning, "the run is finished and sealed")
            }
        }
        switch command {
        case .pause:
            guard phase != .paused, phase != .outOfSteps else { return }
            try write(command)
            phase = .paused
            speed.restart()
        case .trainOn(let steps):
            try trainOn(steps, command)
        case .cut(let draft):
            guard try isSound() else { return }
            try requireMemoryToCut()
            try write(command)
            try cut(draft, retrains: false)
        case .cutAndRetrain(let draft):
            guard try isSound() else { return }
            try requireMemoryToCut()
            try write(command)
            try cut(draft, retrains: true)
        case .shrink(let shrinking): try shrink(shrinking)
        case .undo:
            guard let id = memory.undo.last else { return report(.note, "nothing to undo") }
            try write(command)
            try exchange(id, from: \.undo, to: \.redo)
            report(.note, "undone: back at step \(trainer.progress.step)")
        case .redo:
            guard let id = memory.redo.last else { return report(.note, "nothing to redo") }
            try write(command)
            try exchange(id, from: \.redo, to: \.undo)
            report(.note, "redone: at step \(trainer.progress.step)")
        case .forget(let event): try forget(event, command)
        case .setFloor(let floor):
            guard floor.map(figure.floors.contains) ?? true else {
                throw Refusal("a floor is \(figure.acceptedFloors), not \(floor!)")
            }
            try write(command)
            trainer.progress.floor = floor
            trainer.progress.scheduleHeld = nil
            trainer.progress.retryAt = nil
            trainer.progress.missedLooks = nil
        case .choose(let part, let value): try choose(part, value)
        case .checkpoint:
            guard try requireFinite() else { return }
            save()
            if checkpointStep == trainer.progress.step { report(.note, "checkpoint written") }
        case .keep(let path):
            let target = try path.map(HomeFolder.expand) ?? unusedName()
            try requireOwnName(target)
            do {
                try keep(target)
            } catch {
                // All files or none: the name is free again when there is room.
                for path in KeptNetwork.paths(target) { unlink(path.cPath) }
                throw error
            }
            report(.note, "kept as \(target) and \(KeptNetwork.compactPath(target))")
        case .branch(let undos): try branch(undos: undos)
        case .finish:
            guard try isSound() else { return }
            try write(command)
            try finish()
        case .unseal:
            // Without a person a run is finished by itself, which no journal holds.
            guard phase == .finished || phase == .outOfSteps && journal.replaying != nil else {
                return report(.note, "the run is not sealed")
            }
            try write(command)
            unseal()
        case .stop: break  // The mailbox handles it.
        }
    }

    func write(_ command: Command) throws {
        try write(Journal.Entry(step: trainer.progress.step, command: command, record: nil))
    }
    func write(_ entry: Journal.Entry) throws { try journal.write(entry) }

    /// Before a command is written down: to a network whose numbers are none it does nothing.
    func isSound() throws -> Bool {
        if journal.replaying != nil, let found = trainer.firstNonFinite() {
            throw Refusal("the \(found.what) of \(found.node) are NaN or infinite")
        }
        return try requireFinite()
    }

    /// Of a run that has made all its steps.
    func trainPastTheEnd(_ steps: Int) throws {
        if phase == .finished { try execute(.unseal) }
        guard phase == .outOfSteps else {
            throw Refusal(
                "the run has \(lastStep - trainer.progress.step) steps to go before there can be more: resume it without --steps"
            )
        }
        try execute(.trainOn(steps: steps))
    }

    private func unseal() {
        memory.test = nil
        trainer.progress.isUnsealed = true
        trainer.progress.totalSteps = trainer.progress.step
        phase = .outOfSteps
        save()
        report(
            .warning,
            "unsealed: what is measured on the test set from now on is no first look; \(run.final) stays until the run is finished again"
        )
    }

    private func trainOn(_ steps: Int?, _ command: Command) throws {
        saveFailure = nil
        switch phase {
        case .paused, .notANumber:
            guard trainer.progress.step < lastStep else { fallthrough }
            try write(command)
            phase = .training
            if let retraining = trainer.progress.retraining {
                phase = .retraining(done: trainer.progress.step - retraining.start, of: retraining.steps)
            }
        case .outOfSteps:
            guard recipe.integer("stop-after") == 0 || trainer.progress.isUnsealed == true else {
                return report(.warning, "this run stops after \(lastStep) steps ('stop-after'): cut, keep or finish")
            }
            try write(command)
            trainer.restartRate(steps: min(max(1, steps ?? trainer.plan.stepsPerEpoch), 1 << 40))
            phase = .training
        default: break
        }
    }

    // MARK: Cuts by hand

    /// Before it is in the journal: a process that is ended for its memory in the middle of a cut would be ended by it again
    /// in each resume.
    private func requireMemoryToCut() throws {
        // Of a live weight: values and optimizer state, before, after and as bytes of a file, and 48 bytes of what is
        // made of it on the way. Of one that was cut: what its file has, and the same again in memory, twice.
        let slots = trainer.network.layers.first?.slots.count ?? 0
        let taken = trainer.progress.removals.reduce(0) { $0 + size(run.removal($1)) }
        let bytes = Double(trainer.nnz) * Double(48 + 12 * (1 + slots)) + 4 * Double(taken)
        let free = FreeMemory.now
        guard bytes > free.bytes else { return }
        throw MemoryError(
            description: "a cut needs about \(MemoryError.gigabytes(bytes)) GB of memory; "
                + "\(MemoryError.gigabytes(free.bytes)) GB are \(free.holder)")
    }

    private func cut(_ draft: Draft, retrains: Bool) throws {
        if case .layer(let name) = draft.scope, !trainer.network.layers.contains(where: { $0.name == name }) {
            throw Refusal("not cut: no layer is named '\(name)'")
        }
        if case .threshold(let threshold) = draft.anchor, threshold.isNaN {
            throw Refusal("not cut: the threshold is no number")
        }
        let before =
            trainer.progress.validation?.step == trainer.progress.step
            ? trainer.progress.validation! : validate()
        if trainer.progress.maskVersion == 0, trainer.progress.step > 0 { trainer.progress.denseParent = before }
        trainer.progress.scheduleHeld = nil
        let state = trainer.state()
        let removals = try trainer.progress.removals.map { try Removal.read(run.removal($0), totals: trainer.totals) }
        let candidates = Candidates.all(state.layers, removals: removals)
        let scores = try draft.ranking.map {
            try DraftScores(
                $0, trainer.plan, choices: trainer.progress.choices, layers: state.layers,
                parameters: state.parameters, step: trainer.progress.step, team: { trainer.network.team })
        }
        let cut = DraftCut(draft, candidates, scores: scores)
        guard cut.layers.contains(where: { $0.keep.contains(false) || !$0.returns.isEmpty }) else {
            return report(.note, cut.notice ?? "the draft changes nothing")
        }
        if let empty = emptied(cut) { throw Refusal("not cut: \(empty) would lose its last weight") }

        // Files first: where one cannot be written nothing has changed.
        var progress = trainer.progress
        progress.closeStretch()
        let event = progress.history.last!.event + 1
        let changes = cut.changes(candidates)
        let removal = trainer.removal(changes, event: event, id: memory.nextRemoval)
        if !removal.layers.isEmpty, !isJoined(state.layers.applying(changes)), isJoined(state.layers) {
            throw Refusal("not cut: no path from input to output would be left")
        }
        let recovered = try trainer.recovery(from: changes)
        try run.requireOwnCheckpoints()
        // What an earlier cut took and this one leaves out of reach need not be kept.
        var nextRemoval = memory.nextRemoval + (removal.layers.isEmpty ? 0 : 1)
        let parts = Removal.parts(of: removals, after: cut, candidates)
        progress.removals = []
        // What a person cuts no floor takes back.
        progress.keptForFloor = nil
        for held in removals {
            guard var part = parts[held.id], part.count > 0 else { continue }
            if part.count * 2 < held.count {
                part.id = nextRemoval
                nextRemoval += 1
                try part.write(to: run.removal(part.id))
            }
            progress.removals.append(part.id)
        }
        if !removal.layers.isEmpty {
            try removal.write(to: run.removal(removal.id))
            progress.removals.append(removal.id)
        }
        try keepForUndo(state)
        memory.nextRemoval = nextRemoval
        trainer.progress = progress
        trainer.apply(changes, event: event, threshold: cut.threshold)
        if let recovered { trainer.adopt(recovered) }
        speed.restart()
        sayWhatCollapsed(byHand: true)

        let atOnce = validate()
        let label = label(draft)
        trainer.progress.history.append(
            HistoryEntry(
                event: event, kind: .cut, label: label, step: trainer.progress.step, figure: atOnce.value,
                isCurrent: true, kept: trainer.network.layers.map(\.nnz)))
        trainer.progress.cuts.append(
            CutMark(event: event, step: trainer.progress.step, sparsity: trainer.sparsity, byHand: true))
        if trainer.isSound { lastGood = trainer.state() }
        try record(validated: true)
        report(
            .note,
            "#\(event) \(label): \(figure.number(before.value)) → \(figure.text(atOnce.value)) at once")
        if let notice = cut.notice { report(.note, notice) }
        guard retrains else { return }
        let steps = trainer.plan.retrainSteps
        trainer.restartRate(steps: steps)
        trainer.progress.retraining = Progress.Retraining(
            start: trainer.progress.step, steps: steps, before: before, atOnce: atOnce)
        phase = .retraining(done: 0, of: steps)
    }

    /// Everything as it is, to a file; a new event ends what could be redone.
    func keepForUndo(_ state: TrainingState) throws {
        try write(state, to: run.undo(memory.nextState))
        undoFiles.removalsOf[memory.nextState] = state.progress.removals
        memory.undo.append(memory.nextState)
        memory.nextState += 1
        memory.redo.removeAll()
        memory.undone.removeAll()
    }

    // A layer that all paths run through must keep a weight, or the network is dead.
    private func emptied(_ cut: DraftCut) -> String? {
        for (layer, parts) in zip(trainer.network.layers, cut.layers) where parts.kept == 0 && !layer.mayVanish {
            return "layer \(layer.name)"
        }
        return nil
    }

    private func isJoined(_ layers: [LayerState]) -> Bool {
        trainer.pathGuard.isJoined(
            layers.map { PathLayer(indices: $0.arrays.indices, flags: $0.arrays.values.map { $0 != 0 }) })
    }

    private func label(_ draft: Draft) -> String {
        switch draft.scope {
        case .global: return "cut \(Percent.named(trainer.sparsity))"
        case .layer(let name):
            let layer = trainer.network.layers.first { $0.name == name }!
            return "cut \(name) \(Percent.named(1 - Double(layer.nnz) / Double(layer.map.weights)))"
        }
    }

    func continueRetraining(_ retraining: Progress.Retraining) throws {
        let done = trainer.progress.step - retraining.start
        guard done >= retraining.steps else {
            if case .retraining = phase { phase = .retraining(done: done, of: retraining.steps) }
            return
        }
        let after =
            trainer.progress.validation?.step == trainer.progress.step
            ? trainer.progress.validation! : validate()
        trainer.progress.retraining = nil
        trainer.progress.retrainReport = RetrainReport(
            before: retraining.before, atOnce: retraining.atOnce, after: after, steps: retraining.steps)
        report(
            .note,
            "retrained \(retraining.steps) steps: before \(figure.number(retraining.before.value)), at once "
                + "\(figure.number(retraining.atOnce.value)), after \(figure.text(after.value))")
        // Without a person there is nobody who would train on.
        phase = trainer.progress.step >= lastStep ? .outOfSteps : options.isInteractive ? .paused : .training
        speed.restart()
    }
}
