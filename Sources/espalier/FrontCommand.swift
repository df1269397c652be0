import ArgumentParser
import Foundation
import Interchange
import Sparsity
import Terminal
import Text
import Training

struct FrontCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "front",
        abstract: "Set networks beside each other: their figure against sparsity, bytes, multiply-adds and latency.",
        discussion:
            "One point for each run or file; of a single one its cuts at ten levels too, at once and by its recipe's criterion. "
            + "A star marks what no other point beats. Measured on validation; the latency is of one image on one thread."
    )

    @Argument(help: "Folders of runs, safetensors files that Espalier kept, or ONNX models (with --data).")
    var targets: [String]
    @Option(
        name: .customLong("set"),
        help: "Of an ONNX model: how data and cuts are to be taken, as in criterion=random; may be repeated.")
    var changes: [String] = []
    @Option(help: "What the figure is set against: sparsity, bytes, multiply-adds or latency.")
    var against = Cost.sparsity
    @Flag(help: "Print one JSON line for each point.")
    var json = false
    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var threadOptions: ThreadOptions

    enum Cost: String, ExpressibleByArgument, CaseIterable {
        case sparsity, bytes, latency
        case multiplyAdds = "multiply-adds"

        func of(_ point: FrontPoint) -> Double {
            switch self {
            case .sparsity: 100 * (1 - point.sparsity)
            case .bytes: Double(point.bytes)
            case .multiplyAdds: Double(point.multiplyAdds)
            case .latency: point.latencyMicroseconds
            }
        }
        /// Of the axis of the chart.
        var title: String {
            switch self {
            case .sparsity: "weights left, %"
            case .bytes: "bytes of the file"
            case .multiplyAdds: "multiply-adds an image"
            case .latency: "microseconds an image"
            }
        }
    }

    func run() throws {
        do {
            let threads = threadOptions.count
            var points: [FrontPoint] = []
            var figure: FigureFormat?
            var data: DataIdentity?
            for target in targets {
                let opened = try OpenedNetwork(
                    target, threads: threads, capacity: 256, data: dataOptions.choice, changes: changes)
                let subject = try opened.analysed(dataOptions.choice)
                guard figure == nil || figure == subject.figure else {
                    throw AnalysisError(
                        "\(target) has the figure \(subject.figure.name), the first one \(figure!.name)")
                }
                figure = subject.figure
                if targets.count > 1 {
                    let own = DataIdentity(subject.plan.data)
                    guard data?.hasSameSamples(as: own) ?? true else {
                        throw AnalysisError(
                            "\(target) is measured on other data (\(own.name ?? "?")) than the first one (\(data?.name ?? "?"))"
                        )
                    }
                    data = data ?? own
                }
                points.append(FrontPoint(Files.name(of: target), subject)!)
                if targets.count == 1 { points += try cuts(of: subject, threads) }
            }
            for point in points where json { Output.json(fields(point, points, figure!)) }
            if !json { print(points, figure!) }
        } catch {
            throw Exit.report(error)
        }
    }

    private func cuts(of subject: AnalysedNetwork, _ threads: Int) throws -> [FrontPoint] {
        try Sensitivity.levels.filter { $0 > subject.sparsity }.map { level in
            FrontPoint(
                String(format: "cut %g %%", 100 * level), subject,
                layers: try subject.layers(cutTo: level, threads: threads))!
        }
    }

    private func isOnFront(_ point: FrontPoint, _ points: [FrontPoint], _ figure: FigureFormat) -> Bool {
        !points.contains { point.isBeaten(by: $0, isHigherBetter: figure.isHigherBetter, cost: against.of) }
    }

    private func fields(_ point: FrontPoint, _ points: [FrontPoint], _ figure: FigureFormat) -> [String: JSONValue] {
        [
            "label": .text(point.label), "sparsity": .number(point.sparsity), "nnz": .whole(point.nnz),
            "bytes": .whole(point.bytes), "multiply_adds": .whole(point.multiplyAdds),
            "latency_microseconds": JSONValue(point.latencyMicroseconds).inSixDigits,
            "figure": .text(figure.name), "validation": .number(point.reading.value),
            "margin": JSONValue(point.reading.margin).inSixDigits, "count": .whole(point.reading.count),
            "gap": JSONValue(point.gap).inSixDigits, "front": .flag(isOnFront(point, points, figure)),
            "against": .text(against.rawValue),
        ]
    }

    private func print(_ points: [FrontPoint], _ figure: FigureFormat) {
        Output.line(
            Columns.left("  network", 22) + Columns.right("zeros", 9) + Columns.right("weights", 11)
                + Columns.right("bytes", 11) + Columns.right("mult-adds", 12) + Columns.right("µs/image", 10)
                + Columns.right(figure.validation, 18) + Columns.right("train − val", 13))
        for point in points {
            Output.line(
                Columns.left((isOnFront(point, points, figure) ? "* " : "  ") + point.label, 22)
                    + Columns.right(Percent.named(point.sparsity, 2), 9)
                    + Columns.right("\(point.nnz)", 11) + Columns.right("\(point.bytes)", 11)
                    + Columns.right("\(point.multiplyAdds)", 12)
                    + Columns.right(String(format: "%.1f", point.latencyMicroseconds), 10)
                    + Columns.right(
                        figure.text(point.reading.value) + " ±" + figure.width(point.reading.margin), 18)
                    + Columns.right(figure.difference(point.gap), 13))
        }
        if points.count > 1 { Output.lines("\n" + chart(points, figure)) }
    }

    /// Points over what they cost, less to the left; costs by their logarithm.
    private func chart(_ points: [FrontPoint], _ figure: FigureFormat) -> String {
        let costs = points.map { log10(max(1e-9, against.of($0))) }
        var x = Axis.around(costs, count: 6) { Self.short(pow(10, $0)) }
        if x.range.lowerBound == x.range.upperBound { x = Axis(range: costs[0] - 1...costs[0] + 1) }
        let y = Axis.around(points.map(\.reading.value), count: 5)
        var grid = CellGrid(width: 78, height: 18)
        let scatter = Scatter(
            points: zip(points, costs).map { point, cost in
                Scatter.Point(
                    x: cost, y: point.reading.value, glyph: isOnFront(point, points, figure) ? "●" : "○")
            }, x: x, y: y)
        _ = scatter.draw(into: &grid, Rect(x: 0, y: 0, width: 78, height: 18))
        return "\(figure.validation) against \(against.title) (logarithmic); ● on the front\n" + grid.text
    }

    private static func short(_ value: Double) -> String {
        switch value {
        case 1e9...: String(format: "%.3gG", value / 1e9)
        case 1e6..<1e9: String(format: "%.3gM", value / 1e6)
        case 1e3..<1e6: String(format: "%.3gk", value / 1e3)
        default: String(format: "%.3g", value)
        }
    }
}
