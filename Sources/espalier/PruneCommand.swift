import ArgumentParser
import Foundation
import Graph
import Interchange
import Models
import Sparsity
import Text
import Training

struct PruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Cut a network once, make up for it without training, and write it.",
        discussion:
            "Parts are written as in a recipe: --criterion sparsegpt, or --criterion '{name: wanda, samples: 256}'.")

    @Argument(help: "Folder of a run, a safetensors file that Espalier kept, or an ONNX model (with --data).")
    var target: String
    @Option(help: "Share of the weights that are to be zero, at least 0 and below 1.")
    var sparsity: Double
    @Option(help: "What scores the weights; 'espalier list criterion' names all.")
    var criterion = "magnitude"
    @Option(help: "What is cut together.")
    var granularity = "weight"
    @Option(help: "How the target is split over layers.")
    var distribution = "global"
    @Option(help: "Exchanges weights of the mask: sparse-swaps or dsnot.")
    var refine: String?
    @Option(
        help:
            "What makes up for the cut, joined by commas; none: nothing (default: norm-statistics where there are any)."
    )
    var recover: String?
    @Option(help: "Steps that --recover distillation trains.")
    var steps: WholeNumber?
    @Option(help: "The file to write; .onnx, or .safetensors for a kept network.")
    var output: String
    @OptionGroup var modelOptions: ModelDataOptions
    @Flag(help: "Replace the output where it is there.")
    var force = false
    @Flag(help: "Print one JSON line.")
    var json = false
    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var threadOptions: ThreadOptions

    private typealias Measured = (reading: Reading, loss: Double)

    private static let endings = [".onnx", ".safetensors"]

    func validate() throws {
        guard sparsity >= 0, sparsity < 1 else {
            throw ValidationError("--sparsity is \(sparsity); accepted: a number from 0 to below 1")
        }
        let trains = recover?.contains(Recoveries.Distillation.descriptor.name) ?? false
        if try steps?.value(of: "--steps", in: 1...1_000_000) != nil, !trains {
            throw ValidationError("--steps is for --recover distillation")
        }
        guard Self.endings.contains(where: output.hasSuffix) else {
            throw ValidationError(
                "--output is \(output); accepted: a name that ends in \(Self.endings.joined(separator: " or "))")
        }
    }

    func run() throws {
        do {
            let path = try OutputPlace.free(output, isKept: output.hasSuffix(".safetensors"), force: force)
            let opened = try OpenedNetwork(
                target, threads: threadOptions.count, capacity: 256,
                data: dataOptions.choice, changes: modelOptions.changes)
            let plan = try opened.plan(dataOptions.choice)
            try prune(opened, plan, to: path)
        } catch {
            throw Exit.report(error)
        }
    }

    private func prune(_ opened: OpenedNetwork, _ plan: TrainingPlan, to path: String) throws {
        let masker = try masker(opened.recipe)
        guard opened.layers.map(\.total) == plan.layers.map(\.total) else {
            throw FileProblem(
                path: target, place: "layers", found: "other ones than its recipe makes", expected: "the same ones")
        }
        try masker.requireReachable(plan.layers)
        let network = CutNetwork(
            plan, layers: opened.layers, parameters: opened.network.parameters.map { $0.state(withSlots: false) },
            normalization: opened.normalization, team: opened.network.team)
        let recoveries = try recoveries(network)
        var figures = [("before", try measure(network, opened))]
        try network.cut(masker, sparsity: sparsity)
        try sayWhatIsMissing(network, masker)
        figures.append(("after the cut", try measure(network, opened)))
        for recovery in recoveries {
            try recovery.recover(network)
            figures.append(("after \(type(of: recovery).descriptor.name)", try measure(network, opened)))
        }
        let bytes = try write(network, opened, to: path)
        json ? printJSON(network, plan, figures, bytes) : printText(network, plan, figures, path, bytes)
    }

    /// What the granularity, the guard or limits of layers leave.
    private func sayWhatIsMissing(_ network: CutNetwork, _ masker: Masker) throws {
        let missing = try network.missing(masker, sparsity: sparsity)
        // Less is what rounding leaves in rows and layers.
        guard 1000 * missing > network.layers.reduce(0, { $0 + $1.total }) else { return }
        Output.error(
            "espalier: --sparsity is \(sparsity): \(missing) weights more would have to be zero; granularity "
                + "'\(type(of: masker.granularity).descriptor.name)', with a path from input to output, leaves no more to cut"
        )
    }

    /// As the network's own recipe would have it with these parts.
    private func masker(_ recipe: Recipe) throws -> Masker {
        var changes = [
            "criterion=\(criterion)", "granularity=\(granularity)", "distribution=\(distribution)", "method=none",
        ]
        if let refine { changes.append("refine=\(refine)") }
        let masker = try RecipeReader.read(
            recipe.yaml, file: "the recipe of \(target)", name: recipe.name, changes: changes,
            origins: ["criterion", "granularity", "distribution", "refine"].reduce(into: [:]) { $0[$1] = "--\($1)" }
        ).parts().masker
        for case .kept(let name) in masker.needs {
            throw AnalysisError(
                "criterion '\(type(of: masker.criterion).descriptor.name)' reads what method '\(name)' keeps while it trains, "
                    + "and 'prune' trains nothing")
        }
        return masker
    }

    private func recoveries(_ network: CutNetwork) throws -> [any Recovery] {
        guard let recover else { return try Recoveries.make(network.normalizes ? ["norm-statistics"] : []) }
        if recover == "none" { return [] }
        return try Recoveries.make(
            recover.split(separator: ",", omittingEmptySubsequences: false).map { String($0.drop { $0 == " " }) },
            steps: steps?.value(of: "--steps", in: 1...1_000_000))
    }

    private func measure(_ network: CutNetwork, _ opened: OpenedNetwork) throws -> Measured {
        try network.plan.measured(
            network.network(capacity: opened.network.capacity), onTest: false, normalization: opened.normalization)
    }

    private func write(_ network: CutNetwork, _ opened: OpenedNetwork, to path: String) throws -> Int {
        if path.hasSuffix(".onnx") {
            let answering = network.network(capacity: 1)
            try answering.answerInOwnUnits(opened.targetScale, path: target)
            let export = ModelExport(
                answering, frame: opened.frame, recipe: opened.recipe.name, step: opened.step)
            try AtomicFile.write(export.onnx(), to: path)
        } else {
            let plan = network.plan
            try KeptNetwork(
                layers: network.layers, parameters: network.parameters, recipe: opened.recipe, data: plan.data,
                classes: plan.outputs, input: plan.data.train.shape, step: opened.step
            ).write(to: path, graph: plan.graph)
        }
        return try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }

    private func zeros(_ network: CutNetwork) -> [(name: String, total: Int, kept: Int)] {
        network.layers.map { ($0.name, $0.total, $0.arrays.values.count) }
    }

    private func printText(
        _ network: CutNetwork, _ plan: TrainingPlan, _ figures: [(String, Measured)], _ path: String, _ bytes: Int
    ) {
        let format = plan.figure.format
        for (name, (reading, loss)) in figures {
            Output.line(
                "\(name): validation \(format.named(reading.value)) ±\(format.width(reading.margin)), "
                    + String(format: "loss %.4f", loss))
        }
        let layers = zeros(network)
        for layer in layers { Output.line(Self.line(layer.name, layer.kept, layer.total)) }
        Output.line(Self.line("all", layers.reduce(0) { $0 + $1.kept }, layers.reduce(0) { $0 + $1.total }))
        Output.line("\(path): \(bytes) bytes")
    }

    private static func line(_ name: String, _ kept: Int, _ total: Int) -> String {
        "\(name)  \(kept) of \(total) weights, "
            + "\(Percent.named(1 - Double(kept) / Double(max(1, total)), 2)) zeros"
    }

    private func printJSON(
        _ network: CutNetwork, _ plan: TrainingPlan, _ figures: [(String, Measured)],
        _ bytes: Int
    ) {
        let layers = zeros(network)
        let total = layers.reduce(0) { $0 + $1.total }, kept = layers.reduce(0) { $0 + $1.kept }
        Output.json([
            "bytes": .whole(bytes), "kept": .whole(kept), "total": .whole(total),
            "sparsity": .number(1 - Double(kept) / Double(max(1, total))),
            "figures": .list(
                figures.map { name, measured in
                    .object([
                        "when": .text(name), "validation": .number(measured.reading.value),
                        "margin": JSONValue(measured.reading.margin).inSixDigits,
                        "count": .whole(measured.reading.count), "loss": .number(measured.loss),
                    ])
                }),
            "layers": .list(
                layers.map { .object(["name": .text($0.name), "kept": .whole($0.kept), "total": .whole($0.total)]) }),
        ])
    }
}
