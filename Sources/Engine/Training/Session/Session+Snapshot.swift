import Dispatch
import Foundation
import Graph
import Kernels

extension Session {
    var bytes: Int { trainer.network.layers.reduce(0) { $0 + $1.bytes + 4 * $1.bias.count } }
    var fileBytes: Int {
        Payload.bytes(
            trainer.network.layers.map { ($0.map.weights, $0.nnz, $0.isDense, $0.map.rows, $0.bias.count) },
            parameters: parameters
        )
    }
    private var parameters: Int { trainer.network.parameters.reduce(0) { $0 + $1.values.count } }

    /// What the schedule asks for at this step, where the method follows one: of the whole network, as the distribution
    /// splits it. While the floor holds, the schedule waits.
    var scheduledSparsity: Double? {
        let parts = trainer.parts
        return parts.method.target(at: trainer.progress.scheduleStep, schedule: parts.schedule)
            .map(trainer.askedSparsity)
    }

    private var nextCut: NextCut? {
        let parts = trainer.parts
        let progress = trainer.progress
        guard let step = parts.method.nextCut(after: progress.scheduleStep, schedule: parts.schedule) else {
            return nil
        }
        return NextCut(
            step: step + progress.step - progress.scheduleStep,
            sparsity: parts.method.target(at: step, schedule: parts.schedule).map(trainer.askedSparsity))
    }

    func preparingSnapshot() -> Snapshot {
        Snapshot(
            recipe: recipe.name, network: recipe.networkName, data: recipe.data, runFolder: run.path, phase: phase,
            step: 0, totalSteps: 0, stepsPerEpoch: 0, batch: recipe.batch, loss: 0, floorVerdict: .untried,
            validationLooks: 0, sparsity: 0, zeroWeights: 0, elapsedSeconds: 0, layers: [], biases: 0, bytes: 0,
            fileBytes: 0, denseFileBytes: 0, curve: [], cuts: [], history: [], undoDepth: 0, redoDepth: 0,
            stepsLostByUndo: 0, messages: messages)
    }

    /// Cuts and entries of the history in a snapshot.
    static let mostShown = 1000

    func makeSnapshot() -> Snapshot {
        onQueue()
        let progress = trainer.progress
        var snapshot = preparingSnapshot()
        snapshot.data = trainer.plan.data.name
        snapshot.dataNotice = trainer.plan.data.notice
        snapshot.step = progress.step
        snapshot.totalSteps = lastStep
        snapshot.stepsPerEpoch = trainer.plan.stepsPerEpoch
        snapshot.loss = progress.lastLoss
        snapshot.figure = figure
        snapshot.trainFigure = progress.trainFigure
        snapshot.validation = progress.validation
        snapshot.denseParent = progress.denseParent
        snapshot.floor = progress.floor
        snapshot.floorVerdict = FloorVerdict(progress.validation, floor: progress.floor, figure)
        snapshot.test = memory.test
        snapshot.validationLooks = memory.looks + previewLooks.withLock { $0 }
        snapshot.sparsity = trainer.sparsity
        snapshot.zeroWeights = trainer.zeroWeights
        snapshot.exploredShare = trainer.exploredShare
        snapshot.scheduledSparsity = scheduledSparsity
        snapshot.nextCut = phase == .finished ? nil : nextCut
        snapshot.scheduleHeld = progress.scheduleHeld
        snapshot.schedule = scheduleStatus
        snapshot.method = trainer.recipe.method.name
        snapshot.samplesPerSecond = speed.samplesPerSecond
        snapshot.denseSamplesPerSecond = speed.denseSamplesPerSecond
        snapshot.denseSpeedAgeSeconds = speed.denseAgeSeconds
        snapshot.elapsedSeconds = elapsedSeconds
        if let rate = speed.samplesPerSecond, progress.step < lastStep {
            snapshot.secondsLeft = Double(lastStep - progress.step) * Double(recipe.batch) / rate
        }
        snapshot.layers = trainer.network.layers.map { status($0, progress) }
        for (number, uses) in trainer.network.usesOfWeights.enumerated() { snapshot.layers[number].uses = uses }
        snapshot.activations = trainer.activations
        snapshot.biases = trainer.network.layers.reduce(0) { $0 + $1.bias.count }
        snapshot.bytes = bytes
        snapshot.fileBytes = fileBytes
        snapshot.denseFileBytes = Payload.bytes(
            trainer.network.layers.map { ($0.map.weights, $0.map.weights, true, $0.map.rows, $0.bias.count) },
            parameters: parameters)
        snapshot.checkpointStep = checkpointStep
        snapshot.checkpointAgeSeconds = checkpointTime.map {
            Double(DispatchTime.now().uptimeNanoseconds - $0.uptimeNanoseconds) / 1e9
        }
        snapshot.curve = metrics.curve
        // The checkpoint has all of them; a screen shows the latest.
        snapshot.cuts = progress.cuts.suffix(Self.mostShown)
        snapshot.history = progress.history.suffix(Self.mostShown) + (progress.stretch.map { [$0] } ?? [])
        if progress.history.count == 1, progress.history[0].figure == nil {
            snapshot.history[0].figure = progress.validation?.value
        }
        snapshot.history += memory.undone.reversed()
        snapshot.undoBytes = undoFiles.bytes
        snapshot.mostUndoBytes = options.undoBytes
        snapshot.undoDepth = memory.undo.count
        snapshot.redoDepth = memory.redo.count
        snapshot.stepsLostByUndo = progress.cuts.last { $0.byHand }.map { progress.step - $0.step } ?? 0
        snapshot.retrainReport = progress.retrainReport
        return snapshot
    }

    /// One word where all passes run by the same kernels; else forward/input gradient/weight gradient.
    private func kernel(_ layer: WeightLayer) -> String {
        let kinds = WeightPass.allCases.map { layer.kernels($0)?.rawValue }
        let ran = Set(kinds.compactMap { $0 })
        return ran.count == 1 ? ran.first! : kinds.map { $0 ?? "–" }.joined(separator: "/")
    }

    private func status(_ layer: WeightLayer, _ progress: Progress) -> LayerStatus {
        LayerStatus(
            name: layer.name, rows: layer.map.rows, columns: layer.map.columns, kernelHeight: layer.map.kernelHeight,
            kernelWidth: layer.map.kernelWidth, isConvolution: layer.isConvolution,
            fold: layer.fold.map { LayerStatus.Fold(maps: $0.channels, height: $0.height, width: $0.width) },
            kept: layer.nnz, weights: layer.map.weights, deadUnits: progress.activity[layer.name]?.deadUnits,
            zeroActivations: progress.activity[layer.name]?.zeroShare, lastCut: progress.lastCuts[layer.name],
            kernel: kernel(layer))
    }
}
