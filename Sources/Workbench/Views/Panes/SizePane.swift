import Terminal
import Text
import Training

/// By layer and in sum: bytes in every encoding, the smallest marked, multiply-adds and measured time of one image; energy as far
/// as it is known.
enum SizePane {
    static func wants(_ scene: Scene, values: String, measuresEnergy: Bool = false) -> [Query] {
        let edits = scene.snapshot.editStamp
        return [
            Query(SizeQuery(values: values, edits: edits)),
            Query(ImageCostQuery(edits: edits, measuresEnergy: measuresEnergy)),
        ]
    }

    static func draw(
        _ scene: Scene, _ rect: Rect, firstColumn: Int, focused: Bool, footer: String = "", into grid: inout CellGrid
    ) {
        let inner = rect.inner
        let table = SizeTable(scene, inner.width)
        let sentences = sentences(scene, table, inner.width - 2)
        let (first, rows) = scene.window(lines(inner, sentences.count))
        grid.box(
            rect, title: scene.listTitle("size of layers"), right: scene.extent(first, rows.count), focused: focused,
            footer: footer.isEmpty && table?.last ?? 0 > 0 ? ":size has more columns" : footer)
        if let table {
            draw(table, scene, Array(rows), inner, firstColumn, into: &grid)
        } else {
            let refusal = scene.state.answers.refusals[.size]
            grid.put(
                " " + (refusal ?? "counting…"), at: inner.x, inner.y, Style(refusal == nil ? .dim : .warn),
                width: inner.width)
        }
        for (row, line) in sentences.enumerated() {
            let y = inner.maxY - sentences.count + row
            guard y > inner.y + 1 else { continue }
            grid.put(" " + line.text, at: inner.x, y, line.style, width: inner.width)
        }
    }

    private static func draw(
        _ table: SizeTable, _ scene: Scene, _ rows: [LayerRow], _ inner: Rect, _ firstColumn: Int,
        into grid: inout CellGrid
    ) {
        let columns = table.columns.dropFirst(min(firstColumn, table.last))
        let isOld = table.size.kept != scene.snapshot.nnz
        let isMeasuredOld = table.cost.map { scene.isOld($0.step) } ?? false
        func cells(_ figures: SizeFigures?, _ y: Int, _ style: Style) {
            var x = inner.x + table.nameWidth
            for column in columns {
                guard x + column.gap + column.width <= inner.maxX else { break }
                x += column.gap
                var style = style
                if column.isMeasured ? isMeasuredOld : isOld { style.dim = true }
                if let place = column.encoding, figures?.smallest == place { style = style.with(bold: true) }
                grid.put(Format.right(figures.map(column.text) ?? column.title, column.width), at: x, y, style)
                x += column.width
            }
        }
        grid.put(" layer", at: inner.x, inner.y, Style(.dim))
        cells(nil, inner.y, Style(.dim))
        for (index, row) in rows.enumerated() {
            let layer = scene.listed(row)
            let style = layer.isSelected ? Style(.text, bold: true) : Style(.text)
            grid.putName(layer, at: inner.x, inner.y + 1 + index, style, width: table.nameWidth)
            cells(table.figures(row), inner.y + 1 + index, style)
        }
        let y = inner.y + 1 + rows.count
        grid.put(" all", at: inner.x, y)
        cells(table.all, y, Style(.text))
    }

    /// Rows of layers: a header stands above, the sum and sentences below.
    private static func lines(_ inner: Rect, _ sentences: Int) -> Int { max(1, inner.height - 2 - sentences) }

    static func lines(_ scene: Scene, _ rect: Rect) -> Int {
        let inner = rect.inner
        return lines(inner, sentences(scene, SizeTable(scene, inner.width), inner.width - 2).count)
    }

    static func row(at y: Int, _ scene: Scene, _ rect: Rect) -> LayerRow? {
        let shown = Array(scene.window(lines(scene, rect)).rows)
        let index = y - rect.inner.y - 1
        return shown.indices.contains(index) ? shown[index] : nil
    }
}
