import Graph
import Sparsity

/// Exact counts and histograms from a copy of the weights. Pure.
struct Inspector {
    let copy: NetworkCopy

    init(_ copy: NetworkCopy) { self.copy = copy }

    func layer(_ name: String) throws -> Int {
        guard let number = copy.number(of: name) else {
            throw SparsityError.noSuchLayer(name, layers: copy.state.layers.map(\.name))
        }
        return number
    }

    func strip(_ name: String) throws -> Answer { .strip(copy.state.layers[try layer(name)].arrays.bias) }

    func members(_ scope: Draft.Scope) throws -> [Int] {
        switch scope {
        case .global: Array(copy.state.layers.indices)
        case .layer(let name): [try layer(name)]
        }
    }

    func summary(_ draft: Draft) throws -> DraftSummary {
        let candidates = try copy.candidates()
        let cut = try copy.cut(draft)
        let scope = try members(draft.scope)
        func file(_ kept: (Int) -> Int, _ isDense: (Int) -> Bool) -> Int {
            KeptNetwork.payloadBytes(
                candidates.indices.map {
                    (candidates[$0].total, kept($0), isDense($0), copy.layerShapes[$0].rows)
                }, parameters: copy.state.parameters.reduce(0) { $0 + $1.values.count })
        }
        var sum = 0.0, squares = 0.0, count = 0
        var smallest = Float.infinity
        for number in scope {
            for value in candidates[number].values {
                sum += Double(value)
                squares += Double(value) * Double(value)
                smallest = min(smallest, abs(value))
            }
            count += candidates[number].values.count
        }
        let mean = count == 0 ? 0 : sum / Double(count)
        let isChanged = { (number: Int) in
            cut.layers[number].keep.contains(false) || !cut.layers[number].returns.isEmpty
        }
        return DraftSummary(
            draft: draft,
            layers: candidates.enumerated().map { number, layer in
                DraftSummary.Layer(
                    name: layer.name, total: layer.total, keptNow: layer.values.count,
                    keptDraft: cut.layers[number].kept, recoverable: layer.lost.count)
            },
            keptNow: candidates.reduce(0) { $0 + $1.values.count }, keptDraft: cut.kept,
            total: candidates.reduce(0) { $0 + $1.total }, wouldReturn: cut.returned,
            fileBytesNow: file({ candidates[$0].values.count }, { candidates[$0].indices == nil }),
            fileBytesDraft: file({ cut.layers[$0].kept }, { candidates[$0].indices == nil && !isChanged($0) }),
            thresholdNow: smallest.isFinite && scope.contains { candidates[$0].indices != nil } ? smallest : nil,
            thresholdDraft: cut.threshold,
            deviation: Float(max(0, count == 0 ? 0 : squares / Double(count) - mean * mean).squareRoot()),
            notice: cut.notice, step: copy.step)
    }

    func histogram(_ query: HistogramQuery) throws -> Answer {
        let candidates = try copy.candidates()
        let scope = try members(query.scope)
        let cut = try query.draft.map(copy.cut)
        let bins = max(1, min(query.bins, 4096))
        if let end = query.maximum, !(end > 0 && end.isFinite) {
            return .refused(.histogram, "an axis that ends at \(end); accepted: a number above 0")
        }
        let live = scope.map { candidates[$0].magnitudes }
        let all = live + scope.map { candidates[$0].lostMagnitudes }
        let total = all.reduce(0) { $0 + $1.count }
        let maximum = query.maximum ?? Self.end(of: all, total: total)
        var histogram = Histogram(
            bins: bins, maximum: maximum, axis: query.logarithmic ? .logarithmic(decades: 4) : .linear, classes: 4)
        var smallest = Float.infinity
        for (slot, number) in scope.enumerated() {
            let layer = candidates[number]
            var classes = [[Float]](repeating: [], count: 4)
            for (index, score) in live[slot].enumerated() {
                let stays = cut?.layers[number].keep[index] ?? true
                classes[stays ? 3 : 1].append(score)
                smallest = min(smallest, score)
            }
            var returning = [Bool](repeating: false, count: layer.lost.count)
            for index in cut?.layers[number].returns ?? [] { returning[index] = true }
            for (index, lost) in layer.lost.enumerated() { classes[returning[index] ? 2 : 0].append(abs(lost.value)) }
            for (kind, values) in classes.enumerated() { histogram.add(values, class: kind) }
        }
        let isSparse = scope.contains { candidates[$0].indices != nil }
        return .histogram(
            HistogramAnswer(
                query: query, cut: histogram.counts[0], wouldGo: histogram.counts[1],
                wouldReturn: histogram.counts[2], stays: histogram.counts[3],
                minimum: query.logarithmic ? maximum / 10_000 : 0, maximum: maximum,
                total: scope.reduce(0) { $0 + candidates[$1].total },
                appliedThreshold: isSparse && smallest.isFinite ? smallest : nil,
                draftThreshold: cut?.threshold, step: copy.step))
    }

