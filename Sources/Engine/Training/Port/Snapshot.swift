import Foundation

/// An immutable picture of a session at a step boundary. Accuracies are in percent, sparsities in [0, 1].
package struct Snapshot: Codable, Sendable {
    package enum Phase: Codable, Sendable, Equatable {
        /// Before the first step: reading data, planning memory.
        case preparing
        case training
        case paused
        /// After `cutAndRetrain`: steps done and to do.
        case retraining(done: Int, of: Int)
        case outOfSteps
        /// The loss became NaN or infinite; the network stands at the last good state, `step` with it.
        case notANumber(layer: String)
        case finished
        /// The session cannot go on (a full disk while saving, a data file that went away): what happened.
        case failed(String)
    }

    package var recipe: String
    package var network: String
    package var data: String
    /// Where the data was replaced by the embedded sample, the sentence that says so.
    package var dataNotice: String?
    /// Folder of the run, as it was given.
    package var runFolder: String

    package var phase: Phase
    /// While it is prepared, what is being done: "reading the data digits".
    package var preparation: String?
    package var step: Int
    package var totalSteps: Int
    package var stepsPerEpoch: Int
    package var batch: Int

    package var loss: Double
    /// The figure that decides: what all of these are values of.
    package var figure = FigureFormat.accuracy
    /// Running mean over the latest training batches.
    package var trainFigure: Double?
    package var validation: Reading?
    /// Of the dense parent: the last one measured before the first cut.
    package var denseParent: Reading?
    /// What the figure must keep, and what the latest validation says of it.
    package var floor: Double?
    package var floorVerdict: FloorVerdict
    /// Measured on the test set, once, when the run was finished.
    package var test: Reading?
    /// How often validation was looked at.
    package var validationLooks: Int

    /// Share of weights the masks cut; biases are counted apart.
    package var sparsity: Double
    /// Share of weights that equal zero (masked or not).
    package var zeroWeights: Double
    /// Share of all places that have or had a weight, of a method that exchanges weights.
    package var exploredShare: Double?
    /// What the schedule asks for at this step, where there is one.
    package var scheduledSparsity: Double?
    package var nextCut: NextCut?
    /// Nil where the method follows none.
    package var schedule: ScheduleStatus?
    /// Name of the method.
    package var method = ""
    /// Why the schedule holds (the accuracy floor), or nil.
    package var scheduleHeld: String?

    /// nil before they are known.
    package var samplesPerSecond: Double?
    /// The same network dense, measured in this run, and how long ago that was.
    package var denseSamplesPerSecond: Double?
    package var denseSpeedAgeSeconds: Double?
    package var elapsedSeconds: Double
    package var secondsLeft: Double?

    package var layers: [LayerStatus]
    /// Of the latest look at validation in this process.
    package var activations: [UnitActivity] = []
    package var biases: Int
    /// Values and patterns in memory.
    package var bytes: Int
    /// Exact payload of the saved network (bitmask + values + biases), and of the dense one.
    package var fileBytes: Int
    package var denseFileBytes: Int
    package var checkpointStep: Int?
    package var checkpointAgeSeconds: Double?

    /// Points of the curves, oldest first; at most a few thousand.
    package var curve: [CurvePoint]
    package var cuts: [CutMark]
    package var history: [HistoryEntry]
    package var undoDepth: Int
    package var redoDepth: Int
    /// Bytes on the disk that undo, redo and the weights that cuts took have, and may have before the oldest steps go.
    package var undoBytes = 0
    package var mostUndoBytes = 0
    /// Steps that an undo would take back, for the prompt.
    package var stepsLostByUndo: Int
    /// The latest report of `cutAndRetrain`.
    package var retrainReport: RetrainReport?
    /// What happened, newest last; at most 50.
    package var messages: [Message]

    package init(
        recipe: String, network: String, data: String, dataNotice: String? = nil, runFolder: String, phase: Phase,
        step: Int, totalSteps: Int, stepsPerEpoch: Int, batch: Int, loss: Double, trainFigure: Double? = nil,
        validation: Reading? = nil, denseParent: Reading? = nil, floor: Double? = nil, floorVerdict: FloorVerdict,
        test: Reading? = nil, validationLooks: Int, sparsity: Double, zeroWeights: Double,
        scheduledSparsity: Double? = nil, nextCut: NextCut? = nil, scheduleHeld: String? = nil,
        samplesPerSecond: Double? = nil, denseSamplesPerSecond: Double? = nil,
        denseSpeedAgeSeconds: Double? = nil, elapsedSeconds: Double,
        secondsLeft: Double? = nil, layers: [LayerStatus], biases: Int, bytes: Int, fileBytes: Int,
        denseFileBytes: Int, checkpointStep: Int? = nil, checkpointAgeSeconds: Double? = nil, curve: [CurvePoint],
        cuts: [CutMark], history: [HistoryEntry], undoDepth: Int, redoDepth: Int, stepsLostByUndo: Int,
        retrainReport: RetrainReport? = nil, messages: [Message]
    ) {
        self.recipe = recipe
        self.network = network
        self.data = data
        self.dataNotice = dataNotice
        self.runFolder = runFolder
        self.phase = phase
        self.step = step
        self.totalSteps = totalSteps
        self.stepsPerEpoch = stepsPerEpoch
        self.batch = batch
        self.loss = loss
        self.trainFigure = trainFigure
        self.validation = validation
        self.denseParent = denseParent
        self.floor = floor
        self.floorVerdict = floorVerdict
        self.test = test
        self.validationLooks = validationLooks
        self.sparsity = sparsity
        self.zeroWeights = zeroWeights
        self.scheduledSparsity = scheduledSparsity
        self.nextCut = nextCut
        self.scheduleHeld = scheduleHeld
        self.samplesPerSecond = samplesPerSecond
        self.denseSamplesPerSecond = denseSamplesPerSecond
        self.denseSpeedAgeSeconds = denseSpeedAgeSeconds
        self.elapsedSeconds = elapsedSeconds
        self.secondsLeft = secondsLeft
        self.layers = layers
        self.biases = biases
        self.bytes = bytes
        self.fileBytes = fileBytes
        self.denseFileBytes = denseFileBytes
        self.checkpointStep = checkpointStep
        self.checkpointAgeSeconds = checkpointAgeSeconds
        self.curve = curve
        self.cuts = cuts
        self.history = history
        self.undoDepth = undoDepth
        self.redoDepth = redoDepth
        self.stepsLostByUndo = stepsLostByUndo
        self.retrainReport = retrainReport
        self.messages = messages
    }

    /// What is said of a floor that the latest validation misses; nil where it is kept or there is none.
    package var missedFloor: String? {
        guard let floor, let validation, figure.misses(validation.value, floor) else { return nil }
        return "the result misses its \(figure.floorWord): \(figure.validation) \(figure.text(validation.value)) of "
            + "\(validation.count) is \(figure.side) \(figure.floor(floor)); less sparsity, or more steps after the last cut"
    }

    package var nnz: Int { layers.reduce(0) { $0 + $1.kept } }
    package var weights: Int { layers.reduce(0) { $0 + $1.weights } }
    package var epoch: Double { stepsPerEpoch == 0 ? 0 : Double(step) / Double(stepsPerEpoch) }
}

