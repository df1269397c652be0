import Descriptors
import Sparsity

extension Session {
    /// Another method, schedule or way to choose what goes, from the next step on.
    func choose(_ part: String, _ value: String, _ command: Command) throws {
        let changeable = Recipe.changeable + [Recipe.recover.key]
        guard changeable.contains(part) else {
            throw Refusal("not changed: '\(part)' is none of \(changeable.joined(separator: ", "))")
        }
        var choices = trainer.progress.choices ?? [:]
        choices[part] = value.isEmpty ? nil : value
        let chosen: (recipe: Recipe, parts: RecipeParts)
        do {
            chosen = try trainer.require(choices)
        } catch {
            throw Refusal("not changed: \(error)")
        }
        guard chosen.recipe != trainer.recipe else { return report(.note, "the \(part) is so already") }
        try write(command)
        trainer.adopt(choices, chosen)
        // A cut that was held back is one of the schedule that there was.
        trainer.progress.release()
        trainer.progress.scheduleHeld = nil
        let names = (chosen.recipe.choices[part] ?? []).map(\.name).joined(separator: ", ")
        report(
            .note,
            "\(part) \(names.isEmpty ? "none" : names)" + (value.isEmpty ? ", as the recipe says" : "")
                + " from here on"
        )
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
