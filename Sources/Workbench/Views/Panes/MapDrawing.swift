import Terminal
import Training

/// An answered map in its cells, each value over as many cells as there is room for.
struct MapDrawing {
    var answer: MapAnswer
    var rect: Rect
    var maximum: Float
    /// Two rows in a cell, where there is colour to tell them apart and one row a cell would not show all.
    var halfBlocks: Bool
    /// Full cells of a colour, where there are enough colours to tell values apart.
    var isSolid: Bool
    /// Of a convolution: its kernels as tiles with gaps between, as people know filters; nil: the matrix.
    var tiles: KernelTiles?

    init(answer: MapAnswer, rect: Rect, maximum: Float, hasColour: Bool, tiles: KernelTiles? = nil) {
        self.answer = answer
        self.rect = rect
        self.maximum = maximum
        self.tiles = tiles
        isSolid = hasColour
        halfBlocks = tiles == nil && hasColour && answer.rows > rect.height
    }

    /// A small map, on the scale of the first that was answered of this network.
    init(_ map: HeldMap, _ rect: Rect, hasColour: Bool) {
        self.init(answer: map.answer, rect: rect, maximum: map.maximum, hasColour: hasColour)
    }

    /// A value is drawn so many cells wide and (half-)cells high. Cells are twice as high as wide.
    var stretch: (x: Int, y: Int) {
        let height = halfBlocks ? rect.height * 2 : rect.height
        let y = max(1, min(height / max(1, answer.rows), 12))
        let wide = halfBlocks || answer.query.isFlat ? 1 : 2
        // As square as there is room for; a map of all is never made smaller for it.
        let x = max(1, min(rect.width / max(1, answer.columns), y * wide))
        return (x, min(y, max(1, (x + wide - 1) / wide)))
    }

    var heatMap: HeatMap {
        let (sx, sy) = stretch
        var values: [Float?] = []
        values.reserveCapacity(answer.values.count * sx * sy)
        for row in 0..<answer.rows {
            var line: [Float?] = []
            line.reserveCapacity(answer.columns * sx)
            for column in 0..<answer.columns {
                let value = value(row, column)
                for _ in 0..<sx { line.append(value) }
            }
            for _ in 0..<sy { values += line }
        }
        let scale: HeatMap.Scale =
            answer.query.quantity == .signed ? .signed(maximum: maximum) : .sequential(maximum: maximum)
        return HeatMap(
            values: values, rows: answer.rows * sy, columns: answer.columns * sx, scale: scale, halfBlocks: halfBlocks,
            solid: isSolid)
    }

    private func value(_ row: Int, _ column: Int) -> Float? {
        let index = row * answer.columns + column
        guard answer.values.indices.contains(index), answer.states.indices.contains(index) else { return nil }
        switch answer.states[index] {
        case .unknown: return nil
        case .notANumber: return .nan
        default: return answer.values[index]
        }
    }

    func draw(into grid: inout CellGrid) {
        if let tiles {
            drawTiles(tiles, into: &grid)
        } else if answer.query.quantity.isFate {
            drawFates(into: &grid)
        } else {
            heatMap.draw(into: &grid, rect)
        }
    }

    private func drawTiles(_ tiles: KernelTiles, into grid: inout CellGrid) {
        let heatMap = heatMap
        for row in 0..<answer.rows {
            for column in 0..<answer.columns {
                let index = row * answer.columns + column
                let cell =
                    answer.query.quantity.isFate
                    ? MapDrawing.fate([answer.states[index]]) : heatMap.cell(value(row, column))
                let place = tiles.cells(row, column, rect)
                for y in place.y..<min(place.maxY, rect.maxY) {
                    for x in place.x..<min(place.maxX, rect.maxX) { grid[x, y] = cell }
                }
            }
        }
    }

