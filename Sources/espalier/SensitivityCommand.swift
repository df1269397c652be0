import ArgumentParser
import Foundation
import Training

struct SensitivityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sensitivity",
        abstract: "Measure how the figure falls as each layer alone is cut, at ten levels.",
        discussion:
            "Cut by the recipe's criterion and granularity, measured at once on the validation samples. A run keeps the result "
            + "as sensitivity.json, which distribution 'sensitivity' reads.")

    @OptionGroup var target: AnalysisTarget
    @Option(help: "Levels of sparsity, with commas between (default: 0 to 0.99, ten of them).")
    var levels: String?
    @Option(help: "Write the result to this file too.")
    var output: String?
    @Flag(help: "Replace the output where it is there.")
    var force = false
    @Flag(help: "Print one JSON line.")
    var json = false

    private func chosen() throws -> [Double] {
        guard let levels else { return Sensitivity.levels }
        let numbers = levels.split(separator: ",").map { Double($0) ?? .nan }
        guard !numbers.isEmpty, numbers.allSatisfy({ (0...0.9999).contains($0) }), Set(numbers).count == numbers.count
        else {
            throw ValidationError("--levels is \(levels); accepted: different numbers from 0 to 0.9999, commas between")
        }
        return numbers.sorted()
    }

    func validate() throws { _ = try chosen() }

    func run() throws {
        do {
            let place = try output.map { try OutputPlace.free($0, force: force) }
            let (subject, _) = try target.open()
            let shown = Locked(0)
            let found = try Sensitivity.sweep(
                subject, levels: chosen(), workers: target.workers, timesLayers: true,
                progress: { done, all in
                    // Ten lines, however many there are.
                    let tenth = 10 * done / all
                    let isNew = shown.withLock { last in
                        defer { last = max(last, tenth) }
                        return tenth > last
                    }
                    if isNew { Output.error("espalier: measured \(done) of \(all)") }
                })!
            // Before it is kept: what took so long is seen also where nothing can be written.
            json ? Output.json(found.json) : print(found, subject.figure)
            if let place { try found.write(to: place) }
            if let path = target.runFile("sensitivity.json") {
                try found.write(to: path)
                Output.error("espalier: kept as \(path)")
            }
        } catch {
            throw Exit.report(error)
        }
    }

    private func print(_ found: Sensitivity, _ figure: FigureFormat) {
        Output.line(
            "\(figure.validation) \(figure.text(found.value)) ±\(figure.width(found.margin)) of \(found.count), step \(found.step); "
                + "each layer alone cut by \(found.criterion), \(found.granularity); change and half of its 95 % interval"
        )
        let levels = found.layers.first?.points.map(\.level) ?? []
        Output.line(
            Columns.left("layer", 16) + Columns.right("weights", 10)
                + levels.map { Columns.right(String(format: "%g %%", 100 * $0), 9) }.joined())
        for layer in found.layers {
            Output.line(
                Columns.left(layer.name, 16) + Columns.right("\(layer.weights)", 10)
                    + layer.points.map { Columns.right(signed($0.difference, figure), 9) }.joined())
            Output.line(
                Columns.left("", 26)
                    + layer.points.map { Columns.right("±" + figure.width($0.differenceMargin), 9) }.joined())
        }
    }

    private func signed(_ value: Double, _ figure: FigureFormat) -> String {
        value == 0 ? figure.number(0) : figure.difference(value)
    }
}

/// Text in columns.
enum Columns {
    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
