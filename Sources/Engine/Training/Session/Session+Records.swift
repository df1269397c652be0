import Dispatch
import Foundation

/// What a session measures, writes down and saves.
extension Session {
    @discardableResult
    func validate() -> Reading {
        let reading = trainer.validate()
        memory.looks += 1
        // Of the dense start while it is dense, of a schedule while it is the latest event; a cut by hand sets its own.
        let isStart = trainer.progress.history.count == 1 && trainer.progress.maskVersion == 0
        if isStart
            || trainer.progress.history.last?.kind == .scheduled && trainer.progress.history.last?.figure == nil
        {
            trainer.progress.history[trainer.progress.history.count - 1].figure = reading.value
        }
        // Weights of which the next loss would be no number are nothing to go back to.
        if trainer.isSound { lastGood = trainer.state() }
        return reading
    }

    func record(validated: Bool) throws {
        let line = metricsLine(validated: validated)
        trainer.progress.lossSinceLine = nil
        if validated { trainer.progress.lossSinceLook = nil }
        do {
            try metrics.append(line)
        } catch {
            metrics.postpone(line)
            failToSave(error)
        }
        options.onMetrics?(line)
    }

    func metricsLine(validated: Bool) -> MetricsLine {
        let progress = trainer.progress
        var line = MetricsLine(
            step: progress.step, epoch: Double(progress.step) / Double(trainer.plan.stepsPerEpoch),
            // Of one that follows at the same step, the loss is the one told before.
            loss: progress.lossSinceLine?.mean ?? metrics.curve.last?.loss ?? progress.lastLoss,
            sparsity: trainer.sparsity, nnz: trainer.nnz, bytes: bytes,
            elapsedSeconds: elapsedSeconds, validated: validated)
        line.lossSinceLook = progress.lossSinceLook?.mean
        line.format = figure
        line.figure = figure.isAccuracy ? nil : figure.name
        line.trainFigure = progress.trainFigure
        line.validationFigure = progress.validation?.value
        line.scheduledSparsity = scheduledSparsity
        line.exploredShare = trainer.exploredShare
        line.samplesPerSecond = speed.samplesPerSecond
        line.denseSamplesPerSecond = speed.denseSamplesPerSecond
        line.fileBytes = fileBytes
        line.multiplyAdds = zip(trainer.network.usesOfWeights, trainer.network.layers).reduce(0) {
            $0 + $1.0 * $1.1.nnz
        }
        return line
    }

    /// Writes a checkpoint. Where that fails training pauses and nothing is lost: the old checkpoint stays. So it does where
    /// a number of the state is none, which `requireFinite` has told by then or the next step will.
    func save() {
        guard trainer.firstNonFinite() == nil else { return }
        // From the middle of a step nothing could go on; the last checkpoint and the journal lead here again.
        guard !isMidStep else { return }
        memory.journal = journal.position
        memory.metrics = metrics.count
        memory.isPaused = phase == .paused
        memory.looks += previewLooks.withLock { count in
            defer { count = 0 }
            return count
        }
        do {
            try run.requireOwnCheckpoints()
            try write(trainer.state(), memory, to: run.latest, data: dataIdentity)
            checkpointStep = trainer.progress.step
            checkpointTime = .now()
            checkpointIsWritten()
            sweepKeptStates()
        } catch {
            failToSave(error)
        }
    }
    /// A state of the network at hand, with the list of its nodes where the run began with another.
    func write(
        _ state: TrainingState, _ memory: SessionMemory? = nil, to path: String, data: DataIdentity? = nil
    ) throws {
        try Checkpoint(state: state, memory: memory).write(
            to: path, recipe: recipe.yaml, input: trainer.network.graph.input, data: data,
            graph: trainer.plan.isNarrowed ? trainer.plan.graph : nil)
    }

    func failToSave(_ error: any Error) {
        let failure = SaveFailure(error, isInteractive: mayPause)
        report(.error, "\(failure)")
        saveFailure = failure
    }

    /// Leaves a session that nobody is at; pauses one with a person.
    func stopWhereNotSaved() throws {
        guard let failure = saveFailure else { return }
        if !mayPause { throw failure }
        phase = .paused
        saveFailure = nil
    }

    /// Whether a person can make room and train on. A replay does not wait: what the journal says comes next.
    var mayPause: Bool { options.isInteractive && journal?.replaying == nil }

    var elapsedSeconds: Double {
        metrics.elapsedSeconds + Double(DispatchTime.now().uptimeNanoseconds - startTime.uptimeNanoseconds) / 1e9
    }

    func report(_ kind: Message.Kind, _ text: String) {
        let message = Message(kind: kind, text: text, step: trainer?.progress.step ?? 0)
        messages.append(message)
        if messages.count > 50 { messages.removeFirst() }
        options.onMessage?(message)
    }
}
