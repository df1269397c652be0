import Foundation
import Graph
import Interchange
import Kernels
import Sparsity

// What a session starts from.
extension Session {
    func prepare() throws {
        beginning = try openPlan()
        var saved = options.restarts ? .nothing : try run.saved()
        let plan = savedPlan(saved)
        try recipe.locating { try plan.requireMemory() }
        // A run that has begun goes on as it began.
        if saved == .nothing { try recipe.locating { try plan.requireTrainable() } }
        prepares("planning the memory of \(recipe.networkName)")
        trainer = Trainer(
            plan, team: Team(size: options.threads), initialize: saved == .nothing, kernelTimes: options.kernelTimes)
        for notice in plan.notices { report(.warning, notice) }
        switch saved {
        case .nothing: if options.restarts { try setOldStateAside() }
        case .checkpoint:
            prepares("reading the checkpoint")
            do {
                try goOnFromCheckpoint()
            } catch {
                // A finished run is what it left, whatever became of its checkpoint.
                guard run.isReadOnly, try run.isFinished() else { throw error }
                report(.warning, "\(error)")
                try showFinal()
                saved = .final
            }
        case .final: try showFinal()
        }
        let isFinished = memory.test != nil || saved == .final
        try settleData(isFinished: isFinished)
        if isFinished {
            phase = .finished
        } else {
            // As it was: what the journal holds is gone through from there.
            phase = memory.isPaused ? .paused : goingOn
        }
        if run.isReadOnly { try readLogs() } else { try openLogs() }
        undoFiles.savedLines = metrics.count
        countUndoFiles()
        lastGood = trainer.state()
        if run.isReadOnly { return }
        if phase != .finished { sayWhatLiesBeyond() }
        if saved != .nothing, phase != .finished, let node = plan.nodeOfOneValue {
            report(
                .warning,
                "node '\(node.name)' gets \(node.found): it learns nothing from that; another 'batch' in a new run")
        }
        if saved == .nothing { sayWhatWasDrawn() }
        if trainer.progress.step == 0, trainer.progress.maskVersion == 0 {
            // What is sparse from the start is decided before the first step.
            try follow(trainer.decisions())
        }
        if saved == .nothing {
            try run.keepStart(plan)
            if try !RunFolder.isRun(run.path) { try run.begin(recipe) }
        }
        // There is a checkpoint before there is anything to lose: a run without one has lost it.
        // Other data too is a state of its own.
        if saved == .nothing || otherData != nil && phase != .finished { save() }
        try stopWhereNotSaved()
        if phase != .finished, phase != .paused {
            prepares("timing the kernels")
            try probeDenseSpeed()
        }
    }

    /// Of the network as the run left it. What cannot be read is told of when the state is.
    private func savedPlan(_ saved: RunFolder.Saved) -> TrainingPlan {
        switch saved {
        case .nothing, .final: beginning
        case .checkpoint: (try? Checkpoint.plan(of: run.latest, beginning)) ?? beginning
        }
    }

    private func goOnFromCheckpoint() throws {
        let checkpoint = try readCheckpoint()
        trainer.restore(checkpoint.state)
        memory = checkpoint.memory ?? SessionMemory()
        checkpointStep = trainer.progress.step
        checkpointTime = .now()
        undoFiles.savedStates = Set(memory.undo + memory.redo)
        undoFiles.savedRemovals = Set(trainer.progress.removals)
    }

    private func readCheckpoint() throws -> Checkpoint {
        do {
            let checkpoint = try Checkpoint.read(
                run.latest, network: trainer.network, recipe: recipe.yaml, figure: figure)
            try requireMemory(checkpoint, path: run.latest)
            return checkpoint
        } catch let problem as FileProblem where problem.code == nil {
            throw FileProblem(
                path: problem.path, place: problem.place, found: problem.found,
                expected: problem.expected + RunFolder.howToBeginAnew)
        }
    }

    /// - Throws: `FileProblem` where what the method remembers is not what it wrote.
    func requireMemory(_ checkpoint: Checkpoint, path: String) throws {
        let choices = checkpoint.state.progress.choices
        var method: any Sparsity.Method
        do {
            method = try trainer.plan.recipe.choosing(choices).parts().method
        } catch {
            throw FileProblem(
                path: path, place: "metadata 'progress', 'choices'", found: "\(error)".shortened,
                expected: "parts that a recipe may have")
        }
        let text = checkpoint.state.progress.methodMemory?.text
        let expected = "what method '\(recipe.method.name)' remembers"
        let own = try method.memoryText()
        guard (text == nil) == (own == nil) else {
            throw FileProblem(
                path: path, place: "metadata 'progress', 'methodMemory'", found: text == nil ? "nothing" : "something",
                expected: own == nil ? "nothing" : expected)
        }
        guard let text else { return }
        do {
            try method.setMemory(text)
        } catch {
            throw FileProblem(
                path: path, place: "metadata 'progress', 'methodMemory'", found: text.shortened, expected: expected)
        }
    }

