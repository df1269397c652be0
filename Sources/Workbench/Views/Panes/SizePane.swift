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

    /// The latest counts, where they are of this network.
    static func size(_ scene: Scene) -> SizeAnswer? {
        guard let size = scene.state.answers.latest(SizeQuery.self)?.reply,
            size.layers.count == scene.snapshot.layers.count,
            zip(size.layers, scene.snapshot.layers).allSatisfy({ $0.name == $1.name })
        else { return nil }
        return size
    }

    static func cost(_ scene: Scene) -> ImageCostAnswer? { scene.state.answers.latest(ImageCostQuery.self)?.reply }

    static func draw(
        _ scene: Scene, _ rect: Rect, firstColumn: Int, focused: Bool, footer: String = "", into grid: inout CellGrid
    ) {
        let inner = rect.inner
        let sentences = sentences(scene, inner.width - 2)
        let (first, rows) = scene.window(lines(scene, rect))
        grid.box(
            rect, title: scene.listTitle("size of layers"), right: scene.extent(first, rows.count), focused: focused,
            footer: footer)
        if let size = size(scene) {
            table(scene, size, Array(rows), inner, firstColumn, into: &grid)
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

    /// Rows of layers: a header stands above, the sum and sentences below.
    static func lines(_ scene: Scene, _ rect: Rect) -> Int {
        max(1, rect.inner.height - 2 - sentences(scene, rect.inner.width - 2).count)
    }

    static func row(at y: Int, _ scene: Scene, _ rect: Rect) -> LayerRow? {
        let shown = Array(scene.window(lines(scene, rect)).rows)
        let index = y - rect.inner.y - 1
        return shown.indices.contains(index) ? shown[index] : nil
    }

    /// The first column from which on all others are seen.
    static func lastColumn(_ scene: Scene, _ rect: Rect) -> Int {
        guard let size = size(scene) else { return 0 }
        let room = rect.inner.width - 1 - nameWidth(scene)
        let widths = columns(scene, size, room).map { $0.gap + $0.width }
        var left = room, last = widths.count
        while last > 0, left >= widths[last - 1] {
            left -= widths[last - 1]
            last -= 1
        }
        return min(last, widths.count - 1)
    }

    // MARK: The table

    private struct Column {
        var title: String
        var width: Int
        var text: (SizeFigures) -> String
        /// Place of the encoding whose bytes it has.
        var encoding: Int?
        /// Blanks before it; a mark's column is one behind.
        var gap: Int { encoding == nil ? 2 : 1 }
        /// Measured, and so as old as the weights it was measured with.
        var isMeasured = false
    }

    private static func nameWidth(_ scene: Scene) -> Int { max(5, min(24, scene.names.longestName)) }

    /// The column that says again what the marks say is left out where all others fit without it.
    private static func columns(_ scene: Scene, _ size: SizeAnswer, _ room: Int) -> [Column] {
        let all = columns(scene, size)
        let needed = all.reduce(0) { $0 + $1.gap + $1.width }
        let smallest = all[Self.smallest]
        guard needed > room, needed - smallest.gap - smallest.width <= room else { return all }
        return all.enumerated().filter { $0.offset != Self.smallest }.map(\.element)
    }

    private static let smallest = 4

    private static func columns(_ scene: Scene, _ size: SizeAnswer) -> [Column] {
        let all = SizeFigures(size, cost(scene))
        let best = Format.count(all.best)
        let longest = size.encodings.map(Glyphs.width).max() ?? 0
        var columns = [
            Column(title: "mult-adds", width: Format.count(all.dense).count) { Format.count($0.dense) },
            Column(title: "w≠0", width: Format.count(all.kept).count) { Format.count($0.kept) },
            Column(
                title: "+x≠0", width: Format.count(all.kept).count, text: { $0.active.map(Format.count) ?? "–" },
                isMeasured: true),
            Column(
                title: "µs", width: 6, text: { $0.seconds.map { Format.significant($0 * 1e6) } ?? "–" },
                isMeasured: true),
            Column(title: "smallest", width: max(longest, 8) + 1 + best.count) { figures in
                let name = figures.smallest.map { size.encodings[$0] } ?? ""
                return Format.left(figures.isSum ? "by layer" : name, max(longest, 8)) + " "
                    + Format.right(Format.count(figures.best), best.count)
            },
        ]
        for (place, name) in size.encodings.enumerated() {
            let most = all.bytes[place] ?? size.layers.compactMap { $0.bytes[place] }.max() ?? 0
            columns.append(
                Column(
                    title: name, width: Format.count(most).count + 1,
                    text: { figures in
                        figures.bytes[place].map { Format.count($0) + (figures.smallest == place ? "*" : " ") } ?? "– "
                    }, encoding: place))
        }
        for number in columns.indices {
            columns[number].width = max(columns[number].width, columns[number].title.count)
        }
        return columns
    }

    private static func table(
        _ scene: Scene, _ size: SizeAnswer, _ rows: [LayerRow], _ inner: Rect, _ firstColumn: Int,
        into grid: inout CellGrid
    ) {
        let name = nameWidth(scene), cost = cost(scene)
        let first = min(firstColumn, lastColumn(scene, inner.inset(-1, -1)))
        let columns = columns(scene, size, inner.width - 1 - name).dropFirst(first)
        let old = size.kept != scene.snapshot.nnz
        let isMeasuredOld = cost.map { scene.isOld($0.step) } ?? false
        func cells(_ figures: SizeFigures?, _ y: Int, _ style: Style) {
            var x = inner.x + 1 + name
            for column in columns {
                guard x + column.gap + column.width <= inner.maxX else { break }
                x += column.gap
                var style = style
                if column.isMeasured ? isMeasuredOld : old { style.dim = true }
                if let place = column.encoding, figures?.smallest == place { style = style.with(bold: true) }
                grid.put(
                    Format.right(figures.map(column.text) ?? column.title, column.width), at: x, y, style)
                x += column.width
            }
        }
        grid.put(" " + Format.left("layer", name), at: inner.x, inner.y, Style(.dim))
        cells(nil, inner.y, Style(.dim))
        for (index, row) in rows.enumerated() {
            let layer = scene.listed(row)
            let style = layer.isSelected ? Style(.text, bold: true) : Style(.text)
            grid.putName(layer, at: inner.x, inner.y + 1 + index, style, width: name + 1)
            cells(SizeFigures(row.members, size, cost), inner.y + 1 + index, style)
        }
        let y = inner.y + 1 + rows.count
        grid.put(" all", at: inner.x, y)
        cells(SizeFigures(size, cost), y, Style(.text))
    }
}