    // The 99.9th percentile, rounded up to two digits, so that the axis does not tremble as the weights move.
    private static func end(of scores: [[Float]], total: Int) -> Float {
        guard total > 0 else { return 1 }
        let threshold = Selection.keep(count: max(1, total / 1000), scores: scores).threshold
        guard threshold.isFinite, threshold > 0 else { return 1 }
        var unit: Float = 1
        while unit * 10 > threshold { unit /= 10 }
        while unit * 100 <= threshold { unit *= 10 }
        return (threshold / unit).rounded(.up) * unit
    }

    func cell(_ query: CellQuery) throws -> Answer {
        let number = try layer(query.layer)
        let candidates = try copy.candidates()
        let layer = candidates[number]
        let (rows, columns) = copy.layerShapes[number]
        guard (0..<rows).contains(query.row), (0..<columns).contains(query.column) else {
            return .refused(.cell, "weight \(query.row) ← \(query.column) of \(rows)×\(columns)")
        }
        let position = query.row * columns + query.column
        let live = find(position, layer)
        let lost = lowerBound(layer.lost.count) { layer.lost[$0].index < position }
        let taken = lost < layer.lost.count && layer.lost[lost].index == position ? layer.lost[lost] : nil
        let cut = try query.draft.map(copy.cut)
        var fate: CellAnswer.Fate?
        if let cut {
            if let live {
                fate = cut.layers[number].keep[live] ? .stays : .goes
            } else {
                fate = taken != nil && cut.layers[number].returns.contains(lost) ? .returns : .staysCut
            }
        }
        let event = taken.flatMap { cutOf($0.removal) }
        let columnKept =
            layer.indices == nil
            ? rows
            : (0..<rows).reduce(0) {
                $0 + (find($1 * columns + query.column, layer) == nil ? 0 : 1)
            }
        let row = self.row(query.row, layer, columns)
        let bias = copy.state.layers[number].arrays.bias
        return .cell(
            CellAnswer(
                query: query, weight: live.map { layer.values[$0] } ?? 0, isKept: live != nil, cutEvent: event?.event,
                cutStep: event?.step,
                gradient: live.flatMap { copy.gradient(number, $0) },
                rowKept: row.count, rowTotal: columns, columnKept: columnKept, columnTotal: rows,
                bias: query.row < bias.count ? bias[query.row] : nil, fate: fate, draftThreshold: cut?.threshold,
                step: copy.step))
    }

    private func cutOf(_ removal: Int) -> (event: Int, step: Int)? {
        (try? copy.removal(removal)).map { ($0.event, $0.step) }
    }

    /// Live positions of one row.
    func row(_ row: Int, _ layer: Candidates, _ columns: Int) -> Range<Int> {
        guard let indices = layer.indices else { return row * columns..<(row + 1) * columns }
        let first = lowerBound(indices.count) { indices[$0] < row * columns }
        return first..<lowerBound(indices.count) { indices[$0] < (row + 1) * columns }
    }

    private func find(_ position: Int, _ layer: Candidates) -> Int? {
        guard let indices = layer.indices else { return position }
        let place = lowerBound(indices.count) { indices[$0] < position }
        return place < indices.count && indices[place] == position ? place : nil
    }

    /// The first number for which `isBelow` is false.
    func lowerBound(_ count: Int, _ isBelow: (Int) -> Bool) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if isBelow(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
