import Terminal
import Training

/// Where the maps stand and what each asks for. Drawing, keys and the mouse read the same.
struct HeatLayout: ViewLayout {
    /// One map: a question, and the cells it is drawn in.
    struct Panel {
        var rect: Rect
        var label: String
        var query: MapQuery
    }

    var main: Rect
    var inspector: Rect
    var layers: Rect?
    var panels: [Panel] = []
    /// Rows (outputs, or y of the folded map) and columns (inputs, or x) in view.
    var rows = Lens(total: 1, cells: 1, zoom: 0, origin: 0)
    var columns = Lens(total: 1, cells: 1, zoom: 0, origin: 0)
    var legendRow: Int
    var showsProfile = false
    /// Of a convolution, unless it is shown as a matrix.
    var tiles: KernelTiles?

    var showsLayers: Bool { layers != nil }
    var paneCount: Int { layers == nil ? 1 : 2 }

    init(_ scene: Scene) {
        let body = scene.body
        legendRow = body.maxY - 1
        let area = body.droppingBottom(1)
        let split = area.columns([0, scene.size.isLarge ? 34 : 21])
        main = split[0]
        inspector = split[1]
        if scene.size.isLarge {
            let right = split[1].rows([20, 0])
            inspector = right[0]
            layers = right[1]
        }
        guard let layer = scene.layer else { return }
        lay(layer, scene)
    }

    private mutating func lay(_ layer: LayerStatus, _ scene: Scene) {
        let heat = scene.state.heat
        let fold = heat.folds(layer)
        // Below the maps: a line and the biases; above each, its name.
        showsProfile = scene.size.isLarge && fold == nil && !(heat.isFolded && layer.hasKernels)
        var area = main.inner.droppingBottom(2)
        if showsProfile { area = area.droppingBottom(1).droppingRight(2) }
        let all = HeatState.quantities(scene.state.draft != nil)
        let at = all.firstIndex(of: heat.quantity) ?? 0
        let order = all.indices.map { all[(at + $0) % all.count] }
        let isSplit = scene.size.isHuge
        let slots = HeatLayout.slots(area, isSplit, fold)
        let cells = slots[0].droppingTop(1)
        tiles = heat.isFolded ? KernelTiles(layer, cells, zoom: heat.zoom) : nil
        // Half-blocks show twice the rows, but only colours tell them apart: where one row a cell shows single
        // weights, shades and colours both do.
        let plain = Lens(
            total: fold?.height ?? layer.rows, cells: cells.height, zoom: heat.zoom, origin: heat.originRow)
        let rowRoom = scene.hasColour && plain.perCell > 1 ? cells.height * 2 : cells.height
        if let tiles {
            let (down, across) = tiles.fitting(cells)
            let outputs = min(layer.rows, down)
            let inputs = min(layer.columns, across * tiles.area)
            let first = max(0, min(layer.rows - outputs, heat.originRow))
            // Whole kernels.
            let left = max(0, min(layer.columns - inputs, heat.originColumn)) / tiles.area * tiles.area
            rows = Lens(first..<first + outputs, of: layer.rows)
            columns = Lens(left..<left + inputs, of: layer.columns)
        } else if let fold {
            rows = Lens(total: fold.height, cells: rowRoom, zoom: heat.zoom, origin: heat.originRow)
            columns = Lens(total: fold.width, cells: cells.width, zoom: heat.zoom, origin: heat.originColumn)
        } else {
            let area = layer.kernelHeight * layer.kernelWidth
            let stops = layer.isConvolution && area > 1 ? [layer.kernelWidth, area] : []
            rows = Lens(total: layer.rows, cells: rowRoom, zoom: heat.zoom, origin: heat.originRow)
            columns = Lens(
                total: layer.columns, cells: cells.width, zoom: heat.zoom, origin: heat.originColumn, stops: stops,
                unit: stops.isEmpty ? 1 : area)
        }
        for (index, slot) in slots.enumerated() {
            let quantity = order[(fold == nil ? index : index / 2) % order.count]
            if fold == nil && index >= order.count { break }
            panels.append(panel(slot, layer, fold, quantity, isOutput: index % 2 == 1, isSplit, scene))
        }
    }

    /// One map, or two of a folded layer (all outputs beside one); on a huge screen twice that.
    private static func slots(_ area: Rect, _ isSplit: Bool, _ fold: LayerStatus.Fold?) -> [Rect] {
        func halves(_ band: Rect) -> [Rect] {
            [band.left((band.width - 1) / 2), band.right((band.width - 1) / 2)]
        }
        guard isSplit else { return fold == nil ? [area] : halves(area) }
        // Four in a row where a picture fits a quarter, for then it has all the height.
        if let fold, fold.width <= (area.width - 3) / 4 { return halves(area).flatMap(halves) }
        return area.rows([0, 0]).flatMap(halves)
    }

    private func panel(
        _ slot: Rect, _ layer: LayerStatus, _ fold: LayerStatus.Fold?, _ quantity: MapQuery.Quantity, isOutput: Bool,
        _ isSplit: Bool, _ scene: Scene
    ) -> Panel {
        let heat = scene.state.heat
        var region = MapQuery.Region.matrix(rows: rows.range, columns: columns.range)
        var label = "\(Format.count(layer.rows)) outputs down, \(Format.count(layer.columns)) inputs across"
        if let tiles {
            let inputs = Format.count(layer.columns / max(1, tiles.area))
            label =
                "\(Format.count(layer.rows)) outputs down, \(inputs) inputs across, kernels \(tiles.height)×\(tiles.width)"
        }
        if let fold {
            let map = min(fold.maps - 1, heat.column / (fold.height * fold.width))
            let ofMap = fold.maps > 1 ? ", map \(map + 1) of \(fold.maps)" : ""
            if isOutput {
                region = .foldOutput(output: heat.row, map: map, y: rows.range, x: columns.range)
                label = "output \(heat.row)" + ofMap
            } else {
                region = .foldMean(map: map, y: rows.range, x: columns.range)
                label = "all \(layer.rows) outputs, mean" + ofMap
            }
        }
        if isSplit { label = quantity.title + ": " + label }
        let query = MapQuery(
            layer: layer.name, quantity: quantity, region: region, cellRows: rows.cells, cellColumns: columns.cells,
            draft: quantity == .draft ? scene.state.draft : nil)
        return Panel(rect: slot, label: label, query: query)
    }

    /// The cursor's place along rows and columns of what is drawn.
    static func cursor(_ heat: HeatState, _ layer: LayerStatus) -> (row: Int, column: Int) {
        guard let fold = heat.folds(layer) else { return (heat.row, heat.column) }
        let inMap = heat.column % (fold.height * fold.width)
        return (inMap / fold.width, inMap % fold.width)
    }

    /// Puts the cursor on a place of what is drawn, keeping output or map.
    static func place(_ row: Int, _ column: Int, _ heat: inout HeatState, _ layer: LayerStatus) {
        if let fold = heat.folds(layer) {
            let area = fold.height * fold.width
            let map = min(fold.maps - 1, heat.column / area)
            let y = max(0, min(fold.height - 1, row))
            let x = max(0, min(fold.width - 1, column))
            heat.column = map * area + y * fold.width + x
        } else {
            heat.row = row
            heat.column = column
        }
        heat.clamp(to: layer)
    }
}

extension LayerStatus {
    /// Its weights lie in kernels of more than one point.
    var hasKernels: Bool { isConvolution && kernelHeight * kernelWidth > 1 }
}
