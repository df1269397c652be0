import Terminal
import Text
import Training

/// What a row of a list tells: a layer's figures, or the sums of a folded group.
struct ListedLayer {
    /// `fc1`, or `encoder.layer.0.*`.
    var name: String
    /// `300×784`, or `8 layers`.
    var shape: String
    var isGroup = false
    var isSelected: Bool
    var kept: Int
    var weights: Int
    /// Kept after the draft, where there is one.
    var keptDraft: Int?
    var deadUnits: Int?
    var zeroActivations: Double?
    var lastCut: LayerStatus.LastCut?
    var kernel = ""

    var sparsity: Double { weights == 0 ? 0 : 1 - Double(kept) / Double(weights) }
}

extension Scene {
    func listed(_ row: LayerRow) -> ListedLayer {
        let isSelected = selected.map(row.holds) ?? false
        switch row {
        case .layer(let index):
            let layer = snapshot.layers[index]
            return ListedLayer(
                name: layer.name, shape: layer.shape, isSelected: isSelected, kept: layer.kept,
                weights: layer.weights, keptDraft: counts(of: index)?.keptDraft, deadUnits: layer.deadUnits,
                zeroActivations: layer.zeroActivations, lastCut: layer.lastCut, kernel: layer.kernel)
        case .group(let group, let members):
            var sum = ListedLayer(
                name: names.groups[group].title, shape: "\(members.count) layers", isGroup: true,
                isSelected: isSelected, kept: 0, weights: 0)
            for index in members {
                let layer = snapshot.layers[index]
                sum.kept += layer.kept
                sum.weights += layer.weights
                if let dead = layer.deadUnits { sum.deadUnits = (sum.deadUnits ?? 0) + dead }
            }
            let drafts = members.compactMap { counts(of: $0)?.keptDraft }
            // Of a summary of another network no sum is right.
            if drafts.count == members.count { sum.keptDraft = drafts.reduce(0, +) }
            return sum
        }
    }

    /// The draft's counts of a layer. They come in the layers' order.
    private func counts(of index: Int) -> DraftSummary.Layer? {
        guard state.draft != nil, let counts = summary?.layers, counts.indices.contains(index),
            counts[index].name == snapshot.layers[index].name
        else { return nil }
        return counts[index]
    }

    /// As many rows as there is room for, with the selected one among them, and the number of the first.
    func window(_ room: Int) -> (first: Int, rows: ArraySlice<LayerRow>) {
        let room = max(1, room)
        let first = max(0, min((selectedRow ?? 0) - room / 2, rows.count - room))
        return (first, rows.dropFirst(first).prefix(room))
    }

    /// `3 of 3`, `5–20 of 500`; of a list with groups `5–20 of 63 rows`.
    func extent(_ first: Int, _ count: Int) -> String {
        let isFolded = rows.count < found.count
        if count < rows.count { return "\(first + 1)–\(first + count) of \(rows.count)" + (isFolded ? " rows" : "") }
        return isFolded ? "\(rows.count) rows, \(found.count) layers" : "\(rows.count) of \(snapshot.layers.count)"
    }

    /// How a pane with the list is called: `layers`, `layers with “conv”`, `layers like “*.query”`.
    func listTitle(_ words: String = "layers") -> String {
        let filter = state.filter
        guard !filter.isEmpty else { return words }
        return words + (LayerFilter(filter).isForm ? " like “\(filter)”" : " with “\(filter)”")
    }
}

extension CellGrid {
    /// `▸name`; of one that is too long the end, which tells it from the others.
    mutating func putName(_ layer: ListedLayer, at x: Int, _ y: Int, _ style: Style, width: Int) {
        put((layer.isSelected ? "▸" : " ") + layer.name.visible.end(width - 1), at: x, y, style, width: width)
    }
}

extension String {
    /// At most so many columns, with `…` for a beginning that is left out.
    func end(_ width: Int) -> String {
        guard Glyphs.width(self) > width else { return self }
        var end = self[...]
        while !end.isEmpty, Glyphs.width(String(end)) >= max(1, width) { end.removeFirst() }
        return "…" + end
    }
}
