import Terminal
import Training

/// Where the weights are: maps of a layer, and one weight under the cursor.
enum HeatView: View {
    typealias State = HeatState
    typealias Layout = HeatLayout

    static func draw(_ scene: Scene, into grid: inout CellGrid) {
        guard let layer = scene.layer else { return }
        let layout = HeatLayout(scene)
        grid.box(
            layout.main, title: title(layer, scene), right: cellSize(layout, scene),
            focused: scene.state.focusedPane == 0)
        for panel in layout.panels { draw(panel, layer, layout, scene, into: &grid) }
        // Rules between maps that stand side by side.
        for x in Set(layout.panels.map(\.rect.maxX)) where x < layout.main.maxX - 4 && layout.panels.count > 1 {
            for y in layout.main.y + 1..<layout.main.maxY - 3 {
                grid[x, y] = Cell(glyph: "│", style: Style(.border))
            }
        }
        bias(layer, layout, scene, into: &grid)
        CellPane.draw(layer, scene, layout.inspector, into: &grid)
        if let rect = layout.layers { LayerGrid.draw(scene, rect, focused: scene.state.focusedPane == 1, into: &grid) }
        legend(layout, scene, into: &grid)
    }

    private static func title(_ layer: LayerStatus, _ scene: Scene) -> String {
        var words = "\(layer.name) \(layer.shape)  \(scene.state.heat.quantity.title)"
        if scene.state.heat.isFolded, layer.hasKernels {
            words += "  kernels"
        } else if let fold = scene.state.heat.folds(layer) {
            words += "  fold " + (fold.maps > 1 ? "\(fold.maps)·" : "") + "\(fold.height)×\(fold.width)"
        }
        return words
    }

    private static func cellSize(_ layout: HeatLayout, _ scene: Scene) -> String {
        // Width × height, as the screen has them.
        guard let query = layout.panels.first?.query, let answer = scene.state.answers.map(query)?.answer else {
            return "1 cell = \(layout.columns.perCell)×\(layout.rows.perCell)"
        }
        return "1 cell = \(answer.weightsPerCellColumn)×\(answer.weightsPerCellRow)"
    }

    private static func draw(
        _ panel: HeatLayout.Panel, _ layer: LayerStatus, _ layout: HeatLayout, _ scene: Scene,
        into grid: inout CellGrid
    ) {
        grid.put(panel.label, at: panel.rect.x, panel.rect.y, Style(.dim), width: panel.rect.width)
        guard let drawing = drawing(panel, scene) else {
            let words = scene.state.answers.refusals[.map] ?? "…"
            grid.put(words, at: panel.rect.x + 1, panel.rect.y + 1, Style(.dim), width: panel.rect.width - 2)
            return
        }
        drawing.draw(into: &grid)
        let cursor = HeatLayout.cursor(scene.state.heat, layer)
        if layout.rows.range.contains(cursor.row), layout.columns.range.contains(cursor.column) {
            let row = (cursor.row - layout.rows.range.lowerBound) / max(1, drawing.answer.weightsPerCellRow)
            let column = (cursor.column - layout.columns.range.lowerBound) / max(1, drawing.answer.weightsPerCellColumn)
            grid.restyle(drawing.cells(row: row, column: column)) { _ in Style(.cursor, bold: true, reverse: true) }
        }
        if layout.showsProfile, layout.panels.count == 1 { Profile.draw(drawing, into: &grid) }
    }

    static func drawing(_ panel: HeatLayout.Panel, _ scene: Scene) -> MapDrawing? {
        guard let answer = scene.state.answers.map(panel.query)?.answer else { return nil }
        let held = scene.state.heat.scales[HeatState.scaleKey(panel.query)] ?? answer.p99
        return MapDrawing(
            answer: answer, rect: panel.rect.droppingTop(1), maximum: held, hasColour: scene.hasColour,
            tiles: HeatLayout(scene).tiles)
    }

    /// Biases are never cut: one row says how large they are.
    private static func bias(
        _ layer: LayerStatus, _ layout: HeatLayout, _ scene: Scene, into grid: inout CellGrid
    ) {
        let inner = layout.main.inner
        let y = inner.maxY - 1
        for x in inner.x..<inner.maxX { grid[x, y - 1] = Cell(glyph: "─", style: Style(.border)) }
        guard let strip = scene.state.answers.reply(to: StripQuery(layer: layer.name)) else { return }
        guard !strip.biases.isEmpty else {
            grid.put("no bias", at: inner.x, y, Style(.dim))
            return
        }
        let count = " \(Format.count(strip.biases.count)), never cut"
        // How often units are not zero stands beside it, where that was measured.
        let rates = scene.unitRates(layer)
        let half = rates.isEmpty ? inner.width : inner.width / 2
        let width = max(4, min(strip.biases.count, half - 7 - Glyphs.width(count)))
        let values = Sparkline.folded(strip.biases.map(Double.init), to: width)
        let end = grid.put("bias  " + Sparkline.text(values), at: inner.x, y, Style(.series2), width: half)
        grid.put(count, at: end, y, Style(.dim), width: inner.x + half - end)
        guard !rates.isEmpty else { return }
        let dead = rates.count { $0 == 0 }
        let words = " of units" + (dead > 0 ? ", \(dead) never" : "")
        let room = max(4, min(rates.count, inner.width - half - 9 - Glyphs.width(words)))
        let folded = Sparkline.folded(rates, to: room)
        let last = grid.put(
            "  active " + Sparkline.text(folded), at: inner.x + half, y, Style(.series1), width: inner.width - half)
        grid.put(words, at: last, y, Style(.dim), width: inner.maxX - last)
    }

