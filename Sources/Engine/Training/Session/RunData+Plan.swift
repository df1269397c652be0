extension RunData {
    /// The plan of a run or of a kept network, on its data.
    ///
    /// - Parameters:
    ///   - identity: of a kept network's data; without it `data.json` in the folder says what the data was.
    ///   - starting: the network of a kept file; nil: the run's, or as the recipe says.
    ///   - folder: of the run, or that the kept file lies in: kept beside its run it finds what that finds.
    package static func plan(
        _ recipe: Recipe, identity: DataIdentity? = nil, starting: StartingNetwork? = nil, in folder: String,
        choice: Choice
    ) throws -> TrainingPlan {
        let folder = folder.isEmpty ? "." : folder
        let file = folder + "/data.json"
        // Beside a kept network that was copied away, a file of that name may be anybody's.
        let isOwn = try identity == nil || RunFolder.isRun(folder)
        let known = isOwn ? try read(file) : try? read(file)
        // A kept network says itself what it answers in, and a run that has begun does.
        let recorded = identity ?? known?.identity
        let scale = starting == nil && recorded == nil ? nil : recorded?.targetScale ?? TargetScale.none
        return try recipe.locating {
            try TrainingPlan(
                recipe, data: find(recipe, known: known, identity: identity, in: folder, choice: choice).data,
                starting: starting ?? (RunFolder.isRun(folder) ? RunFolder.starting(in: folder) : nil),
                targetScale: scale, parent: .none)
        }
    }
}
