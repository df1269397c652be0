import Terminal
import Training

extension Scene {
    /// What to do next, in one sentence that fits 80 columns.
    var next: String {
        let layer = layer?.name ?? "a layer"
        func key(_ name: String) -> String { self.key(name, in: .session) }
        let open = "\(key("threshold")) or \(key("threshold-of"))"
        switch snapshot.phase {
        case .preparing: return "Nothing is to be done; \(key("quit")) leaves, and nothing is lost."
        case .training:
            return "Next: \(open) opens the threshold of \(layer); \(key("pause")) pauses; "
                + "\(key("keep")) keeps this network."
        case .paused:
            return "Next: \(key("resume")) trains on; \(open) cuts \(layer); \(key("keep")) keeps this network; "
                + "\(key("finish")) finishes."
        case .retraining(let done, let total):
            return "Next: \(Format.count(max(0, total - done))) steps, then it pauses and reports; "
                + "\(key("pause")) pauses now."
        case .outOfSteps:
            return "Next: \(key("threshold")) cuts more; \(key("train")) trains an epoch; "
                + "\(key("finish")) measures the test set once and seals."
        case .notANumber:
            let way =
                snapshot.undoDepth > 0
                ? "\(key("undo")) goes back" : "\(key("quit")) leaves; try a lower rate"
            return "The loss is no number. Step \(Format.count(snapshot.step)) is the last good one. Next: \(way)."
        case .finished:
            let hints = [options.resumeHint, options.inspectHint].filter { !$0.isEmpty }.joined(separator: "; ")
            let keys = "\(key("keep")) keeps the network; \(key("quit")) leaves."
            return "Sealed in \(snapshot.runFolder). " + (hints.isEmpty ? keys : hints)
        case .failed(let sentence):
            return "The session cannot go on: \(sentence). Next: \(key("quit")) leaves; checkpoints stay."
        }
    }
}
