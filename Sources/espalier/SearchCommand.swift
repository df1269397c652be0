import ArgumentParser
import Foundation
import Interchange
import Text
import Training

struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find the largest sparsity at which a network keeps a floor of its figure.",
        discussion:
            "Bisection over targets of the recipe's criterion, granularity and distribution, each from the same weights: cut at "
            + "once, or with steps trained after it (--steps), and measured on validation. The figure is taken to fall as "
            + "zeros grow.")

    @OptionGroup var target: AnalysisTarget
    @Option(help: "What the figure of validation must keep, as in 'floor' of a recipe.")
    var floor: Double
    @Option(help: "Steps that are trained after each cut (default: 0, measured at once).")
    var steps: WholeNumber?
    @Option(help: "Difference between the sparsities that are told apart.")
    var tolerance = 0.005
    @Option(help: "Write the network that was found, as a .safetensors file.")
    var output: String?
    @Flag(help: "Replace the output where it is there.")
    var force = false
    @Flag(help: "Print one JSON line for each attempt and one for the result.")
    var json = false

    func validate() throws {
        _ = try steps?.value(of: "--steps", in: 0...1 << 32)
        guard (0.00001...0.5).contains(tolerance) else {
            throw ValidationError("--tolerance is \(tolerance); accepted: 0.00001 to 0.5")
        }
        guard floor.isFinite else { throw ValidationError("--floor is \(floor); accepted: a number") }
        if let output, !output.hasSuffix(".safetensors") {
            throw ValidationError("--output is \(output); accepted: a name that ends in .safetensors")
        }
    }

    func run() throws {
        do {
            let path = try output.map { try OutputPlace.free($0, isKept: true, force: force) }
            let (subject, _) = try target.open()
            let figure = subject.figure
            guard figure.floors.contains(floor) else {
                throw ValidationError("--floor is \(floor); accepted: \(figure.acceptedFloors)")
            }
            let steps = try steps?.value(of: "--steps", in: 0...1 << 32) ?? 0
            let search = try SparsitySearch(
                subject, floor: floor, steps: steps, tolerance: tolerance, threads: target.workers
            ) { attempt in
                json ? Output.json(fields(attempt, "attempt")) : Output.line(text(attempt, figure))
            }
            let best = search.attempts.filter(\.keepsFloor).max { $0.sparsity < $1.sparsity }!
            if json {
                Output.json(fields(best, "found"))
            } else {
                Output.line(
                    "largest within the \(figure.floorWord) \(figure.floor(floor)): \(Percent.named(best.sparsity, 2)) zeros, "
                        + "\(figure.validation) \(figure.text(best.reading.value)) ±\(figure.width(best.reading.margin)), "
                        + "\(search.best.nnz) weights, \(search.attempts.count) measured")
            }
            if let path {
                let found = search.best, plan = found.plan
                try KeptNetwork(
                    layers: found.layers, parameters: found.parameters, recipe: plan.recipe, data: plan.data,
                    classes: plan.outputs, input: plan.data.train.shape, step: found.step
                ).write(to: path, graph: found.graph)
                Output.error("espalier: kept as \(path)")
            }
        } catch {
            throw Exit.report(error)
        }
    }

    private func text(_ attempt: SparsitySearch.Attempt, _ figure: FigureFormat) -> String {
        "target " + Columns.right(Percent.text(attempt.target, 2), 6) + " %  zeros "
            + Columns.right(Percent.text(attempt.sparsity, 2), 6) + " %  "
            + "\(figure.validation) \(figure.text(attempt.reading.value)) ±\(figure.width(attempt.reading.margin))  "
            + (attempt.keepsFloor ? "kept" : "missed")
    }

    private func fields(_ attempt: SparsitySearch.Attempt, _ event: String) -> [String: JSONValue] {
        [
            "event": .text(event), "target": .number(attempt.target), "sparsity": .number(attempt.sparsity),
            "validation": .number(attempt.reading.value), "margin": JSONValue(attempt.reading.margin).inSixDigits,
            "count": .whole(attempt.reading.count), "keeps_floor": .flag(attempt.keepsFloor),
        ]
    }
}
