import ArgumentParser
import Graph
import Interchange
import Models
import Training

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Say what an ONNX file holds and whether it runs here.",
        discussion: "All that is unsupported is named at once; the status is 65 where the model cannot run.")

    @Argument(help: "An ONNX file.")
    var file: String
    @Option(
        name: .customLong("input-shape"),
        help:
            "Axes of one sample that the file leaves free, as in 3x224x224; of one input among several NAME=3x224x224.")
    var inputShapes: [String] = []
    @Flag(help: "Print JSON lines.")
    var json = false

    func run() throws {
        do {
            var options = ImportOptions()
            for given in inputShapes {
                let parts = given.split(separator: "=", maxSplits: 1)
                let sizes = parts[parts.count - 1].split(separator: "x", omittingEmptySubsequences: false)
                let axes = sizes.compactMap { Int($0) }
                guard axes.count == sizes.count, axes.allSatisfy({ $0 > 0 }), axes.count <= Shape.mostAxes else {
                    throw ValidationError("--input-shape is \(given); accepted: sizes as in 3x224x224")
                }
                options.inputShapes[parts.count == 2 ? String(parts[0]) : ""] = axes
            }
            let model = try Models.importModel(path: HomeFolder.find(file), options: options)
            json ? printJSON(model) : printText(model)
            if model.graph == nil { throw Exit.badInput }
        } catch {
            throw Exit.report(error)
        }
    }

    private func printText(_ model: ImportedModel) {
        Output.line(
            "\(model.path): ONNX of opset \(model.opset), IR \(model.irVersion)"
                + (model.producer.isEmpty ? "" : ", by \(model.producer)"))
        for input in model.inputs { Output.line("input   \(input.name)  \(input.fileShape)  \(input.kind)") }
        for output in model.outputs { Output.line("output  \(output.name)  \(output.fileShape)") }
        Output.line(
            "operators  "
                + model.operators.map { $0.count > 1 ? "\($0.type) ×\($0.count)" : $0.type }.joined(separator: ", "))
        let trained = model.trainedParameters
        let weights = model.weights.values.reduce(0) { $0 + $1.count }
        let others =
            trained.reduce(0) { $0 + (model.parameters[$1]?.count ?? 0) }
            + model.biases.values.reduce(0) { $0 + $1.count }
        Output.line(
            "prunable  \(weights) weights in \(model.prunable.count) layers"
                + (model.prunable.isEmpty ? "" : ": " + Self.shortened(model.prunable)))
        Output.line("trains  \(others) other values (biases, normalisation)")
        for fact in model.facts { Output.line("note  \(fact)") }
        if model.prunable.isEmpty, model.graph != nil { Output.line("note  it holds no weights that could be pruned") }
        for problem in model.problems { Output.line("unsupported  \(problem)") }
        for (name, wrong, count) in model.notFinite {
            Output.line(
                "cannot be trained  tensor \(FileProblem.quote(name)): \(wrong) of \(count) numbers are NaN or infinite"
            )
        }
        guard let graph = model.graph else { return }
        let forward = graph.nodes.filter { $0.op.traits.contains(.hasNoGradient) }.map(\.name)
        if !forward.isEmpty { Output.line("cannot be trained  \(Self.shortened(forward)): no gradient") }
        Output.line("it runs")
    }

    private func printJSON(_ model: ImportedModel) {
        Output.json([
            "opset": .whole(model.opset), "producer": .text(model.producer), "runs": .flag(model.graph != nil),
            "inputs": .list(model.inputs.map { .text("\($0.name) \($0.fileShape)") }),
            "outputs": .list(model.outputs.map { .text("\($0.name) \($0.fileShape)") }),
            "operators": .list(model.operators.map { .text("\($0.type) \($0.count)") }),
            "prunable": .list(model.prunable.map { .text($0) }), "notes": .list(model.facts.map { .text($0) }),
            "not_finite": .list(model.notFinite.map { .text("\($0.name) \($0.wrong)") }),
            "unsupported": .list(model.problems.map { .text("\($0)") }),
        ])
    }

    private static func shortened(_ names: [String]) -> String {
        names.prefix(12).joined(separator: ", ") + (names.count > 12 ? " and \(names.count - 12) more" : "")
    }
}
