extension Snapshot {
    /// A session of which nothing is known yet: what tests start from and a workbench shows before the first snapshot.
    package static var blank: Snapshot {
        Snapshot(
            recipe: "", network: "", data: "", runFolder: "", phase: .preparing, step: 0, totalSteps: 0,
            stepsPerEpoch: 0, batch: 0, loss: 0, floorVerdict: .untried, validationLooks: 0, sparsity: 0,
            zeroWeights: 0, elapsedSeconds: 0, layers: [], biases: 0, bytes: 0, fileBytes: 0, denseFileBytes: 0,
            curve: [], cuts: [], history: [], undoDepth: 0, redoDepth: 0, stepsLostByUndo: 0, messages: [])
    }
}
