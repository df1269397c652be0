import Terminal
import Training

/// The weight under the cursor: what it is, what became of it, what the draft would do.
enum CellPane {
    static func draw(_ layer: LayerStatus, _ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        grid.box(rect, title: "cell")
        let inner = rect.inner
        let lines = lines(layer, scene)
        for (row, line) in lines.prefix(inner.height).enumerated() {
            grid.put(" " + line.text, at: inner.x, inner.y + row, line.style, width: inner.width)
        }
        // What the keys do here stands at the end, where there is room.
        var hints: [String] = []
        if let map = scene.state.answers.maps.last?.answer, map.weightsPerCellRow > 1 || map.weightsPerCellColumn > 1 {
            hints.append("\(scene.key("zoom-in")) zoom here")
        }
        if scene.state.heat.folds(layer) != nil {
            hints.insert("\(scene.key("output-less")) \(scene.key("output-more")) output", at: 0)
        }
        guard lines.count + hints.count < inner.height else { return }
        for (row, hint) in hints.enumerated() {
            grid.put(hint, at: inner.x, inner.maxY - hints.count + row, Style(.hint), width: inner.width)
        }
    }

    private static func lines(_ layer: LayerStatus, _ scene: Scene) -> [(text: String, style: Style)] {
        let heat = scene.state.heat
        var lines: [(text: String, style: Style)] = [
            ("out \(heat.row) ← in \(heat.column)", Style(.text, bold: true)), (place(layer, heat), Style(.dim)),
            ("", Style()),
        ]
        guard let cell = scene.state.answers.cell, cell.query.layer == layer.name, cell.query.row == heat.row,
            cell.query.column == heat.column
        else {
            lines.append(("…", Style(.dim)))
            return lines
        }
        let old = scene.isOld(cell.step)
        func add(_ text: String, _ role: Role = .text) { lines.append((text, Style(role, dim: old))) }
        add("w         " + (cell.weight.isNaN ? "NaN" : cell.isKept ? Format.significant(Double(cell.weight)) : "0"))
        if cell.isKept {
            add(cell.cutEvent.map { "kept, back after #\($0)" } ?? "kept, never cut", .good)
        } else {
            add("cut" + (cell.cutEvent.map { " by #\($0)" } ?? ""), .warn)
            if let step = cell.cutStep { add("  at step \(Format.count(step))") }
        }
        if let gradient = cell.gradient {
            add("grad      " + Format.significant(Double(gradient), 2))
        } else {
            add("grad      –")
            add(cell.isKept ? "(no step yet)" : "(cut: not known)", .dim)
        }
        if let born = cell.bornStep { add("came at   \(Format.count(born))") }
        if cell.wasLostLast { add("lost in the last change", .warn) }
        if let bias = cell.bias { add("bias      " + Format.significant(Double(bias))) }
        lines.append(("", Style()))
        add("output \(heat.row) kept")
        add(" \(Format.count(cell.rowKept))/\(Format.count(cell.rowTotal))")
        let rates = scene.unitRates(layer)
        if rates.indices.contains(heat.row) {
            add(" active \(Format.percent(rates[heat.row])) %", rates[heat.row] == 0 ? .warn : .text)
        }
        add("input \(heat.column) kept")
        add(" \(Format.count(cell.columnKept))/\(Format.count(cell.columnTotal))")
        if let fate = cell.fate {
            lines.append(("", Style()))
            add("draft: " + fate.words, .draft)
            if let line = cell.draftThreshold { add("line at  " + Format.significant(Double(line), 2), .draft) }
        }
        return lines
    }

    /// Where the input lies: a pixel, a place in a map, a place in a kernel.
    private static func place(_ layer: LayerStatus, _ heat: HeatState) -> String {
        if let fold = layer.fold, fold.height * fold.width > 0 {
            let area = fold.height * fold.width
            let (y, x) = (heat.column % area / fold.width, heat.column % fold.width)
            return fold.maps > 1 ? "map \(heat.column / area) y \(y) x \(x)" : "pixel row \(y) col \(x)"
        }
        let area = layer.kernelHeight * layer.kernelWidth
        if layer.isConvolution, area > 0 {
            let inKernel = heat.column % area
            let (y, x) = (inKernel / max(1, layer.kernelWidth), inKernel % max(1, layer.kernelWidth))
            return "ch \(heat.column / area) ky \(y) kx \(x)"
        }
        return layer.isConvolution ? "convolution" : "linear"
    }
}

extension CellAnswer.Fate {
    var words: String {
        switch self {
        case .stays: "stays"
        case .goes: "goes"
        case .returns: "returns"
        case .staysCut: "stays cut"
        }
    }
}