    /// Kept, would go, would return: glyphs, because a fate is no quantity.
    private func drawFates(into grid: inout CellGrid) {
        let (sx, sy) = (stretch.x, max(1, halfBlocks ? stretch.y / 2 : stretch.y))
        let merged = halfBlocks && stretch.y == 1 ? 2 : 1
        for y in 0..<min(rect.height, (answer.rows * sy + merged - 1) / merged) {
            for x in 0..<min(rect.width, answer.columns * sx) {
                // With half-blocks a cell of the screen holds two rows: what changes is seen before what does not.
                let rows = (0..<merged).map { y / sy * merged + $0 }.filter { $0 < answer.rows }
                let states = rows.map { answer.states[$0 * answer.columns + x / sx] }
                grid[rect.x + x, rect.y + y] = MapDrawing.fate(states)
            }
        }
    }

    private static func fate(_ states: [MapAnswer.State]) -> Cell {
        if states.contains(.wouldGo) { return Cell(glyph: "▒", style: Style(.draft)) }
        if states.contains(.wouldReturn) { return Cell(glyph: "▚", style: Style(.good)) }
        if states.contains(.notANumber) { return Cell(glyph: "!", style: Style(.bad, bold: true)) }
        if states.contains(.stays) { return Cell(glyph: "█", style: Style(.accent)) }
        return Cell(glyph: "░", style: Style(.dim))
    }

    /// The cells of the screen a value of the map covers.
    func cells(row: Int, column: Int) -> Rect {
        if let tiles { return tiles.cells(row, column, rect) }
        let (sx, sy) = stretch
        let perCell = halfBlocks ? 2 : 1
        let top = row * sy / perCell
        let bottom = max(top + 1, (row * sy + sy + perCell - 1) / perCell)
        return Rect(x: rect.x + column * sx, y: rect.y + top, width: sx, height: bottom - top)
    }

    /// The value of the map under a cell of the screen.
    func value(atX x: Int, _ y: Int) -> (row: Int, column: Int)? {
        guard rect.contains(x, y) else { return nil }
        if let tiles {
            guard let at = tiles.weight(x - rect.x, y - rect.y), at.row < answer.rows, at.column < answer.columns else {
                return nil
            }
            return at
        }
        let row = (y - rect.y) * (halfBlocks ? 2 : 1) / stretch.y
        let column = (x - rect.x) / stretch.x
        return row < answer.rows && column < answer.columns ? (row, column) : nil
    }
}

extension MapQuery {
    /// A matrix has no picture's proportions to keep.
    var isFlat: Bool {
        if case .matrix = region { return true }
        return false
    }
}

/// The share kept of the selected layer, small, for views that are about something else.
enum SmallMap {
    static func query(_ scene: Scene, _ rect: Rect, layer: LayerStatus? = nil) -> MapQuery? {
        let inner = rect.inner
        guard let layer = layer ?? scene.layer, !inner.isEmpty else { return nil }
        return query(layer, rows(layer.rows, inner.height, scene), inner.width)
    }

    /// Rows of values there is room for.
    static func rows(_ total: Int, _ height: Int, _ scene: Scene) -> Int {
        scene.hasColour && total > height ? height * 2 : height
    }

    static func query(_ layer: LayerStatus, _ height: Int, _ width: Int) -> MapQuery {
        let rows = Lens(total: layer.rows, cells: height, zoom: 0, origin: 0)
        let area = max(1, layer.kernelHeight * layer.kernelWidth)
        let columns = Lens(total: layer.columns, cells: width, zoom: 0, origin: 0, unit: area)
        return MapQuery(
            layer: layer.name, quantity: .kept, region: .matrix(rows: rows.range, columns: columns.range),
            cellRows: rows.cells, cellColumns: columns.cells)
    }

    static func draw(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        guard let layer = scene.layer else { return }
        grid.box(rect, title: "\(layer.name) kept", right: "\(scene.key("heat")): heat")
        guard let query = query(scene, rect), let map = scene.state.answers.map(query) else {
            grid.put("…", at: rect.x + 2, rect.y + 1, Style(.dim))
            return
        }
        MapDrawing(map, rect.inner, hasColour: scene.hasColour).draw(into: &grid)
    }
}
