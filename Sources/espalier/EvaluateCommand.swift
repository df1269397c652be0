import ArgumentParser
import Devices
import Foundation
import Interchange
import Training

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure the figure of a run, a kept network or an ONNX model on validation or test samples.",
        discussion: "The test set is for the end: a look at it counts.")

    @Argument(help: "Folder of a run, a safetensors file that Espalier kept, or an ONNX model (with --data).")
    var target: String
    @OptionGroup var modelOptions: ModelDataOptions
    @Option(help: "validation or test.")
    var on = "validation"
    @Flag(help: "Round the weights to half precision first, as a device that keeps 16 bits of each would have them.")
    var half = false
    @Flag(help: "Print one JSON line.")
    var json = false
    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var threadOptions: ThreadOptions

    func validate() throws {
        guard ["validation", "test"].contains(on) else {
            throw ValidationError("--on is \(on); accepted: validation, test")
        }
    }

    func run() throws {
        do {
            let path = HomeFolder.find(target)
            if QuantizedFile.isOne(path) { return try integers(path) }
            let opened = try OpenedNetwork(
                target, threads: threadOptions.count, capacity: 256,
                data: dataOptions.choice, changes: modelOptions.changes)
            if half { opened.network.roundToHalf() }
            let plan = try opened.plan(dataOptions.choice)
            let reading = try plan.measure(opened.network, onTest: on == "test", normalization: opened.normalization)
            report(reading, plan, step: opened.step)
        } catch {
            throw Exit.report(error)
        }
    }

    /// A quantised network, by integer arithmetic.
    private func integers(_ path: String) throws {
        guard modelOptions.changes.isEmpty, !half else {
            throw ValidationError("--set and --half are for networks of floats; \(target) is one of 8-bit integers")
        }
        let kept = try QuantizedKept.read(path)
        let plan = try kept.plan(in: Files.folder(of: path), choice: dataOptions.choice)
        let reading = try plan.measure(
            kept.network, onTest: on == "test", normalization: kept.normalization,
            threads: threadOptions.count)
        report(reading, plan, step: kept.step, isInteger: true)
    }

    private func report(_ reading: Reading, _ plan: TrainingPlan, step: Int, isInteger: Bool = false) {
        let figure = plan.figure.format
        if json {
            Output.json([
                figure.name.replacing("-", with: "_"): .number(reading.value), "count": .whole(reading.count),
                "half": .flag(half),
                "on": .text(on), "step": .whole(step),
            ])
        } else {
            Output.line(
                "\(on) \(figure.named(reading.value)) ±\(figure.width(reading.margin)) of \(reading.count) "
                    + "\(plan.data.train.shape.isFlat ? "samples" : "images"), step \(step)"
                    + (half ? ", weights of half precision" : "") + (isInteger ? ", 8-bit integers" : ""))
        }
    }
}
