import Foundation
import Graph
import Interchange

extension Session {
    /// Executes a command at a step boundary: what changes the network is in the journal, flushed, before.
    func execute(_ command: Command) throws {
        onQueue()
        version.withLock { $0 += 1 }
        edits.withLock { $0 += 1 }
        if phase == .finished {
            guard case .keep = command else { return report(.warning, "the run is finished and sealed") }
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
            try write(command)
            try cut(draft, retrains: false)
        case .cutAndRetrain(let draft):
            guard try isSound() else { return }
            try write(command)
            try cut(draft, retrains: true)
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
        case .setFloor(let floor):
            guard floor.map({ (0...100).contains($0) }) ?? true else {
                throw Refusal("a floor is 0 to 100 %, not \(floor!)")
            }
            try write(command)
            trainer.progress.floor = floor
            trainer.progress.scheduleHeld = nil
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
        case .finish:
            guard try isSound() else { return }
            try write(command)
            try finish()
        case .stop: break  // The mailbox handles it.
        }
    }

    private func write(_ command: Command) throws {
        try write(Journal.Entry(step: trainer.progress.step, command: command, record: nil))
    }
    func write(_ entry: Journal.Entry) throws { try journal.write(entry) }

    /// Before a command is written down: to a network whose numbers are none it does nothing.
    private func isSound() throws -> Bool {
        if journal.replaying != nil, let found = trainer.firstNonFinite() {
            throw Refusal("the \(found.what) of \(found.node) are NaN or infinite")
        }
        return try requireFinite()
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
            guard recipe.integer("stop-after") == 0 else {
                return report(.warning, "this run stops after \(lastStep) steps ('stop-after'): cut, keep or finish")
            }
            try write(command)
            trainer.restartRate(steps: min(max(1, steps ?? trainer.plan.stepsPerEpoch), 1 << 40))
            phase = .training
        default: break
        }
    }

    // MARK: Cuts by hand

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
        let candidates = state.layers.map { Candidates($0, removals: removals) }
        let cut = DraftCut(draft, candidates)
        guard cut.layers.contains(where: { $0.keep.contains(false) || !$0.returns.isEmpty }) else {
            return report(.note, cut.notice ?? "the draft changes nothing")
        }
        if let empty = emptied(cut) { throw Refusal("not cut: \(empty) would lose its last weight") }

        // Files first: where one cannot be written nothing has changed.
        var progress = trainer.progress
        progress.closeStretch()
        let event = progress.history.last!.event + 1
        var removal = Removal(id: memory.nextRemoval, event: event, step: trainer.progress.step, layers: [])
        var layers: [LayerState] = []
        for (number, layer) in state.layers.enumerated() {
            let parts = cut.layers[number]
            let gone = parts.keep.indices.filter { !parts.keep[$0] }
            if !gone.isEmpty {
                removal.layers.append(
                    Removal.Layer(
                        name: layer.name, indices: gone.map { candidates[number].position($0) },
                        values: gone.map { layer.arrays.values[$0] }))
            }
            if !gone.isEmpty || !parts.returns.isEmpty, let threshold = cut.threshold {
                progress.lastCuts[layer.name] = LayerStatus.LastCut(threshold: threshold, event: event)
            }
            layers.append(
                gone.isEmpty && parts.returns.isEmpty ? layer : cut.apply(to: layer, number, candidates[number]))
        }
        if !removal.layers.isEmpty, !isJoined(layers), isJoined(state.layers) {
            throw Refusal("not cut: no path from input to output would be left")
        }
        try run.requireOwnCheckpoints()
        // What an earlier cut took and this one leaves out of reach need not be kept.
        var nextRemoval = memory.nextRemoval + (removal.layers.isEmpty ? 0 : 1)
        let parts = Removal.parts(of: removals, after: cut, candidates)
        progress.removals = []
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
        // Everything as it was, for the undo; a new event ends what could be redone.
        try Checkpoint(state: state, memory: nil).write(
            to: run.undo(memory.nextState), recipe: recipe.yaml, input: trainer.network.graph.input)
        undoFiles.removalsOf[memory.nextState] = state.progress.removals
        memory.undo.append(memory.nextState)
        memory.nextState += 1
        memory.redo.removeAll()
        memory.undone.removeAll()
        memory.nextRemoval = nextRemoval
        progress.maskVersion += 1
        trainer.progress = progress
        trainer.set(layers)
        speed.restart()
        sayWhatCollapsed(byHand: true)

        let atOnce = validate()
        let label = label(draft)
        trainer.progress.history.append(
            HistoryEntry(
                event: event, kind: .cut, label: label, step: trainer.progress.step, accuracy: atOnce.percent,
                isCurrent: true))
        trainer.progress.cuts.append(
            CutMark(event: event, step: trainer.progress.step, sparsity: trainer.sparsity, byHand: true))
        if trainer.isSound { lastGood = trainer.state() }
        try record(validated: true)
        report(.note, String(format: "#%d %@: %.2f → %.2f %% at once", event, label, before.percent, atOnce.percent))
        if let notice = cut.notice { report(.note, notice) }
        guard retrains else { return }
        let steps = trainer.plan.retrainSteps
        trainer.restartRate(steps: steps)
        trainer.progress.retraining = Progress.Retraining(
            start: trainer.progress.step, steps: steps, before: before, atOnce: atOnce)
        phase = .retraining(done: 0, of: steps)
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
        case .global: return String(format: "cut %.1f %%", 100 * trainer.sparsity)
        case .layer(let name):
            let layer = trainer.network.layers.first { $0.name == name }!
            return String(format: "cut %@ %.1f %%", name, 100 * (1 - Double(layer.nnz) / Double(layer.map.weights)))
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
            String(
                format: "retrained %d steps: before %.2f, at once %.2f, after %.2f %%", retraining.steps,
                retraining.before.percent, retraining.atOnce.percent, after.percent))
        // Without a person there is nobody who would train on.
        phase = trainer.progress.step >= lastStep ? .outOfSteps : options.isInteractive ? .paused : .training
        speed.restart()
    }

    // MARK: Undo, redo

    /// Restores the state `id` and keeps the one at hand for the way back.
    private func exchange(
        _ id: Int, from: WritableKeyPath<SessionMemory, [Int]>, to: WritableKeyPath<SessionMemory, [Int]>
    ) throws {
        try run.requireOwnCheckpoints()
        let there = try Checkpoint.read(run.undo(id), network: trainer.network, recipe: recipe.yaml)
        if let found = there.state.firstNonFinite() {
            throw FileProblem(
                path: run.undo(id), place: "'\(found)'", found: "a number that is NaN or infinite",
                expected: "a state to go on from")
        }
        let here = memory.nextState
        try Checkpoint(state: trainer.state(), memory: nil).write(
            to: run.undo(here), recipe: recipe.yaml, input: trainer.network.graph.input)
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
        trainer.restore(there.state)
        trainer.progress.floor = floor
        trainer.progress.scheduleHeld = nil
        lastGood = trainer.state()
        speed.restart()
        if trainer.progress.retraining != nil || phase != .training { phase = .paused }
        trainer.progress.retraining = nil
        if trainer.progress.step >= lastStep { phase = .outOfSteps }
    }

    // MARK: Keep, finish

    /// `kept-<step>`, or with a number behind where that is kept already: of another network, if a cut came between.
    private func unusedName() throws -> String {
        var number = 1
        while true {
            let path = run.path + "/kept-\(trainer.progress.step)" + (number > 1 ? "-\(number)" : "") + ".safetensors"
            if try KeptNetwork.paths(path).allSatisfy({ try FileKind.at($0) == .absent }) { return path }
            number += 1
        }
    }

    /// A network that is kept takes the place of nothing: of no other that was kept, and of no file of a run.
    private func requireOwnName(_ path: String) throws {
        for path in KeptNetwork.paths(path) where try FileKind.at(path) != .absent {
            throw FileProblem(
                path: path, place: "name", found: "something of that name already", expected: "a name of its own")
        }
        let parent = Files.folder(of: path)
        let folder = Files.resolved(parent.isEmpty ? "." : parent) ?? parent
        let here = Files.resolved(run.path) ?? run.path
        let name = Files.name(of: path)
        let isRun = try folder == here || RunFolder.isRun(folder)
        if isRun && name.hasPrefix("final.") || (folder + "/").hasPrefix(here + "/checkpoints/") {
            throw FileProblem(
                path: path, place: "name", found: "one that the run has for itself", expected: "a name of its own")
        }
        AtomicFile.removeLeftOvers(in: folder)
    }

    private func keep(_ path: String) throws {
        if let found = trainer.firstNonFinite() {
            throw NotANumber(message: "not kept: the \(found.what) of \(found.node) are NaN or infinite")
        }
        guard path.hasSuffix(".safetensors") else {
            throw FileProblem(path: path, place: "name", found: path, expected: "a name that ends in .safetensors")
        }
        let plan = trainer.plan
        try KeptNetwork(
            layers: trainer.state().layers, norms: trainer.state().norms, recipe: recipe, data: plan.data,
            classes: plan.data.classes,
            input: plan.data.train.shape, step: trainer.progress.step
        ).write(to: path, graph: plan.graph)
        for layer in trainer.network.layers
        where !layer.isDense
            && KeptNetwork.isCompactOnly(total: layer.map.weights, rows: layer.map.rows, nnz: layer.nnz)
        {
            report(
                .note,
                "layer \(layer.name) is written as compressed rows: with its zeros in place it would take "
                    + "\(4 * layer.map.weights / 1_000_000_000) GB")
        }
    }

    /// Evaluates the test set, once, writes the final network and seals the run.
    func finish() throws {
        if trainer.progress.validation?.step != trainer.progress.step { validate() }
        guard try requireFinite() else { return }
        sayWhatWasHeld()
        trainer.progress.closeStretch()
        try keep(run.final)
        let test = trainer.test()
        var line = metricsLine(validated: true)
        line.event = "finished"
        line.testAccuracy = test.percent
        line.floor = floorVerdict
        try metrics.append(line)
        memory.test = test
        // Sealed: nothing leads back.
        memory.undo = []
        memory.redo = []
        phase = .finished
        save()
        if let saveFailure, !mayPause { throw saveFailure }
        options.onMetrics?(line)
        report(
            .note,
            String(
                format: "finished: test %.2f %% of %d, validation was looked at %@", test.percent, test.count,
                memory.looks == 1 ? "once" : "\(memory.looks) times"))
        // Without a person it is said when the session has ended, as the last thing.
        if options.isInteractive, let missed = makeSnapshot().missedFloor { report(.warning, missed) }
    }
}
