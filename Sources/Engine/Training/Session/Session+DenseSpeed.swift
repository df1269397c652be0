import Dispatch
import Graph
import Interchange

/// The speed of the network were it dense, on the same machine and in the same minute: a dense copy takes a step now and
/// then between the run's own. It has weights of its own, so nothing of the run changes.
struct DenseProbe {
    var copy: Trainer?
    /// Of the steps that are being timed.
    var speeds: [Double] = []
    var isTiming = false
    /// What steps of the copy have cost, for its share of the time.
    var stepSeconds = 0.0
    /// No copy is made any more.
    var isOver = false

    /// Steps that are timed together; the first ones run into cold caches and are left out.
    static let steps = 8, warmUp = 3
    /// The most of the training time that a copy may take.
    static let share = 0.01
    /// A copy is as large as the network dense; beyond so many weights none is kept.
    static let mostWeights = 4_000_000
}

extension Session {
    /// At the start, where the run itself is not dense. A copy that is too large to keep is timed this once.
    func probeDenseSpeed() throws {
        guard trainer.sparsity > 0, trainer.total <= 20_000_000, hasRoomForDense else { return }
        denseProbe.copy = denseCopy()
        for _ in 0..<20 where !denseProbe.isOver { try timeDenseStep() }
        finishTiming(leavingOut: 8)
        if trainer.total > DenseProbe.mostWeights { denseProbe.copy = nil }
    }

    /// After a step of training: one of the dense copy, where the last figure is getting old.
    func timeDenseInTurns() throws {
        guard !denseProbe.isOver, trainer.sparsity > 0, trainer.total <= DenseProbe.mostWeights else { return }
        if !denseProbe.isTiming {
            // What is never older than 30 s, unless it would cost more than its share.
            let pause = max(
                options.denseEverySeconds, Double(DenseProbe.steps) * denseProbe.stepSeconds / DenseProbe.share)
            guard speed.denseAgeSeconds.map({ $0 >= pause }) ?? true else { return }
            denseProbe.isTiming = true
            if denseProbe.copy == nil {
                guard hasRoomForDense else {
                    denseProbe = DenseProbe(isOver: true)
                    return
                }
                denseProbe.copy = denseCopy()
                return
            }
        }
        try timeDenseStep()
        if denseProbe.speeds.count >= DenseProbe.steps { finishTiming(leavingOut: DenseProbe.warmUp) }
    }

    private func denseCopy() -> Trainer {
        let copy = Trainer(trainer.plan, team: trainer.network.team, startsDense: true)
        copy.quantization?.follow(trainer.progress.ranges)
        return copy
    }

    private var hasRoomForDense: Bool {
        PlannedMemory(
            trainer.plan.graph, capacity: recipe.batch, trains: true,
            slots: type(of: trainer.plan.parts.optimizer).slots
        ).total <= FreeMemory.now.bytes
    }

    private func timeDenseStep() throws {
        guard let copy = denseProbe.copy else { return }
        let samples = copy.batch(copy.progress.step).count
        let start = DispatchTime.now()
        let outcome = try copy.step()
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
        // A step whose loss is no number ends half way; its time says nothing, nor would the next one's.
        guard outcome.isFinite else {
            denseProbe = DenseProbe(isOver: true)
            return
        }
        denseProbe.speeds.append(Double(samples) / max(seconds, 1e-9))
    }

    private func finishTiming(leavingOut warmUp: Int) {
        let speeds = Array(denseProbe.speeds.dropFirst(warmUp))
        denseProbe.speeds = []
        denseProbe.isTiming = false
        guard speeds.count >= 4 else { return }
        speed.recordDense(speeds)
        if let median = speed.denseSamplesPerSecond { denseProbe.stepSeconds = Double(recipe.batch) / median }
    }
}