    private static func legend(_ layout: HeatLayout, _ scene: Scene, into grid: inout CellGrid) {
        guard let panel = layout.panels.first, let drawing = drawing(panel, scene) else { return }
        let quantity = panel.query.quantity
        var words = " \(quantity.unit): "
        if quantity == .draft {
            words += "░ cut ▒ would go ▚ would return █ stays"
        } else if quantity == .change {
            words += "░ cut ▒ lost ▚ grew █ as before"
        } else {
            words += (drawing.isSolid ? swatches(drawing) : drawing.heatMap.legend) + " (p99)"
            if quantity == .gradient { words += " · ╱ cut: not known" }
        }
        let step = " · step \(Format.count(drawing.answer.step))"
        // What matters least is left out where the row is narrow.
        if Glyphs.width(words + step) + 13 < scene.size.width, !quantity.isFate { words += " · scale held" }
        words += step
        // Weights that move on under a map that is held make it old.
        let isOld = scene.isOld(drawing.answer.step)
        grid.put(words, at: 0, layout.legendRow, Style(.hint, dim: isOld), width: scene.size.width)
        guard drawing.isSolid, !quantity.isFate else { return }
        let heatMap = drawing.heatMap
        let isSigned = quantity == .signed
        for (index, x) in (0..<scene.size.width).filter({ grid[$0, layout.legendRow].glyph == "█" }).enumerated() {
            let share = isSigned ? Float(index - 6) / 6 : Float(index + 1) / 13
            let value = heatMap.value(atShade: share, drawing.maximum)
            grid[x, layout.legendRow].style = Style(ink: heatMap.ink(value))
        }
    }

    /// In half-blocks a colour alone tells a value: the legend has the colours.
    private static func swatches(_ drawing: MapDrawing) -> String {
        let most = Format.significant(Double(drawing.maximum), 2)
        let bar = String(repeating: "█", count: 13)
        return drawing.answer.query.quantity == .signed ? "−\(most) \(bar) \(most)" : "0 \(bar) ≥\(most)"
    }

    static func wants(_ scene: Scene) -> [Query] {
        guard let layer = scene.layer else { return [] }
        let layout = HeatLayout(scene)
        let heat = scene.state.heat
        let cell = CellQuery(layer: layer.name, row: heat.row, column: heat.column, draft: scene.state.draft)
        var wants: [Query] = [.cell(cell), .strip(layer: layer.name)]
        if let query = scene.rankingQuery { wants.append(.ranking(query)) }
        wants += layout.panels.map { .map($0.query) }
        if let rect = layout.layers { wants += LayerGrid.queries(scene, rect).map { .map($0) } }
        return wants
    }
}

/// Means of the rows and columns in view, beside the map and under it.
private enum Profile {
    static func draw(_ drawing: MapDrawing, into grid: inout CellGrid) {
        let answer = drawing.answer
        guard !answer.query.quantity.isFate, drawing.tiles == nil else { return }
        func mean(_ indices: [Int]) -> Double {
            let values = indices.map { answer.values[$0] }.filter(\.isFinite).map { Double(abs($0)) }
            return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
        }
        let columns = (0..<answer.columns).map { column in
            mean((0..<answer.rows).map { $0 * answer.columns + column })
        }
        let rows = (0..<answer.rows).map { row in mean(Array(row * answer.columns..<(row + 1) * answer.columns)) }
        let (sx, _) = drawing.stretch
        let last = drawing.cells(row: answer.rows - 1, column: answer.columns - 1)
        for (column, glyph) in Sparkline.text(columns).unicodeScalars.enumerated() {
            for x in 0..<sx {
                let at = drawing.rect.x + column * sx + x
                if at < drawing.rect.maxX { grid[at, last.maxY] = Cell(glyph: glyph, style: Style(.series1)) }
            }
        }
        for (row, glyph) in Sparkline.text(rows).unicodeScalars.enumerated() {
            let y = drawing.cells(row: row, column: 0).y
            grid[last.maxX + 1, y] = Cell(glyph: glyph, style: Style(.series1))
        }
    }
}

extension HeatMap {
    /// The value of a shade, which is the square root of its share of the maximum.
    fileprivate func value(atShade shade: Float, _ maximum: Float) -> Float { shade * abs(shade) * maximum }
}

extension Scene {
    /// How often each unit of a layer was not zero at the latest look at validation, in [0, 1]; empty where that is not known.
    func unitRates(_ layer: LayerStatus) -> [Double] {
        snapshot.activations.first { $0.layer == layer.name }?.rates.map { Double($0) } ?? []
    }
}
