import Foundation
import Interchange

/// The data of a run, held to what the run was begun on.
extension Session {
    /// The plan that the session was given, or one on the run's data, found where it lay.
    func openPlan() throws -> TrainingPlan {
        onQueue()
        let known = try RunData.read(run.data)
        // The state says itself what it was trained on: `data.json` may be gone, or another run's.
        // One that is begun anew is held to what its folder says.
        let recorded = options.restarts ? nil : try run.dataIdentity()
        // Of a run that has begun, what its network was taught to answer in: before there were units, the data's own.
        let hasBegun = try recorded != nil || known != nil || !options.restarts && run.saved() != .nothing
        let scale = hasBegun ? (recorded ?? known?.identity)?.targetScale ?? TargetScale.none : nil
        let plan: TrainingPlan
        var identity: DataIdentity
        let difference: String?
        if let givenPlan {
            plan = try scale.map(givenPlan.answering) ?? givenPlan
            identity = DataIdentity(plan.data)
            difference = (recorded ?? known?.identity).flatMap { identity.difference(from: $0) }
            if let difference, !options.data.acceptsOther {
                throw DataError.other(found: [difference], expected: known?.identity.name ?? recipe.data)
            }
        } else {
            prepares("reading the data \(recipe.data)")
            let found = try recipe.locating {
                try RunData.find(recipe, known: known, identity: recorded, in: run.path, choice: options.data)
            }
            prepares("making the network \(recipe.networkName)")
            plan = try recipe.locating {
                try TrainingPlan(
                    recipe, data: found.data, starting: RunFolder.starting(in: run.path), start: options.start,
                    targetScale: scale, parent: RunFolder.parent(in: run.path).map(ParentChoice.kept) ?? .recipe)
            }
            (identity, difference) = (found.identity, found.difference)
        }
        identity.targetScale = plan.data.targetScale.isNone ? nil : plan.data.targetScale
        dataIdentity = identity
        otherData = difference
        let now = RunData(plan.data, identity, run: run.path)
        newData = now == known ? nil : now
        return plan
    }

    /// Said and written down where the run trains on: a finished one stays what it was trained on.
    func settleData(isFinished: Bool) throws {
        if let otherData {
            let does = isFinished ? "is finished and is only looked at" : "goes on"
            report(.warning, "the run \(does) with other data: \(otherData)")
        }
        guard !isFinished, !run.isReadOnly else { return }
        if let newData { try newData.write(to: run.data) }
        newData = nil
    }
}

extension RunFolder {
    /// What the last checkpoint, or the network of a finished run, was trained on; nil where neither says it. One that cannot
    /// be read is told of when it is read whole.
    package func dataIdentity() throws -> DataIdentity? {
        func identity(_ path: String) throws -> DataIdentity? {
            guard try FileKind.at(path) != .absent, let metadata = try? Safetensors.metadata(path) else { return nil }
            return metadata["data"].flatMap { DataIdentity(json: $0) }
        }
        if let identity = try identity(latest) { return identity }
        let isLost = try FileKind.at(latest) == .absent
        return try isLost || isFinished() ? identity(final) : nil
    }
}
