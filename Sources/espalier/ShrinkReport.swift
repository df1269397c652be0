import Foundation
import Graph
import Sparsity
import Text

/// What became of a network that was shrunk.
struct ShrinkReport {
    private let before: (graph: Graph, arrays: GraphArrays)
    private let shrunk: ShrunkNetwork
    private let seconds: (before: Double, after: Double)
    private let distance: AnswerDistance

    init(
        before: (Graph, GraphArrays), _ shrunk: ShrunkNetwork, seconds: (before: Double, after: Double)
    ) {
        self.before = before
        self.shrunk = shrunk
        self.seconds = seconds
        distance = AnswerDistance(shrunk.masked, (shrunk.graph, shrunk.arrays))
    }

    private struct Row {
        let name: String
        let before: WeightShape
        /// Nil where the layer is gone.
        let after: WeightShape?
    }

    private var rows: [Row] {
        let left = Dictionary(
            shrunk.graph.nodes.compactMap { node in node.ownWeights.map { (node.name, $0) } }, uniquingKeysWith: { $1 })
        return before.graph.nodes.compactMap { node in
            node.ownWeights.map { Row(name: node.name, before: $0, after: left[node.name]) }
        }
    }

    private var amounts: [(name: String, before: Int, after: Int)] {
        [
            ("parameters", before.graph.parameterCount, shrunk.graph.parameterCount),
            ("multiply-adds", before.graph.multiplyAdds, shrunk.graph.multiplyAdds),
        ]
    }

    private var kept: [UnitRemoval.Stay] { shrunk.stays }

    func printText() {
        Output.line("layer                    rows            reads            weights")
        for row in rows {
            Output.line(
                pad(row.name.visible, 21) + arrow(row.before.rows, row.after?.rows ?? 0, 14)
                    + arrow(row.before.channels, row.after?.channels ?? 0, 17)
                    + arrow(row.before.weights, row.after?.weights ?? 0, 24))
        }
        for amount in amounts {
            Output.line(
                "\(amount.name) \(amount.before) → \(amount.after) "
                    + "(\(Percent.named(Double(amount.after) / Double(max(1, amount.before)))))")
        }
        Output.line(
            String(
                format: "one image %.1f µs → %.1f µs, measured: %.2f times as fast", seconds.before * 1e6,
                seconds.after * 1e6, seconds.before / seconds.after))
        let idle = shrunk.idle.count, chosen = shrunk.chosen?.count ?? 0
        Output.line("units gone: \(idle) that did nothing" + (shrunk.chosen == nil ? "" : ", \(chosen) for the target"))
        if let gone = shrunk.layers?.gone, !gone.isEmpty {
            Output.line("layers gone, the same for every sample: \(gone.joined(separator: ", "))")
        }
        for stay in kept { Output.line("stays: \(stay.count) that do nothing: \(stay.reason)") }
        let difference = String(format: "%.1e of the largest answer", distance.relative)
        if shrunk.approximations.isEmpty {
            Output.line(
                "same function as \(shrunk.chosen == nil ? "before" : "with these units masked"): answers differ by \(difference)"
            )
        } else {
            Output.line("not the same function: answers differ by \(difference)")
            for reason in shrunk.approximations { Output.line("  \(reason)") }
        }
    }

    func printJSON() {
        for row in rows {
            Output.json([
                "layer": .text(row.name), "rows_before": .whole(row.before.rows), "rows": .whole(row.after?.rows ?? 0),
                "channels_before": .whole(row.before.channels), "channels": .whole(row.after?.channels ?? 0),
                "weights_before": .whole(row.before.weights), "weights": .whole(row.after?.weights ?? 0),
            ])
        }
        Output.json([
            "parameters_before": .whole(amounts[0].before), "parameters": .whole(amounts[0].after),
            "multiply_adds_before": .whole(amounts[1].before), "multiply_adds": .whole(amounts[1].after),
            "seconds_before": .number(seconds.before), "seconds": .number(seconds.after),
            "idle": .whole(shrunk.idle.count), "chosen": .whole(shrunk.chosen?.count ?? 0),
            "is_exact": .flag(shrunk.approximations.isEmpty), "difference": .number(Double(distance.relative)),
            "approximations": .list(shrunk.approximations.map { .text($0) }),
            "stays": .list(kept.map { .text("\($0.count): \($0.reason)") }),
        ])
    }

    private func arrow(_ before: Int, _ after: Int, _ width: Int) -> String {
        let text = before == after ? "\(before)" : "\(before) → \(after)"
        return pad(text, width)
    }
    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