package struct NextCut: Codable, Sendable, Equatable {
    package var step: Int
    package var sparsity: Double?

    package init(step: Int, sparsity: Double? = nil) {
        self.step = step
        self.sparsity = sparsity
    }
}

package struct LayerStatus: Codable, Sendable, Equatable {
    /// How the inputs of a linear layer lie in space: the picture, or the maps before a flatten.
    package struct Fold: Codable, Sendable, Equatable {
        package var maps: Int
        package var height: Int
        package var width: Int

        package init(maps: Int, height: Int, width: Int) {
            self.maps = maps
            self.height = height
            self.width = width
        }
    }
    package var name: String
    /// Output neurons or channels.
    package var rows: Int
    /// Inputs × kernel area.
    package var columns: Int
    /// 1 × 1 for a linear layer.
    package var kernelHeight: Int
    package var kernelWidth: Int
    package var isConvolution: Bool
    package var fold: Fold?
    package var kept: Int
    package var weights: Int
    /// Output units whose activation was zero for every sample of the latest validation, nil where no ReLU follows.
    package var deadUnits: Int?
    /// Share of zero activations after the ReLU behind this layer, in [0, 1].
    package var zeroActivations: Double?
    /// Threshold and history number of the last cut of this layer.
    package var lastCut: LastCut?
    /// The kernels that run: "dense", "sparse" or "blocks"; where the passes differ, one of them for each of forward, input
    /// gradient and weight gradient ("–" where none is made), as "dense/sparse/dense".
    package var kernel: String
    /// Multiplications that each weight takes part in, for one sample: the points of the output of a convolution.
    package var uses = 1

    package init(
        name: String, rows: Int, columns: Int, kernelHeight: Int, kernelWidth: Int, isConvolution: Bool,
        fold: Fold? = nil, kept: Int, weights: Int, deadUnits: Int? = nil, zeroActivations: Double? = nil,
        lastCut: LastCut? = nil, kernel: String
    ) {
        self.name = name
        self.rows = rows
        self.columns = columns
        self.kernelHeight = kernelHeight
        self.kernelWidth = kernelWidth
        self.isConvolution = isConvolution
        self.fold = fold
        self.kept = kept
        self.weights = weights
        self.deadUnits = deadUnits
        self.zeroActivations = zeroActivations
        self.lastCut = lastCut
        self.kernel = kernel
    }

    package struct LastCut: Codable, Sendable, Equatable {
        package var threshold: Float
        package var event: Int

        package init(threshold: Float, event: Int) {
            self.threshold = threshold
            self.event = event
        }
    }
    package var sparsity: Double { weights == 0 ? 0 : 1 - Double(kept) / Double(weights) }
}

