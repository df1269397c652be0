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
