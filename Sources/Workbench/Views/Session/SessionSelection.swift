import Terminal
import Training

extension SessionView {
    static func selected(_ scene: Scene) -> String {
        switch scene.state.focusedPane {
        case 0: scene.point
        case 2: scene.event ?? scene.layerLine
        default: scene.layerLine
        }
    }
}

extension Scene {
    /// The point of the curve under the cursor; without one, the newest figures.
    fileprivate var point: String {
        var words: [String] = []
        if let point = CurvePane.cursorPoint(self) {
            words = ["step \(Format.count(point.step))"]
            if let value = point.validationFigure { words.append("val \(figure.named(value))") }
            if let value = point.trainFigure { words.append("train \(figure.text(value))") }
            words += ["loss \(Format.significant(point.loss))", "\(Format.percent(point.sparsity)) % zeros"]
        } else {
            words = ["step \(Format.count(snapshot.step))"]
            if let value = snapshot.validation { words.append("val \(sentence(value))") }
            if let value = snapshot.trainFigure { words.append("train \(figure.text(value))") }
            words += ["loss \(Format.significant(snapshot.loss))", "\(Format.percent(snapshot.sparsity)) % zeros"]
        }
        return words.joined(separator: ", ")
    }

    fileprivate var event: String? {
        snapshot.messages.dropLast(state.scroll[.session] ?? 0).last.map { "step \(Format.count($0.step)): \($0.text)" }
    }
}
