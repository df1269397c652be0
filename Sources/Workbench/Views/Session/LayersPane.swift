import Terminal
import Text
import Training

/// The layers with their zeros; the selected one is selected in every view.
enum LayersPane {
    static func draw(_ scene: Scene, _ rect: Rect, focused: Bool, into grid: inout CellGrid) {
        let columns = Columns(scene, rect.width - 2)
        let (first, shown) = scene.window(lines(rect))
        grid.box(
            rect, title: scene.listTitle(), right: scene.extent(first, shown.count), focused: focused,
            footer: scene.snapshot.dataNotice ?? "")
        let inner = rect.inner
        grid.put(columns.header, at: inner.x, inner.y, Style(.dim), width: inner.width)
        for (index, row) in shown.enumerated() {
            let layer = scene.listed(row)
            let y = inner.y + 1 + index
            let style = layer.isSelected ? Style(.text, bold: true) : Style(.text)
            grid.put((layer.isSelected ? "▸" : " ") + columns.row(layer), at: inner.x, y, style, width: inner.width)
            let at = inner.x + 1 + columns.barStart
            Bar.draw(into: &grid, at: at, y, width: columns.bar, fraction: layer.sparsity)
            if layer.deadUnits ?? 0 > 0, columns.figures.contains(.dead) {
                grid.restyle(Rect(x: at + columns.bar, y: y, width: 6, height: 1)) { _ in Style(.warn) }
            }
        }
        let y = inner.y + 1 + shown.count
        guard y < inner.maxY else { return }
        grid.put(" " + columns.total(scene.snapshot), at: inner.x, y, Style(.text), width: inner.width)
        Bar.draw(
            into: &grid, at: inner.x + 1 + columns.barStart, y, width: columns.bar, fraction: scene.snapshot.sparsity)
    }

    /// Rows of layers: a header stands above, the sum below.
    static func lines(_ rect: Rect) -> Int { max(1, rect.height - 4) }

    static func row(at y: Int, _ scene: Scene, _ rect: Rect) -> LayerRow? {
        let shown = Array(scene.window(lines(rect)).rows)
        let index = y - rect.y - 2
        return shown.indices.contains(index) ? shown[index] : nil
    }

    /// Widths follow from the longest name and shape and from the room.
    private struct Columns {
        var name, shape, counts, bar: Int
        var showsKernel: Bool
        /// Kernels by their first letters, where there is no room for words.
        var kernelIsShort: Bool
        /// Behind the bar.
        var figures: [Figure]

        enum Figure: String, CaseIterable {
            case dead
            case activations = "act=0"
            case lastCut = "last cut"

            var width: Int {
                switch self {
                case .dead: 4
                case .activations: 5
                case .lastCut: 9
                }
            }
        }

        init(_ scene: Scene, _ width: Int) {
            let layers = scene.snapshot.layers
            let groups = scene.rows.compactMap { row in if case .group(let group, _) = row { group } else { nil } }
            // A group's name is seen to its end, where its number stands.
            let longest = max(
                scene.names.longestName, groups.map { Glyphs.width(scene.names.groups[$0].title) }.max() ?? 0)
            shape = max(groups.isEmpty ? 8 : 10, scene.names.longestShape)
            counts = max(7, Glyphs.width(Format.count(scene.snapshot.weights)))
            // name shape kept / weights zeros bar
            let fixed = 1 + 1 + shape + 2 + counts + 3 + counts + 2 + 6 + 1
            // Names of many parts are told apart by all of them: figures that matter less make room.
            var figures = Figure.allCases
            var behind: Int { figures.reduce(0) { $0 + 2 + $1.width } }
            if longest > 15 {
                while !figures.isEmpty, width - fixed - behind - 3 < min(longest, 48) { figures.removeLast() }
            }
            let room = width - fixed - behind - max(5, min(longest, 15))
            // In words where that leaves a bar to read, else by letters.
            let words = 3 + max(6, layers.map { Glyphs.width($0.kernel) }.max() ?? 6), letters = 3 + 6
            kernelIsShort = room - words < 10
            let kernel = kernelIsShort ? letters : words
            let namesFit = longest <= 15 || width - fixed - behind - kernel - 3 >= min(longest, 48)
            showsKernel = figures.count == Figure.allCases.count && room - kernel >= 10 && namesFit
            let taken = fixed + behind + (showsKernel ? kernel : 0)
            bar = max(3, min(24, width - taken - max(5, min(longest, longest > 15 ? 48 : 15))))
            name = max(5, min(longest, width - taken - bar))
            self.figures = figures
        }

        var barStart: Int { name + 1 + shape + 2 + counts + 3 + counts + 2 + 6 + 1 }

        var header: String {
            " " + Format.left("layer", name) + " " + Format.left("  shape", shape) + "  "
                + Format.right("kept", counts) + " / " + Format.right("weights", counts) + "  "
                + Format.right("zeros", 6) + " " + Format.left("", bar)
                + figures.map { "  " + Format.left($0.rawValue, $0.width) }.joined()
                + (showsKernel ? "  kernel" : "")
        }

        func row(_ layer: ListedLayer) -> String {
            counted(layer.name, layer.shape, layer.kept, layer.weights, layer.sparsity)
                + figures.map { "  " + text($0, layer) }.joined() + (showsKernel ? "  " + kernel(layer) : "")
        }

        private func text(_ figure: Figure, _ layer: ListedLayer) -> String {
            switch figure {
            case .dead: Format.right(layer.deadUnits.map(String.init) ?? "–", figure.width)
            case .activations: Format.right(layer.zeroActivations.map { Format.percent($0) } ?? "–", figure.width)
            case .lastCut:
                Format.left(
                    layer.lastCut.map { "\(Format.significant(Double($0.threshold), 2)) #\($0.event)" } ?? "–",
                    figure.width)
            }
        }

        /// `sparse`, `dense/sparse/dense` or `d/s/d`.
        private func kernel(_ layer: ListedLayer) -> String {
            let passes = layer.kernel.split(separator: "/")
            return kernelIsShort && passes.count > 1
                ? passes.map { String($0.prefix(1)) }.joined(separator: "/") : layer.kernel
        }

        func total(_ snapshot: Snapshot) -> String {
            counted("all", "", snapshot.nnz, snapshot.weights, snapshot.sparsity)
                + "  + \(Format.count(snapshot.biases)) biases: kept"
        }

        private func counted(_ name: String, _ shape: String, _ kept: Int, _ total: Int, _ share: Double) -> String {
            // Of `block1.conv2` it is the end that tells.
            Format.left(name.visible.end(self.name), self.name) + " " + Format.right(shape, self.shape) + "  "
                + Format.right(Format.count(kept), counts) + " / " + Format.right(Format.count(total), counts) + "  "
                + Format.right(Format.percent(share), 6) + " " + Format.left("", bar)
        }
    }
}
