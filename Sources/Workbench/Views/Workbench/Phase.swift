import Terminal
import Training

extension Snapshot.Phase {
    /// For the header: a sign that reads without colour, and a word.
    var label: String {
        switch self {
        case .preparing: "… PREPARING"
        case .training: "▶ TRAINING"
        case .paused: "‖ PAUSED"
        case .retraining(let done, let total): "↻ RETRAINING \(done)/\(total)"
        case .outOfSteps: "■ OUT OF STEPS"
        case .notANumber(let layer): layer.isEmpty ? "✗ NaN" : "✗ NaN in \(layer)"
        case .finished: "✔ FINISHED"
        case .failed: "✗ FAILED"
        }
    }

    var role: Role {
        switch self {
        case .preparing, .paused: .accent
        case .training, .retraining, .finished: .good
        case .outOfSteps: .warn
        case .notANumber, .failed: .bad
        }
    }
}

extension Scene {
    /// What to do next, in one sentence that fits 80 columns.
    var next: String {
        let layer = layer?.name ?? "a layer"
        switch snapshot.phase {
        case .preparing: return "Reading the data and planning the memory; nothing is to be done."
        case .training: return "Next: 3 or Enter opens the threshold of \(layer); p pauses; K keeps this network."
        case .paused: return "Next: p trains on; 3 or Enter cuts \(layer); K keeps this network; F finishes."
        case .retraining(let done, let total):
            return "Next: \(Format.count(max(0, total - done))) steps, then it pauses and reports; p pauses now."
        case .outOfSteps: return "Next: 3 cuts more; T trains one epoch on; F measures the test set once and seals."
        case .notANumber:
            return "The loss is no number. Step \(Format.count(snapshot.step)) is the last good one. Next: u goes back."
        case .finished:
            let hints = [options.resumeHint, options.inspectHint].filter { !$0.isEmpty }.joined(separator: "; ")
            return "Sealed in \(snapshot.runFolder). " + (hints.isEmpty ? "K keeps the network; q leaves." : hints)
        case .failed(let sentence): return "The session cannot go on: \(sentence)"
        }
    }
}
