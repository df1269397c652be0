import Foundation

/// The data of a run, held to what the run was begun on.
extension Session {
    /// The plan that the session was given, or one on the run's data, found where it lay.
    func openPlan() throws -> TrainingPlan {
        onQueue()
        let known = try RunData.read(run.data)
        let plan: TrainingPlan
        let identity: DataIdentity
        let difference: String?
        if let givenPlan {
            plan = givenPlan
            identity = DataIdentity(plan.data)
            difference = known.flatMap { identity.difference(from: $0.identity) }
            if let difference, !options.data.acceptsOther {
                throw DataError.other(found: [difference], expected: known!.identity.name ?? recipe.data)
            }
        } else {
            let found = try recipe.locating {
                try RunData.find(recipe, known: known, in: run.path, choice: options.data)
            }
            plan = try recipe.locating { try TrainingPlan(recipe, data: found.data) }
            (identity, difference) = (found.identity, found.difference)
        }
        if let difference { report(.warning, "the run goes on with other data: \(difference)") }
        let now = RunData(plan.data, identity, run: run.path)
        // Whoever only looks writes nothing.
        if now != known, !run.isReadOnly { try now.write(to: run.data) }
        return plan
    }
}