    /// A run begins anew only in place of a state that cannot be read, and even that stays.
    private func setOldStateAside() throws {
        if try FileKind.at(run.latest) != .absent,
            let sound = try? Checkpoint.read(run.latest, network: trainer.network, recipe: recipe.yaml, figure: figure)
        {
            throw FileProblem(
                path: run.latest, place: "checkpoint", found: "a sound one of step \(sound.state.progress.step)",
                expected: "none or a damaged one for --restart; without that the run goes on from it")
        }
        try run.setStateAside()
    }

    /// The network of a finished run that has lost its checkpoint, to be looked at.
    private func showFinal() throws {
        let kept = try KeptNetwork.read(run.final)
        if let plan = try? beginning.follow(kept.graph), plan.isNarrowed { trainer = newTrainer(plan) }
        try kept.requireNetwork(of: recipe, trainer.plan.graph, path: run.final)
        if let warning = kept.warning { report(.warning, warning) }
        let layers = zip(trainer.network.layers, kept.layers).map { layer, state in
            var state = state
            let count = state.arrays.values.count
            state.arrays.slots = layer.slots.map { _ in [Float](repeating: 0, count: count) }
            state.arrays.biasSlots = layer.biasSlots.map { _ in [Float](repeating: 0, count: state.arrays.bias.count) }
            return state
        }
        let parameters = zip(trainer.network.parameters, kept.parameters).map { parameter, state in
            var state = state
            state.slots = parameter.slots.map { [Float](repeating: 0, count: $0.count) }
            return state
        }
        var progress = trainer.progress
        progress.step = kept.step
        progress.totalSteps = max(progress.totalSteps, kept.step)
        progress.ranges = kept.ranges
        trainer.restore(TrainingState(progress: progress, layers: layers, parameters: parameters))
    }

    /// A damaged journal or curve is no reason not to show the network.
    private func readLogs() throws {
        func read<Log>(_ path: String, _ read: (String) throws -> Log) throws -> Log {
            do {
                return try read(path)
            } catch {
                report(.warning, "\(error)")
                return try read("")
            }
        }
        journal = try read(run.journal) { path in
            try Journal(path, position: path.isEmpty ? 0 : memory.journal, isReadOnly: true)
        }
        metrics = try read(run.metrics) { path in
            try Metrics(path, upTo: trainer.progress.step, count: memory.metrics, isReadOnly: true)
        }
        sayWhatTheJournalLost()
    }

    private func openLogs() throws {
        journal = try Journal(run.journal, position: memory.journal, without: options.without)
        metrics = try Metrics(run.metrics, upTo: trainer.progress.step, count: memory.metrics)
        try takeCurveFromUndo()
        if let line = journal.damaged {
            report(
                .warning,
                "the journal's last line, line \(line.number), was cut short and is cut off: \(line.shown)")
        }
        if let line = metrics.damaged {
            report(.warning, "the metrics' last line, line \(line.number), was cut short and is cut off: \(line.shown)")
        }
        if let count = memory.metrics, metrics.count < count {
            report(.warning, "\(run.metrics) has \(metrics.count) of \(count) lines: the curve has a gap")
        }
        try goOnWithoutLostLines()
    }

    /// What the journal has lost is in the checkpoint. That is to count the lines that are left before a new one comes, which
    /// a resume would take for one of the executed.
    private func goOnWithoutLostLines() throws {
        guard sayWhatTheJournalLost(), phase != .finished else { return }
        save()
        if let saveFailure { throw saveFailure }
    }

    @discardableResult
    private func sayWhatTheJournalLost() -> Bool {
        guard journal.lost > 0 else { return false }
        report(
            .warning,
            "\(run.journal) has lost \(journal.lost == 1 ? "a line" : "\(journal.lost) lines") that the checkpoint has "
                + "executed: the network is as they left it, and --restart would not repeat "
                + (journal.lost == 1 ? "it" : "them"))
        return true
    }

    /// After an undo and a kill the lines that the checkpoint knows are in the file that the undo put them into.
    private func takeCurveFromUndo() throws {
        guard let count = memory.metrics, metrics.count < count else { return }
        let step = trainer.progress.step
        for path in run.undoneMetrics(from: memory.nextState) {
            guard let there = try? Metrics(path, upTo: step, count: count, isReadOnly: true), there.count == count
            else {
                continue
            }
            try metrics.replace(from: path)
            metrics = try Metrics(run.metrics, upTo: step, count: count)
            return
        }
    }

    // MARK: Only looking

    /// Answers questions about the last checkpoint. Nothing is executed and nothing written.
    func showAround() throws -> Ending {
        if phase != .finished { phase = .paused }
        if checkpointStep == nil, phase != .finished {
            report(.note, "the run has not begun: these are its first weights")
        }
        let left = journal.commandsLeft
        if left > 0 {
            report(
                .note,
                "\(left) \(left == 1 ? "command" : "commands") of the journal came after this checkpoint and "
                    + "\(left == 1 ? "is" : "are") not executed here")
        }
        publish(force: true)
        while true {
            while let item = takeMail() {
                switch item {
                case .copy(let extent, let hold, let deliver):
                    deliver(copy(extent))
                    _ = hold?.wait(timeout: .now() + 0.05)
                case .command(.stop): return .stopped
                case .command: report(.warning, "the run is only looked at: nothing is changed")
                }
                publish(force: true)
            }
            waitForMail()
        }
    }
}
