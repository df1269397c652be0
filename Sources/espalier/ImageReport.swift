import Foundation
import Sparsity
import Text
import Training

/// What one image costs, by layer: multiply-adds with nothing skipped, with zero weights and with zero activations skipped,
/// and the time that was measured here.
struct ImageReport {
    private let names: [String]
    let operations: ImageOperations
    /// Why zero activations were not counted.
    private let reason: String?
    private let parts: AnswerTime.Parts?

    /// - Parameter isTimed: measures how long an image takes, on one thread.
    init(_ opened: OpenedNetwork, _ choice: RunData.Choice, isTimed: Bool) {
        let graph = opened.network.graph, arrays = GraphArrays(opened.network)
        names = opened.network.layers.map(\.name)
        var operations = ImageOperations(graph, arrays), reason: String?
        do {
            try operations.measure(
                opened.plan(choice), graph, arrays, normalization: opened.normalization, budget: 10_000_000_000)
        } catch {
            reason = "\(error)"
        }
        self.operations = operations
        self.reason = reason
        parts = isTimed ? AnswerTime(threads: 1).parts(graph, arrays) : nil
    }

    func printText() {
        Output.line("")
        Output.line(
            "multiply-adds of one image" + (parts == nil ? "" : "; µs of it, measured here on one thread"))
        var lines = [["layer", "dense", "zero weights skipped", "zero activations too"]]
        for (name, layer) in zip(names, operations.layers) {
            lines.append([name.visible, "\(layer.dense)", "\(layer.kept)", Self.count(layer.active)])
        }
        if operations.products > 0 {
            let count = "\(operations.products)"
            lines.append(["products of activations", count, count, count])
        } else if parts?.others != nil {
            lines.append(["other nodes", "", "", ""])
        }
        lines.append(["all", "\(operations.dense)", "\(operations.kept)", Self.count(operations.active)])
        if let parts {
            let others = lines.count == parts.layers.count + 3 ? [parts.others] : []
            let times = parts.layers.map { $0 as Double? } + others + [parts.whole]
            lines[0].append("µs")
            for (number, seconds) in times.enumerated() {
                lines[number + 1].append(seconds.map { String(format: "%.2f", 1e6 * $0) } ?? "–")
            }
        }
        let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        for line in lines {
            Output.line(
                line.enumerated().map { column, cell in
                    let blanks = String(repeating: " ", count: widths[column] - cell.count)
                    return column == 0 ? cell + blanks : "  " + blanks + cell
                }.joined())
        }
        if let reason {
            Output.line("zero activations: not measured: \(reason)")
        } else {
            Output.line("zero activations: measured on \(operations.images) training images")
        }
        Output.line("multiply-adds an image: \(operations.kept) of \(operations.dense) dense")
        if let parts {
            Output.line(String(format: "one image: %.3f ms, measured here, one thread", 1000 * parts.whole))
        }
    }

    private static func count(_ value: Double?) -> String { value.map { "\(Int($0.rounded()))" } ?? "–" }

    /// Fields of a layer's line.
    func json(_ number: Int) -> [String: JSONValue] {
        let layer = operations.layers[number]
        var fields = ["multiply_adds": Self.json(layer.dense, layer.kept, layer.active)]
        if let parts { fields["one_image_seconds"] = JSONValue.number(parts.layers[number]).inSixDigits }
        return fields
    }

    /// Fields of the whole network.
    var json: [String: JSONValue] {
        var fields = [
            "multiply_adds": Self.json(operations.dense, operations.kept, operations.active),
            "multiply_adds_of_products": .whole(operations.products),
            "activations_of_images": .whole(operations.images),
        ]
        if let parts {
            fields["one_image_seconds"] = JSONValue.number(parts.whole).inSixDigits
            fields["one_image_seconds_of_others"] = JSONValue.number(parts.others ?? .nan).inSixDigits
        }
        return fields
    }

    /// What is not known is null.
    private static func json(_ dense: Int, _ kept: Int, _ active: Double?) -> JSONValue {
        .object([
            "dense": .whole(dense), "zero_weights_skipped": .whole(kept),
            "zero_activations_skipped": .number(active ?? .nan),
        ])
    }
}
