import Terminal
import Training

/// An entry of the history with what it cost and gave.
struct ComparedEntry: Equatable {
    var event: Int
    var label: String
    var step: Int
    var figure: Double?
    /// Nil where it is not known: of an entry that an older version wrote.
    var sparsity: Double?
    var fileBytes: Int?
    var multiplyAdds: Int?
    /// Of one image; nil: not measured.
    var latency: HistoryTimes.Time?
    /// Weights kept, by layer.
    var kept: [Int]?
    var isCurrent: Bool
    /// The network as it is now.
    var isLive = false
    /// No other entry is as small and as good.
    var isOnFront = false
}

extension Scene {
    /// The history of this run, oldest first. What an entry kept is known of cuts; training between them changes no mask.
    var compared: [ComparedEntry] {
        var kept: [Int]? = nil
        var sparsity: Double? =
            snapshot.history.first?.kind == .start && snapshot.history.first?.label == "dense" ? 0 : nil
        let cuts = Dictionary(snapshot.cuts.map { ($0.event, $0.sparsity) }) { $1 }
        var entries: [ComparedEntry] = []
        for entry in snapshot.history {
            if entry.kind == .start {
                kept = entry.kept ?? (sparsity == 0 ? snapshot.layers.map(\.weights) : nil)
            } else if entry.kind != .trained {
                kept = entry.kept
                sparsity = cuts[entry.event]
            }
            var compared = ComparedEntry(
                event: entry.event, label: entry.label, step: entry.step, figure: entry.figure, sparsity: sparsity,
                isCurrent: entry.isCurrent)
            if let kept, kept.count == snapshot.layers.count { fill(&compared, kept) }
            entries.append(compared)
        }
        // The newest entry that was not undone is what the network came from.
        if let last = entries.lastIndex(where: \.isCurrent) {
            entries[last].isLive = true
            fill(&entries[last], snapshot.layers.map(\.kept))
            if let now = readingNow, !isOld(now.step) || entries[last].figure == nil {
                entries[last].figure = now.value
            }
        }
        for index in entries.indices {
            entries[index].isOnFront = isOnFront(entries[index], entries, state.compare.cost)
        }
        return entries
    }

    private func fill(_ entry: inout ComparedEntry, _ kept: [Int]) {
        let nnz = kept.reduce(0, +)
        entry.kept = kept
        entry.sparsity = snapshot.weights == 0 ? nil : 1 - Double(nnz) / Double(snapshot.weights)
        entry.latency = state.answers.latency(kept, weights: snapshot.weights)
        entry.multiplyAdds = zip(snapshot.layers, kept).reduce(0) { $0 + $1.0.uses * $1.1 }
        entry.fileBytes =
            Payload.bytes(
                zip(snapshot.layers, kept).map { layer, kept in
                    (layer.weights, kept, kept == layer.weights, layer.rows, 0)
                })
            // Biases and what other nodes keep are the same in each.
            + max(0, snapshot.denseFileBytes - 4 * snapshot.weights)
    }

    func isOnFront(_ entry: ComparedEntry, _ all: [ComparedEntry], _ axis: Cost) -> Bool {
        guard let value = entry.figure, let cost = axis.value(entry) else { return false }
        return !all.contains { other in
            guard other != entry, let figure = other.figure, let price = axis.value(other) else {
                return false
            }
            let isAsGood = snapshot.figure.isHigherBetter ? figure >= value : figure <= value
            let isBetter = figure != value || price != cost
            return isAsGood && !axis.isBetter(cost, price) && isBetter
        }
    }

    /// Networks of the history whose time for one image is not known, the newest first; what is at hand is measured itself.
    var untimed: [[Int]] {
        guard [state.compare.cost, state.compare.second].contains(.latency) else { return [] }
        var networks: [[Int]] = []
        for entry in compared.reversed() where networks.count < 32 {
            guard let kept = entry.kept, !networks.contains(kept) else { continue }
            if entry.latency.map({ $0.isExact || !entry.isLive }) ?? false { continue }
            networks.append(kept)
        }
        return networks
    }

    /// The entry under the cursor; the newest where none was chosen.
    var selectedEntry: ComparedEntry? {
        let entries = compared
        return entries.first { $0.event == state.compare.selected } ?? entries.last { $0.isLive } ?? entries.last
    }

    /// Those that are drawn beside this one. Figures of other data say nothing beside its own.
    var drawnRuns: [RunFigures] {
        otherRuns.filter { $0.otherData == nil && state.compare.shown.contains($0.name) }
    }

    /// Runs beside this one that have the same figure.
    var otherRuns: [RunFigures] {
        let name = snapshot.figure.isAccuracy ? nil : snapshot.figure.name
        return (state.answers.latest(RunsQuery.self)?.reply.runs ?? []).filter { !$0.isOwn && $0.figure == name }
    }
}