package struct CurvePoint: Codable, Sendable, Equatable {
    package var step: Int
    package var elapsedSeconds: Double
    package var loss: Double
    package var trainFigure: Double?
    package var validationFigure: Double?
    package var sparsity: Double
    package var scheduledSparsity: Double?
    package var samplesPerSecond: Double?

    package init(
        step: Int, elapsedSeconds: Double, loss: Double, trainFigure: Double? = nil,
        validationFigure: Double? = nil, sparsity: Double, scheduledSparsity: Double? = nil,
        samplesPerSecond: Double? = nil
    ) {
        self.step = step
        self.elapsedSeconds = elapsedSeconds
        self.loss = loss
        self.trainFigure = trainFigure
        self.validationFigure = validationFigure
        self.sparsity = sparsity
        self.scheduledSparsity = scheduledSparsity
        self.samplesPerSecond = samplesPerSecond
    }
}

package struct CutMark: Codable, Sendable, Equatable {
    package var event: Int
    package var step: Int
    package var sparsity: Double
    package var byHand: Bool

    package init(event: Int, step: Int, sparsity: Double, byHand: Bool) {
        self.event = event
        self.step = step
        self.sparsity = sparsity
        self.byHand = byHand
    }
}

/// One line of the history: `#0 dense`, `#1 cut 80 %`, `#2 +430 steps`.
package struct HistoryEntry: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable { case start, cut, scheduled, trained }
    package var event: Int
    package var kind: Kind
    /// "dense", "cut 80.0 %", "+430 steps".
    package var label: String
    package var step: Int
    /// Measured of validation after it, if it was.
    package var figure: Double?
    /// False for what was undone and waits for a redo.
    package var isCurrent: Bool
    /// Weights kept in each layer after it; nil where it changed no mask.
    package var kept: [Int]?

    private enum CodingKeys: String, CodingKey {
        case event, kind, label, step, isCurrent, kept
        // What it was called when there was no other.
        case figure = "accuracy"
    }

    package init(
        event: Int, kind: Kind, label: String, step: Int, figure: Double? = nil, isCurrent: Bool, kept: [Int]? = nil
    ) {
        self.kept = kept
        self.event = event
        self.kind = kind
        self.label = label
        self.step = step
        self.figure = figure
        self.isCurrent = isCurrent
    }
}

package struct RetrainReport: Codable, Sendable, Equatable {
    package var before: Reading
    package var atOnce: Reading
    package var after: Reading
    package var steps: Int

    package init(before: Reading, atOnce: Reading, after: Reading, steps: Int) {
        self.before = before
        self.atOnce = atOnce
        self.after = after
        self.steps = steps
    }
}

package struct Message: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable { case note, warning, error }
    package var kind: Kind
    package var text: String
    package var step: Int

    package init(kind: Kind, text: String, step: Int) {
        self.kind = kind
        self.text = text
        self.step = step
    }
}
