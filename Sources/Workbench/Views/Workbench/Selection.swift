import Terminal
import Training

extension ViewID {
    /// What `y` copies, as one line: the figure or layer that is selected, with what it was measured on.
    func selected(_ scene: Scene) -> String {
        switch (self, scene.state.focusedPane) {
        case (.session, 0): scene.point
        case (.session, 2): scene.event ?? scene.layerLine
        case (.heat, 0): scene.weight
        case (.threshold, 0): scene.cut
        case (.threshold, _): scene.entry ?? scene.layerLine
        default: scene.layerLine
        }
    }
}

extension Scene {
    fileprivate var layerLine: String {
        guard let layer else { return "no layer" }
        var words =
            "\(layer.name) \(LayersPane.shape(layer)): \(Format.count(layer.kept)) of \(Format.count(layer.weights)) kept, "
            + "\(Format.percent(layer.sparsity)) % zeros"
        if let dead = layer.deadUnits { words += ", \(dead) dead units" }
        if let share = layer.zeroActivations { words += ", \(Format.percent(share)) % zero activations" }
        return words + ", step \(Format.count(snapshot.step))"
    }

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

    fileprivate var weight: String {
        let heat = state.heat
        guard let layer else { return "no layer" }
        let place = "\(layer.name) out \(heat.row) in \(heat.column)"
        guard let cell = state.answers.cell, cell.query.layer == layer.name, cell.query.row == heat.row,
            cell.query.column == heat.column
        else { return place }
        let value = cell.isKept ? "w \(Format.significant(Double(cell.weight)))" : "cut"
        let gradient = cell.gradient.map { ", gradient \(Format.significant(Double($0), 2))" } ?? ""
        return "\(place): \(value)\(gradient), step \(Format.count(cell.step))"
    }

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

    private func sentence(_ reading: Reading) -> String {
        let margin = figure.isAccuracy ? Format.decimal(reading.margin, 1) : figure.width(reading.margin)
        return "\(figure.named(reading.value)) ±\(margin) of \(Format.count(reading.count)) \(samples)"
    }

    private func change(_ measured: Training.Measurement) -> String {
        figure.change(measured).replacing("±", with: " ±")
    }

    fileprivate var entry: String? {
        let row = HistoryPane.rows(self).dropFirst(state.scroll[.threshold] ?? 0).first
        return row.map { ([$0.text] + [$0.figure].compactMap { $0 }).joined(separator: " ") }
    }
}

extension Notice {
    /// What became of a copy. The text stands here too, for a mouse where there is no clipboard.
    package init(_ text: String, _ outcome: Clipboard.Outcome) {
        switch outcome {
        case .sent: self.init("given to the terminal to copy (OSC 52): \(text)")
        case .copied(let place): self.init("copied to \(place): \(text)")
        case .failed(let reason): self.init("not copied, \(reason): \(text)", .warning)
        }
    }
}
