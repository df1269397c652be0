import Descriptors
import Interchange
import Sparsity

extension Session {
    /// Another method, schedule or way to choose what goes, from the next step on.
    func choose(_ part: String, _ given: String) throws {
        // A journal has what it came to.
        let isNew = journal.replaying == nil
        let value = isNew ? trainer.beginningNow(part, given) : given
        let command = Command.choose(part: part, value: value)
        let changeable = Recipe.changeable + [Recipe.recover.key]
        guard changeable.contains(part) else {
            throw Refusal(
                "not changed: '\(part)' is none of \(changeable.joined(separator: ", "))"
                    + didYouMean(part, among: changeable))
        }
        var choices = trainer.progress.choices ?? [:]
        choices[part] = value.isEmpty ? nil : value
        if part == "method" { choices = trainer.withItsCriterion(choices) }
        let chosen: (recipe: Recipe, parts: RecipeParts)
        do {
            chosen = try trainer.require(choices)
            if isNew, part == "method" { try trainer.requireSparse(chosen.parts) }
        } catch {
            throw Refusal("not changed: \(error)")
        }
        guard chosen.recipe != trainer.recipe else { return report(.note, "the \(part) is so already") }
        let criterion = trainer.recipe.criterion.name
        let exchanges = trainer.exchangesArrays(for: chosen.parts)
        if exchanges { try requireMemory(for: chosen.parts.method) }
        try write(command)
        if exchanges {
            try exchangeMethod(choices, chosen)
        } else {
            trainer.adopt(choices, chosen)
        }
        // A cut that was held back is one of the schedule that there was.
        trainer.progress.release()
        trainer.progress.scheduleHeld = nil
        let names = (chosen.recipe.choices[part] ?? []).map(\.name).joined(separator: ", ")
        report(
            .note,
            "\(part) \(names.isEmpty ? "none" : names)" + (value.isEmpty ? ", as the recipe says" : "")
                + " from here on"
        )
        if part == "method", chosen.recipe.criterion.name != criterion {
            report(.note, "criterion \(chosen.recipe.criterion.name) with it")
        }
    }

    /// What the one method kept for each weight goes, and what the other keeps comes: an event that can be undone.
    private func exchangeMethod(_ choices: Choices, _ chosen: (recipe: Recipe, parts: RecipeParts)) throws {
        // Files first: where one cannot be written nothing has changed.
        try run.requireOwnCheckpoints()
        let state = trainer.state()
        try keepForUndo(state)
        trainer.progress.closeStretch()
        let event = trainer.progress.history.last!.event + 1, step = trainer.progress.step
        let seen = trainer.progress.validation.flatMap { $0.step == step ? $0.value : nil }
        let zeros = trainer.zeroWeights - trainer.sparsity
        let left = type(of: trainer.method).descriptor.name
        trainer.adopt(choices, chosen)
        trainer.progress.history.append(
            HistoryEntry(
                event: event, kind: .cut, label: "method \(chosen.recipe.method.name)", step: step, figure: seen,
                isCurrent: true, kept: trainer.network.layers.map(\.nnz)))
        trainer.progress.cuts.append(CutMark(event: event, step: step, sparsity: trainer.sparsity, byHand: true))
        if trainer.isSound { lastGood = trainer.state() }
        let count = Int((zeros * Double(trainer.total)).rounded())
        if count > 0 {
            report(.note, "\(count) weights that '\(left)' had made zero are in the mask, and train on from zero")
        }
    }

    private func requireMemory(for method: any Sparsity.Method) throws {
        let slots = type(of: method).weightSlots.count
        // Held twice while the state goes to its file.
        let bytes = 8 * Double(slots) * Double(trainer.nnz), free = FreeMemory.now
        guard bytes > free.bytes else { return }
        throw Refusal(
            "not changed: method '\(type(of: method).descriptor.name)' needs about \(MemoryError.gigabytes(bytes)) GB; "
                + "\(MemoryError.gigabytes(free.bytes)) GB are \(free.holder)")
    }

    /// The schedule as it is followed now; nil where the method follows none.
    var scheduleStatus: ScheduleStatus? {
        let parts = trainer.parts, progress = trainer.progress
        guard type(of: parts.method).usesSchedule else { return nil }
        let key = ScheduleKey(choices: progress.choices, offset: progress.step - progress.scheduleStep, steps: lastStep)
        if let known = knownSchedule, known.key == key { return known.status }
        let choice = trainer.recipe.schedule
        var every: Int?
        if case .integer(let steps)? = choice?.values["every"] { every = steps }
        let isDrawn = progress.choices?["schedule"] != nil
        let tolerance = choice?.name == "points" ? 1e-9 : 0.01
        var curve: [SchedulePoint] = []
        var step = parts.schedule.nextUpdate(after: -1)
        // A schedule of a million updates is told by some of them.
        let last = min(parts.schedule.lastUpdate, 1 << 40), stride = max(1, last / 2000)
        while let update = step, curve.count < 5000 {
            curve.append(SchedulePoint(step: update, sparsity: parts.schedule.sparsity(at: update)))
            step = parts.schedule.nextUpdate(after: update + stride - 1)
        }
        if let end = curve.last, end.step < last {
            curve.append(SchedulePoint(step: last, sparsity: parts.schedule.sparsity(at: last)))
        }
        let status = ScheduleStatus(
            name: choice?.name ?? "none", isDrawn: isDrawn, points: SchedulePoint.corners(of: curve, within: tolerance),
            curve: curve, every: every, offset: key.offset)
        knownSchedule = (key, status)
        return status
    }
}

/// What a schedule's picture follows from.
struct ScheduleKey: Equatable {
    var choices: Choices?
    var offset: Int
    var steps: Int
}
