import Terminal
import Text
import Training

/// The layers with their zeros; the selected one is selected in every view.
enum LayersPane {
    static func draw(_ scene: Scene, _ rect: Rect, focused: Bool, into grid: inout CellGrid) {
        let layers = scene.layers
        let all = scene.snapshot.layers
        let columns = Columns(scene, rect.width - 2)
        let lines = max(1, rect.height - 4)
        let first = firstRow(scene, lines)
        let shown = layers.dropFirst(first).prefix(lines)
        var right = "\(layers.count) of \(all.count)"
        if shown.count < layers.count { right = "\(first + 1)–\(first + shown.count) of \(layers.count)" }
        let title = scene.state.filter.isEmpty ? "layers" : "layers with “\(scene.state.filter)”"
        grid.box(rect, title: title, right: right, focused: focused, footer: scene.snapshot.dataNotice ?? "")
        let inner = rect.inner
        grid.put(columns.header, at: inner.x, inner.y, Style(.dim), width: inner.width)
        for (index, layer) in shown.enumerated() {
            let y = inner.y + 1 + index
            let isSelected = layer.name == scene.layer?.name
            let style = isSelected ? Style(.text, bold: true) : Style(.text)
            grid.put((isSelected ? "▸" : " ") + columns.row(layer), at: inner.x, y, style, width: inner.width)
            let at = inner.x + 1 + columns.barStart
            Bar.draw(into: &grid, at: at, y, width: columns.bar, fraction: layer.sparsity)
            if layer.deadUnits ?? 0 > 0 {
                grid.restyle(Rect(x: at + columns.bar, y: y, width: 6, height: 1)) { _ in Style(.warn) }
            }
        }
        let y = inner.y + 1 + shown.count
        guard y < inner.maxY else { return }
        grid.put(" " + columns.total(scene.snapshot), at: inner.x, y, Style(.text), width: inner.width)
        Bar.draw(
            into: &grid, at: inner.x + 1 + columns.barStart, y, width: columns.bar, fraction: scene.snapshot.sparsity)
    }

    /// The list goes along with the selected layer.
    private static func firstRow(_ scene: Scene, _ lines: Int) -> Int {
        let layers = scene.layers
        let selected = layers.firstIndex { $0.name == scene.layer?.name } ?? 0
        return max(0, min(selected - lines / 2, layers.count - lines))
    }

    static func layer(at y: Int, _ scene: Scene, _ rect: Rect) -> String? {
        let lines = max(1, rect.height - 4)
        let row = y - rect.y - 2 + firstRow(scene, lines)
        return scene.layers.indices.contains(row) && y >= rect.y + 2 ? scene.layers[row].name : nil
    }

    /// Widths follow from the longest name and shape and from the room.
    private struct Columns {
        var name, shape, counts, bar: Int
        var showsKernel: Bool
        /// Kernels by their first letters, where there is no room for words.
        var kernelIsShort = false

        init(_ scene: Scene, _ width: Int) {
            let layers = scene.snapshot.layers
            let longest = layers.map { Glyphs.width($0.name) }.max() ?? 5
            shape = max(8, layers.map { Glyphs.width(LayersPane.shape($0)) }.max() ?? 8)
            counts = max(7, Glyphs.width(Format.count(scene.snapshot.weights)))
            // name shape kept / weights zeros bar dead act=0 last cut
            let fixed = 1 + 1 + shape + 2 + counts + 3 + counts + 2 + 6 + 1 + 2 + 4 + 2 + 5 + 2 + 9
            let room = width - fixed - max(5, min(longest, 15))
            // In words where that leaves a bar to read, else by letters.
            let words = 3 + max(6, layers.map { Glyphs.width($0.kernel) }.max() ?? 6), letters = 3 + 6
            kernelIsShort = room - words < 10
            let kernel = kernelIsShort ? letters : words
            showsKernel = room - kernel >= 10
            let taken = fixed + (showsKernel ? kernel : 0)
            bar = max(3, min(24, width - taken - max(5, min(longest, 15))))
            name = max(5, min(longest, width - taken - bar))
        }

        var barStart: Int { name + 1 + shape + 2 + counts + 3 + counts + 2 + 6 + 1 }

        var header: String {
            " " + Format.left("layer", name) + " " + Format.left("  shape", shape) + "  "
                + Format.right("kept", counts) + " / " + Format.right("weights", counts) + "  "
                + Format.right("zeros", 6)
                + " " + Format.left("", bar) + "  " + "dead" + "  " + "act=0" + "  " + "last cut"
                + (showsKernel ? "   kernel" : "")
        }

        func row(_ layer: LayerStatus) -> String {
            let dead = layer.deadUnits.map(String.init) ?? "–"
            let act = layer.zeroActivations.map { Format.percent($0) } ?? "–"
            let cut = layer.lastCut.map { "\(Format.significant(Double($0.threshold), 2)) #\($0.event)" } ?? "–"
            return figures(layer.name, LayersPane.shape(layer), layer.kept, layer.weights, layer.sparsity)
                + Format.right(dead, 4) + "  " + Format.right(act, 5) + "  " + Format.left(cut, 9)
                + (showsKernel ? "  " + kernel(layer) : "")
        }

        /// `sparse`, `dense/sparse/dense` or `d/s/d`.
        private func kernel(_ layer: LayerStatus) -> String {
            let passes = layer.kernel.split(separator: "/")
            return kernelIsShort && passes.count > 1
                ? passes.map { String($0.prefix(1)) }.joined(separator: "/") : layer.kernel
        }

        func total(_ snapshot: Snapshot) -> String {
            figures("all", "", snapshot.nnz, snapshot.weights, snapshot.sparsity)
                + "+ \(Format.count(snapshot.biases)) biases: kept"
        }

        private func figures(_ name: String, _ shape: String, _ kept: Int, _ total: Int, _ share: Double) -> String {
            // Of `block1.conv2` it is the end that tells.
            let name = name.visible
            let label = Glyphs.width(name) > self.name ? "…" + String(name.suffix(self.name - 1)) : name
            return Format.left(label, self.name) + " " + Format.right(shape, self.shape) + "  "
                + Format.right(Format.count(kept), counts) + " / " + Format.right(Format.count(total), counts) + "  "
                + Format.right(Format.percent(share), 6) + " " + Format.left("", bar) + "  "
        }
    }

    /// `300×784`; a convolution with its kernel, `16×6×5×5`.
    static func shape(_ layer: LayerStatus) -> String {
        let area = layer.kernelHeight * layer.kernelWidth
        guard layer.isConvolution, area > 0 else { return "\(layer.rows)×\(layer.columns)" }
        return "\(layer.rows)×\(layer.columns / area)×\(layer.kernelHeight)×\(layer.kernelWidth)"
    }
}
