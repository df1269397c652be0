import Terminal
import Training

extension ThresholdView {
    static func selected(_ scene: Scene) -> String {
        scene.state.focusedPane == 0 ? scene.cut : scene.entry ?? scene.layerLine
    }
}

extension Scene {
    /// The draft with both measurements; without one, the network.
    fileprivate var cut: String {
        guard let draft = state.draft else {
            let value = readingNow.map { ", val \(sentence($0))" } ?? ""
            return "\(Format.percent(snapshot.sparsity)) % zeros, \(Format.count(snapshot.nnz)) kept\(value), "
                + "step \(Format.count(snapshot.step))"
        }
        var words = "draft \(draft.label(self))"
        if let summary { words += ": \(Format.count(summary.keptDraft)) of \(Format.count(summary.total)) kept" }
        for tried in [false, true] {
            guard let measured = state.answers.measurement(of: draft, tried: tried) else { continue }
            words += tried ? ", after \(Format.count(measured.trainedSteps)) steps " : ", at once "
            words += "\(figure.text(measured.cut.value)) (\(change(measured)), "
            words += "\(Format.count(measured.cut.count)) val \(samples))"
        }
        return words + ", step \(Format.count(snapshot.step))"
    }

    private func change(_ measured: Training.Measurement) -> String {
        figure.change(measured).replacing("±", with: " ±")
    }

    fileprivate var entry: String? {
        let row = HistoryPane.rows(self).dropFirst(state.scroll[.threshold] ?? 0).first
        return row.map { ([$0.text] + [$0.figure].compactMap { $0 }).joined(separator: " ") }
    }
}
