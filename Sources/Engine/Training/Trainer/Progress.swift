import Devices
import Graph
import Kernels
import Sparsity

/// Where a run stands, besides its weights: everything that a checkpoint must hold to go on with the same bytes, and
/// nothing else (no clock, thread count, path or host).
package struct Progress: Codable, Sendable, Equatable {
    /// A stretch of training with a learning rate of its own: A and T start one.
    struct RateSegment: Codable, Sendable, Equatable {
        var start: Int
        var steps: Int
        /// Share of the recipe's learning rate.
        var scale: Double
    }
    struct Activity: Codable, Sendable, Equatable {
        var deadUnits: Int
        var zeroShare: Double
    }
    struct Retraining: Codable, Sendable, Equatable {
        var start: Int
        var steps: Int
        var before: Reading
        var atOnce: Reading
    }

    /// A state that lies in a file of its own.
    struct KeptState: Codable, Sendable, Equatable {
        /// Completed steps, which give the file its name.
        var step: Int
        /// Live weights, and the figure of validation.
        var nnz: Int
        var figure: Double
        /// Of the cut that came after it; nil: it can be asked for again, or none came.
        var target: Double?
    }
    struct BestLook: Codable, Sendable, Equatable {
        var step: Int
        var nnz: Int
        var figure: Double
        /// Looks since that were no better.
        var looksSince = 0
    }

    /// Losses of steps that are to be told as their mean.
    struct LossSum: Codable, Sendable, Equatable {
        var sum = 0.0
        var steps = 0

        var mean: Double { sum / Double(max(steps, 1)) }
    }

    /// A figure of the latest training batches, and their samples.
    struct RecentFigure: Codable, Sendable, Equatable {
        var values: [Double] = []
        var counts: [Int] = []

        var mean: Double? {
            let count = counts.reduce(0, +)
            return count == 0 ? nil : zip(values, counts).reduce(0) { $0 + $1.0 * Double($1.1) } / Double(count)
        }
    }

    package var step = 0
    /// Steps after which the run is out of steps.
    package var totalSteps: Int
    var segments: [RateSegment] = []
    var history: [HistoryEntry] = []
    var cuts: [CutMark] = []
    var lastCuts: [String: LayerStatus.LastCut] = [:]
    /// Files of cut weights, in the order they were cut.
    var removals: [Int] = []
    /// Grows whenever a mask changes.
    var maskVersion = 0
    package var validation: Reading?
    var denseParent: Reading?
    /// By layer.
    var activity: [String: Activity] = [:]
    var floor: Double?
    /// Parts that a person chose in place of the recipe's; nil: none.
    var choices: [String: String]?
    var scheduleHeld: String?
    /// The run was finished and is trained on: 'stop-after' holds no more.
    var isUnsealed: Bool?
    /// The cut that the floor holds back; made as soon as the figure is back.
    var heldTarget: Double?
    /// While a cut is held back the schedule's clock stands: since this step. When it goes on, no cut is larger than the
    /// schedule's own.
    var heldSince: Int?
    /// Steps that the clock has stood before; nil: none.
    var scheduleDelay: Int?
    /// The state on the disk that a missed floor leads back to; nil: none.
    var keptForFloor: KeptState?
    /// Looks in a row that missed the floor after a cut; nil: none.
    var missedLooks: Int?
    /// What the figure must reach before a cut that was taken back is tried again.
    var retryAt: Double?
    /// The best look at the sparsity reached, whose network is kept; nil: none is.
    var best: BestLook?
    /// What the recipe's method remembers, as JSON; nil: nothing.
    var methodMemory: HeldMemory?
    /// The step after which the optimizer began anew; nil: never.
    var forgotAt: Int?
    /// By layer, of a method that exchanges weights; nil: of none, or not counted.
    var explored: [String: Explored]?
    /// What method 'iterative' rewinds to; nil: nothing yet.
    var rewindPoint: RewindPoint?
    /// Of activations, where quantisation has begun; nil: floats are floats.
    package internal(set) var ranges: [TensorRange]?
    var retraining: Retraining?
    var retrainReport: RetrainReport?
    var lastLoss = 0.0
    /// Since the last line of metrics, and since the last one for which validation was measured; nil: no step since.
    var lossSinceLine: LossSum?
    var lossSinceLook: LossSum?
    /// Right and all of the latest training batches, for the running training accuracy.
    var recentCorrect: [Int] = []
    var recentCounts: [Int] = []
    /// The same of a figure that is no accuracy; nil: it is one.
    var recent: RecentFigure?

    init(totalSteps: Int, floor: Double?) {
        self.totalSteps = totalSteps
        self.floor = floor
        history = [
            HistoryEntry(event: 0, kind: .start, label: "dense", step: 0, isCurrent: true)
        ]
    }

    /// Completed steps as the schedule counts them: without those in which it was held back.
    var scheduleStep: Int { (heldSince ?? step) - (scheduleDelay ?? 0) }

    /// A cut waits, and the schedule with it.
    mutating func hold(_ target: Double) {
        heldTarget = target
        heldSince = heldSince ?? step
    }

    mutating func release() {
        if let heldSince, step > heldSince { scheduleDelay = (scheduleDelay ?? 0) + step - heldSince }
        heldSince = nil
        heldTarget = nil
        retryAt = nil
    }

    /// The network has a mask before its first step, and no dense parent.
    mutating func startSparse() {
        maskVersion = 1
        history[0].label = "sparse"
    }

    var trainFigure: Double? {
        if let recent { return recent.mean }
        let count = recentCounts.reduce(0, +)
        return count == 0 ? nil : 100 * Double(recentCorrect.reduce(0, +)) / Double(count)
    }

    mutating func record(loss: Double) {
        lastLoss = loss
        Self.add(loss, to: &lossSinceLine)
        Self.add(loss, to: &lossSinceLook)
    }
    private static func add(_ loss: Double, to total: inout LossSum?) {
        var grown = total ?? LossSum()
        grown.sum += loss
        grown.steps += 1
        total = grown
    }

    mutating func record(correct: Int, of count: Int) {
        // All that it will ever take, so that later steps allocate nothing.
        if recentCorrect.capacity < 41 { recentCorrect.reserveCapacity(41) }
        if recentCounts.capacity < 41 { recentCounts.reserveCapacity(41) }
        recentCorrect.append(correct)
        recentCounts.append(count)
        // About as many images as validation has: the two curves are equally rough.
        if recentCorrect.count > 40 {
            recentCorrect.removeFirst()
            recentCounts.removeFirst()
        }
    }

    /// - Parameter value: nil where the batch does not say it.
    mutating func record(figure value: Double?, of count: Int) {
        guard let value else { return }
        var recent = recent ?? RecentFigure()
        recent.values.append(value)
        recent.counts.append(count)
        if recent.values.count > 40 {
            recent.values.removeFirst()
            recent.counts.removeFirst()
        }
        self.recent = recent
    }

    /// Closes the stretch of training since the latest event with an entry "+n steps", so that the next event follows.
    mutating func closeStretch() {
        guard let last = history.last else { return }
        if last.kind == .start {
            history[history.count - 1].figure = validation?.value
        } else if let stretch {
            history.append(stretch)
        }
    }

    /// The open stretch of training since the latest event, as a history entry.
    var stretch: HistoryEntry? {
        guard let last = history.last, last.kind != .start, step > last.step else { return nil }
        let measured = validation.flatMap { $0.step > last.step ? $0.value : nil }
        return HistoryEntry(
            event: last.event + 1, kind: .trained, label: "+\(step - last.step) steps", step: step,
            figure: measured, isCurrent: true)
    }
}

/// A whole training state: what an undo, a checkpoint, a preview and a resume pass around.
package struct TrainingState: Sendable {
    package var progress: Progress
    package var layers: [LayerState]
    package var parameters: [ParameterState]

    package init(progress: Progress, layers: [LayerState], parameters: [ParameterState] = []) {
        self.progress = progress
        self.layers = layers
        self.parameters = parameters
    }
}
