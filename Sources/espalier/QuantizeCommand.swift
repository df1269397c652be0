import ArgumentParser
import Descriptors
import Devices
import Foundation
import Graph
import Interchange
import Training

/// A network of 8-bit integers of one of floats.
struct QuantizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize", abstract: "Make a network of 8-bit integers, and say what that loses.",
        discussion:
            "Weights get one scale a row, activations one a tensor, by their values on training samples. Zero stays zero. "
            + "'evaluate', 'run' and 'inspect' take the file, and compute with integers alone.")

    @Argument(help: "Folder of a run, a safetensors file that Espalier kept, or an ONNX model (with --data).")
    var target: String
    @Option(
        help: ArgumentHelp(
            "How ranges of activations are chosen: "
                + RangeChoices.all.map { $0.descriptor.name }.joined(separator: ", ")
                + ". A number behind it: percentile=99.9. Default: as the network was trained, else the first.",
            valueName: "name"))
    var calibrate: String?
    @Option(help: "Training samples that ranges are measured on (default: 512).")
    var samples: WholeNumber?
    @Flag(help: "Train under the rounding before, masks kept; see --epochs, --steps, --rate.")
    var finetune = false
    @Option(help: "Epochs of --finetune (default: 1).")
    var epochs: WholeNumber?
    @Option(help: "Steps of --finetune, in place of epochs.")
    var steps: WholeNumber?
    @Option(help: "Learning rate that --finetune begins with (default: half of the recipe's of a retraining).")
    var rate: Double?
    @Option(help: "The file to write; its name ends in .safetensors.")
    var output: String
    @OptionGroup var modelOptions: ModelDataOptions
    @Flag(help: "Replace the output where it is there.")
    var force = false
    @Flag(help: "Print JSON, one line a node and one for all.")
    var json = false
    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var threadOptions: ThreadOptions

    /// Images that the error of each node is measured on.
    private static let errorImages = 32

    func validate() throws {
        _ = try samples?.value(of: "--samples", in: 1...1_000_000)
        guard output.hasSuffix(".safetensors") else {
            throw ValidationError("--output is \(output); accepted: a name that ends in .safetensors")
        }
        do { _ = try calibration()?.range } catch { throw ValidationError("\(error)") }
        _ = try epochs?.value(of: "--epochs", in: 1...100_000)
        _ = try steps?.value(of: "--steps", in: 1...10_000_000)
        if let rate, !(rate > 0 && rate <= 100) {
            throw ValidationError("--rate is \(rate); accepted: a number above 0, at most 100")
        }
        let given = [("--epochs", epochs != nil), ("--steps", steps != nil), ("--rate", rate != nil)].filter(\.1)
        if !finetune, let first = given.first { throw ValidationError("\(first.0) is for --finetune") }
        if epochs != nil, steps != nil { throw ValidationError("--epochs and --steps: accepted: one of them") }
    }

    /// What is said of ranges; nil: nothing.
    private func calibration() throws -> QuantizationChoice? {
        guard let calibrate else { return nil }
        let parts = calibrate.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var choice = Recipe.Choice(parts.first ?? "")
        if parts.count == 2 {
            let parameter = RangeChoices.all.first { $0.descriptor.name == parts[0] }?.descriptor.parameters.first
            guard let number = Double(parts[1]), let parameter else {
                throw ArgumentError.outOfRange(
                    name: "calibrate", of: "quantize", value: calibrate, accepted: "a name, or percentile=NUMBER")
            }
            choice.values[parameter.name] = .number(number)
        }
        return try QuantizationChoice(calibrate: choice, samples: sampleCount)
    }

    private var sampleCount: Int { get throws { try samples?.value(of: "--samples", in: 1...1_000_000) ?? 512 } }

    func run() throws {
        do {
            let path = try OutputPlace.free(output, force: force)
            let opened = try OpenedNetwork(
                target, threads: threadOptions.count, capacity: 256,
                data: dataOptions.choice, changes: modelOptions.changes)
            let plan = try opened.plan(dataOptions.choice)
            try quantize(opened, plan, to: path)
        } catch {
            throw Exit.report(error)
        }
    }

    /// A network of integers with its figure.
    private struct Made {
        let quantizer: Quantizer
        let network: QuantizedNetwork
        let reading: Reading
    }

    private func quantize(_ opened: OpenedNetwork, _ plan: TrainingPlan, to path: String) throws {
        let network = opened.network, calibration = try calibration()
        let before = try plan.measure(network, onTest: false, normalization: opened.normalization)
        // Before its last layer answers in other units.
        let tuning = finetune ? try tuning(opened, plan, calibration) : nil
        try network.answerInOwnUnits(opened.targetScale, path: target)
        let images = try plan.calibrationImages(
            sampleCount, shape: network.graph.input, normalization: opened.normalization)
        var notes: [String] = []
        func made(_ network: Network, _ known: [TensorRange]?, _ choice: (any RangeChoice)?) throws -> Made {
            let made = try opened.integers(network, images, choice, known: known, notes: &notes)
            return Made(
                quantizer: made.quantizer, network: made.network,
                reading: try plan.measure(
                    made.network, onTest: false, normalization: opened.normalization,
                    threads: threadOptions.count))
        }
        var readings = [("floats", before)]
        var last = try made(network, opened.ranges, try calibration?.range)
        if let tuning {
            let (untuned, itsNotes) = (last, notes)
            notes = []
            try tuning.train(steps: steps(plan))
            let tuned = tuning.network(capacity: network.capacity)
            try tuned.answerInOwnUnits(opened.targetScale, path: target)
            last = try made(tuned, tuning.ranges, nil)
            readings += [("8 bits before fine-tuning", untuned.reading), ("8 bits after fine-tuning", last.reading)]
            let (now, then) = (last.reading.value, untuned.reading.value)
            // Also where it is no number any more.
            if !(plan.figure.format.isHigherBetter ? now >= then : now <= then) {
                last = untuned
                notes =
                    itsNotes + ["fine-tuning made it worse: the file has the network of before; try a smaller --rate"]
            }
        } else {
            readings.append(("8 bits", last.reading))
        }
        let errors = QuantizationError.all(last.quantizer, last.network, Array(images.prefix(Self.errorImages)))
        let kept = QuantizedKept(
            last.network, recipe: opened.recipe, normalization: opened.normalization ?? plan.data.normalization,
            identity: opened.dataIdentity ?? DataIdentity(plan.data), step: opened.step)
        try kept.write(to: path)
        let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        for note in notes { Output.error("espalier: \(note)") }
        let floatBytes = network.layers.reduce(0) { $0 + $1.bytes }
        report(plan, readings, last.reading, errors, last.network, floatBytes: floatBytes, bytes, path)
    }

    private func tuning(
        _ opened: OpenedNetwork, _ plan: TrainingPlan, _ calibration: QuantizationChoice?
    ) throws -> QuantizedFineTuning {
        let network = AnalysedNetwork(
            plan: plan, graph: opened.network.graph, layers: opened.layers,
            parameters: opened.network.parameters.map { $0.state(withSlots: false) },
            normalization: opened.normalization, step: opened.step)
        return try QuantizedFineTuning(
            network, calibration ?? QuantizationChoice(calibrate: nil, samples: sampleCount), rate: rate,
            team: opened.network.team)
    }

    private func steps(_ plan: TrainingPlan) throws -> Int {
        try steps?.value(of: "--steps", in: 1...10_000_000)
            ?? plan.stepsPerEpoch * (epochs?.value(of: "--epochs", in: 1...100_000) ?? 1)
    }

    private func report(
        _ plan: TrainingPlan, _ readings: [(name: String, reading: Reading)], _ after: Reading,
        _ errors: [QuantizationError],
        _ made: QuantizedNetwork, floatBytes: Int, _ bytes: Int, _ path: String
    ) {
        let weights = QuantizedFile.weightBytes(made)
        // The worst by themselves: what comes before is not their fault.
        let worst = errors.sorted { $0.own < $1.own }.prefix(3)
        if json {
            for error in errors {
                Output.json([
                    "kind": .text(error.kind), "node": .text(error.node), "own_decibels": .number(error.own),
                    "total_decibels": .number(error.total),
                ])
            }
            var tuning: [String: JSONValue] = [:]
            if readings.count == 3 {
                tuning["before_fine_tuning"] = .number(readings[1].reading.value)
                tuning["after_fine_tuning"] = .number(readings[2].reading.value)
            }
            Output.json(
                [
                    "after": .number(after.value), "before": .number(readings[0].reading.value), "bytes": .whole(bytes),
                    "count": .whole(after.count), "float_weight_bytes": .whole(floatBytes),
                    "loses_most": .list(worst.map { .text($0.node) }), "weight_bytes": .whole(weights),
                ].merging(tuning) { own, _ in own })
            return
        }
        let format = plan.figure.format
        for (name, reading) in readings {
            Output.line("\(name): validation \(format.named(reading.value)) ±\(format.width(reading.margin))")
        }
        Output.line("signal over noise, of the node alone and with all before it; 6 dB are one bit")
        for error in errors {
            Output.line(
                "  \(error.node) (\(error.kind))"
                    + String(format: "  %.1f dB  %.1f dB", error.own, error.total))
        }
        Output.line(
            "loses most: " + worst.map { "\($0.node) " + String(format: "%.1f dB", $0.own) }.joined(separator: ", "))
        Output.line("weights and places \(weights) bytes; in memory, as floats, \(floatBytes)")
        Output.line("\(path): \(bytes) bytes")
    }
}
