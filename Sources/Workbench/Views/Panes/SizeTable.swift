import Terminal
import Training

/// The columns of the table of sizes, made once for a picture.
struct SizeTable {
    struct Column {
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

    let size: SizeAnswer
    let cost: ImageCostAnswer?
    let all: SizeFigures
    /// Of names, with the sign of the selected one.
    let nameWidth: Int
    let columns: [Column]
    /// The first column from which on all others are seen.
    let last: Int

    /// Nil before the counts are there, or where they are of another network.
    /// - Parameter width: of all columns.
    init?(_ scene: Scene, _ width: Int) {
        guard let size = scene.state.answers.latest(SizeQuery.self)?.reply,
            size.layers.count == scene.snapshot.layers.count,
            zip(size.layers, scene.snapshot.layers).allSatisfy({ $0.name == $1.name })
        else { return nil }
        self.size = size
        cost = scene.state.answers.latest(ImageCostQuery.self)?.reply
        all = SizeFigures(size, cost)
        nameWidth = 1 + max(5, min(24, scene.names.longestName))
        let room = width - nameWidth
        columns = Self.fitting(Self.columns(size, all), room)
        var left = room, last = columns.count
        while last > 0, left >= columns[last - 1].gap + columns[last - 1].width {
            left -= columns[last - 1].gap + columns[last - 1].width
            last -= 1
        }
        self.last = max(0, min(last, columns.count - 1))
    }

    private static let smallest = 4

    /// The column that says again what the marks say is left out where all others fit without it.
    private static func fitting(_ columns: [Column], _ room: Int) -> [Column] {
        let needed = columns.reduce(0) { $0 + $1.gap + $1.width }
        guard needed > room, needed - columns[smallest].gap - columns[smallest].width <= room else { return columns }
        return columns.enumerated().filter { $0.offset != smallest }.map(\.element)
    }

    private static func columns(_ size: SizeAnswer, _ all: SizeFigures) -> [Column] {
        let best = Format.count(all.best).count
        let longest = max(8, size.encodings.map(Glyphs.width).max() ?? 0)
        var columns = [
            Column(title: "mult-adds", width: Format.count(all.dense).count) { Format.count($0.dense) },
            Column(title: "w≠0", width: Format.count(all.kept).count) { Format.count($0.kept) },
            Column(
                title: "+x≠0", width: Format.count(all.kept).count, text: { $0.active.map(Format.count) ?? "–" },
                isMeasured: true),
            Column(
                title: "µs", width: 6, text: { $0.seconds.map { Format.significant($0 * 1e6) } ?? "–" },
                isMeasured: true),
            Column(title: "smallest", width: longest + 1 + best) { figures in
                let name = figures.smallest.map { size.encodings[$0] } ?? ""
                return Format.left(figures.isSum ? "by layer" : name, longest) + " "
                    + Format.right(Format.count(figures.best), best)
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

    func figures(_ row: LayerRow) -> SizeFigures { SizeFigures(row.members, size, cost) }
}
