// Going through the journal of an earlier process: what was commanded there is repeated at the same steps.
extension Session {
    /// - Throws: `ReplayFailure` where something of it cannot be repeated. What comes after it was done to a network that
    ///   this would not be.
    func goThroughJournal() throws {
        while let line = journal.replaying {
            let (step, entry) = (trainer.progress.step, line.entry)
            if step < entry.step {
                // The journal says that steps were made, whatever the phase; a record is written again on the way.
                if phase == .paused || phase == .outOfSteps { phase = goingOn }
                if isTraining { return }
                throw ReplayFailure(run.journal, line, "the run ends at step \(step)")
            }
            guard step == entry.step else {
                throw ReplayFailure(run.journal, line, "the run stands at step \(step) already")
            }
            guard let command = entry.command else {
                throw ReplayFailure(run.journal, line, "the schedule does not do that any more")
            }
            // Whoever writes a path into the journal may not choose what is overwritten.
            guard command.isJournalled else {
                throw ReplayFailure(run.journal, line, "a journal never holds that command, and it is not executed")
            }
            let position = journal.position
            do {
                try execute(command)
            } catch let failure as ReplayFailure {
                throw failure
            } catch {
                throw ReplayFailure(run.journal, line, "\(error)", cause: error)
            }
            // What comes next was done to a run that was saved, or that a person had seen to.
            if let saveFailure { throw saveFailure }
            guard journal.position == position else { continue }
            // A pause of what is paused, and training on of what trains, did nothing this time and wrote no line.
            guard command == .pause && !isTraining || command.isTrainOn && isTraining else {
                throw ReplayFailure(run.journal, line, "it does nothing now")
            }
            journal.skip()
        }
        if !isReplayed { settle() }
    }

    // Once, when the journal of the earlier process is gone through.
    private func settle() {
        isReplayed = true
        keepUndoInRoom()
        if options.startsPaused, isTraining {
            phase = .paused
        } else if !options.isInteractive, !options.startsPaused, phase == .paused {
            // Nobody is there who could train on.
            phase = goingOn
        }
    }
}

extension Command {
    /// Whether it changes the network or where training goes, and so is in the journal before it is executed.
    var isJournalled: Bool {
        switch self {
        case .pause, .trainOn, .cut, .cutAndRetrain, .shrink, .undo, .redo, .forget, .setFloor, .choose, .finish,
            .unseal:
            true
        case .checkpoint, .keep, .branch, .stop: false
        }
    }
    var isTrainOn: Bool { if case .trainOn = self { true } else { false } }

    /// As a message may call it.
    var name: String {
        switch self {
        case .pause: "pause"
        case .trainOn: "train on"
        case .cut: "cut"
        case .cutAndRetrain: "cut and retrain"
        case .shrink: "shrink"
        case .undo: "undo"
        case .redo: "redo"
        case .forget: "delete"
        case .setFloor: "floor"
        case .choose: "choose"
        case .checkpoint: "checkpoint"
        case .keep: "keep"
        case .branch: "branch"
        case .finish: "finish"
        case .unseal: "unseal"
        case .stop: "stop"
        }
    }
}
