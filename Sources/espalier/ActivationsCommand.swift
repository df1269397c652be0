import ArgumentParser
import Foundation
import Graph
import Interchange
import Kernels
import Text
import Training

struct ActivationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activations",
        abstract: "Show how many activations are zero, and make more of them zero by thresholds.",
        discussion: """
            Of each ReLU: units, those that are zero for every sample, and the share of values that are zero, on the validation \
            samples. With --quantile or --budget each ReLU gets a threshold below which it gives zero (a FATReLU), found on 512 \
            training samples; with --keep a top-k lets the largest values alone stay of each that a linear layer reads. The table \
            then has both, the figure before and after, and the time of an answer to one image as it was measured.
            """)

    @Argument(help: "Folder of a run, a safetensors file that Espalier kept, or an ONNX model (with --data).")
    var target: String
    @Option(help: "Thresholds that make this share of each activation's values zero, as in 0.7.")
    var quantile: Double?
    @Option(
        help: "The largest thresholds that cost no more than this of the figure, as in 0.5 (percent of an accuracy).")
    var budget: Double?
    @Option(
        help: "The share of an activation's values that stays, the largest, as in 0.1, where a linear layer reads them."
    )
    var keep: Double?
    @Option(help: "Keep the network with its thresholds, or with its top-k, as this safetensors file.")
    var output: String?
    @Flag(help: "Replace the output where it is there.")
    var force = false
    @OptionGroup var modelOptions: ModelDataOptions
    @Flag(help: "Print one JSON line an activation, and one for all.")
    var json = false
    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var threadOptions: ThreadOptions

    func validate() throws {
        if [quantile, budget, keep].count(where: { $0 != nil }) > 1 {
            throw ValidationError("--quantile, --budget or --keep, one of them")
        }
        if let keep, !(1e-6...1).contains(keep) { throw ValidationError("--keep is \(keep); accepted: 0.000001 to 1") }
        if let quantile, !(0...0.999).contains(quantile) {
            throw ValidationError("--quantile is \(quantile); accepted: 0 to 0.999")
        }
        if let budget, !(budget >= 0 && budget.isFinite) {
            throw ValidationError("--budget is \(budget); accepted: 0 or more")
        }
        guard let output else { return }
        if quantile == nil, budget == nil, keep == nil {
            throw ValidationError("--output needs --quantile, --budget or --keep")
        }
        if !output.hasSuffix(".safetensors") {
            throw ValidationError("--output is \(output); accepted: a name that ends in .safetensors")
        }
    }

    func run() throws {
        do {
            let threads = threadOptions.count
            let opened = try OpenedNetwork(
                target, threads: threads, data: dataOptions.choice, changes: modelOptions.changes)
            let plan = try opened.plan(dataOptions.choice)
            let path = try output.map { try OutputPlace.free($0, isKept: true, force: force) }
            let finder = ActivationThresholds(
                plan, graph: opened.network.graph, layers: opened.layers,
                parameters: opened.network.parameters.map { $0.state(withSlots: false) },
                normalization: opened.normalization, team: opened.network.team)
            if keep != nil, finder.namesBeforeLinear.isEmpty {
                throw ValidationError(
                    "--keep: no linear layer reads a ReLU of this network; elsewhere zeros are not skipped")
            }
            let before = try finder.measure([:])
            var thresholds: ActivationThresholds.Thresholds?
            if let quantile { thresholds = try finder.thresholds(zeroing: quantile) }
            if let budget { thresholds = try finder.thresholds(losing: budget).thresholds }
            if keep != nil { thresholds = [:] }
            let after = try thresholds.map { try finder.measure($0, keeping: keep) }
            let seconds = try finder.secondsPerImage([:], thresholds ?? [:], keeping: keep)
            show(before.activations, after?.activations, thresholds, kept: finder.namesBeforeLinear)
            show(before.figure, after?.figure, seconds, plan)
            guard let path, let thresholds else { return }
            var kept = KeptNetwork(
                layers: opened.layers, parameters: opened.network.parameters.map { $0.state(withSlots: false) },
                recipe: opened.recipe, data: plan.data, classes: plan.outputs, input: plan.data.train.shape,
                step: opened.step)
            kept.hasOwnGraph = true
            try kept.write(to: path, graph: finder.graph(thresholds, keeping: keep))
            if !json { Output.line("kept as \(path)") }
        } catch {
            throw Exit.report(error)
        }
    }

    private func show(
        _ before: [UnitActivity], _ after: [UnitActivity]?, _ thresholds: ActivationThresholds.Thresholds?,
        kept: [String]
    ) {
        func cell(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(1, width - text.count)) + text
        }
        if !json {
            var head = "activation     of layer      units   dead     zeros"
            if after != nil { head += (keep == nil ? "   threshold" : "        kept") + "     zeros" }
            Output.line(head)
        }
        for activity in before {
            let now = after?.first { $0.node == activity.node }
            let isKept = keep != nil && kept.contains(activity.node)
            if json {
                var line: [String: JSONValue] = [
                    "activation": .text(activity.node), "units": .whole(activity.rates.count),
                    "dead": .whole(activity.deadUnits),
                    "zeros": .number(activity.zeroShare), "rates": .list(activity.rates.map { .number(Double($0)) }),
                ]
                if let layer = activity.layer { line["layer"] = .text(layer) }
                if let now, keep == nil {
                    line["threshold"] = .number(Double(thresholds?[activity.node] ?? 0))
                    line["zeros_with_threshold"] = .number(now.zeroShare)
                } else if let now {
                    line["kept"] = .number(isKept ? keep! : 1)
                    line["zeros_with_top_k"] = .number(now.zeroShare)
                }
                Output.json(line)
                continue
            }
            func left(_ text: String, _ width: Int) -> String {
                let text = text.visible
                return text + String(repeating: " ", count: max(1, width - text.count))
            }
            var line =
                left(activity.node, 15) + left(activity.layer ?? "–", 12) + cell("\(activity.rates.count)", 7)
                + cell("\(activity.deadUnits)", 7) + cell(Percent.named(activity.zeroShare), 10)
            if let now {
                let threshold = isKept ? keep! : Double(thresholds?[activity.node] ?? 0)
                line += cell(threshold == 0 ? "–" : String(format: "%.4g", threshold), 12)
                line += cell(Percent.named(now.zeroShare), 10)
            }
            Output.line(line)
        }
    }

    private func show(
        _ before: Reading, _ after: Reading?, _ seconds: (first: Double, second: Double)?, _ plan: TrainingPlan
    ) {
        let figure = plan.figure.format
        if json {
            var line: [String: JSONValue] = [figure.name.replacing("-", with: "_"): .number(before.value)]
            let changed = keep == nil ? "_with_thresholds" : "_with_top_k"
            if let after { line[figure.name.replacing("-", with: "_") + changed] = .number(after.value) }
            if let seconds {
                line["seconds_an_image"] = .number(seconds.first)
                if after != nil { line["seconds_an_image" + changed] = .number(seconds.second) }
            }
            return Output.json(line)
        }
        var text = "validation \(figure.named(before.value))"
        if let after { text += " → \(figure.named(after.value))" }
        if let seconds {
            text += String(format: "   one image %.1f µs", 1e6 * seconds.first)
            if after != nil {
                text += String(
                    format: " → %.1f µs, %.2f times as fast", 1e6 * seconds.second, seconds.first / seconds.second)
            }
        }
        Output.line(text)
    }
}
