// Going through the journal of an earlier process: what was commanded there is repeated at the same steps.
extension Session {
    func goThroughJournal() throws {
        while let entry = journal.replaying {
            let step = trainer.progress.step
            if step < entry.step {
                // The journal says that steps were made, whatever the phase; a record is written again on the way.
                if phase == .paused || phase == .outOfSteps { phase = goingOn }
                if isTraining { return }
            }
            guard step == entry.step, let command = entry.command else {
                abandonReplay("step \(entry.step)")
                break
            }
            if journal.failsNext {
                journal.skip(2)
                continue
            }
            let position = journal.position
            do {
                try execute(command)
            } catch {
                report(.error, "\(error)")
            }
            // What did nothing this time (a pause of what is paused) wrote no line either.
            if journal.position == position { journal.skip(1) }
        }
        if !isReplayed { settle() }
    }
    private func abandonReplay(_ place: String) {
        report(.error, "the journal does not match this run at \(place); what follows in it is not repeated")
        journal.abandonReplay()
        save()
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
