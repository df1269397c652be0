import ArgumentParser
import Descriptors
import Devices
import Foundation
import Interchange
import Models
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
                + ". A number behind it: percentile=99.9.", valueName: "name"))
    var calibrate = RangeChoices.all[0].descriptor.name
    @Option(help: "Training samples that ranges are measured on (default: 512).")
    var samples: WholeNumber?
    @Option(help: "The file to write; its name ends in .safetensors.")
    var output: String
    @OptionGroup var modelOptions: ModelDataOptions
    @Flag(help: "Replace the output where it is there.")
    var force = false
    @Flag(help: "Print JSON, one line a node and one for all.")
    var json = false
    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var runOptions: RunOptions

    /// Images that the error of each node is measured on.
    private static let errorImages = 32

    func validate() throws {
        _ = try samples?.value(of: "--samples", in: 1...1_000_000)
        guard output.hasSuffix(".safetensors") else {
            throw ValidationError("--output is \(output); accepted: a name that ends in .safetensors")
        }
        do { _ = try choice() } catch { throw ValidationError("\(error)") }
    }

    private func choice() throws -> any RangeChoice {
        let parts = calibrate.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return try RangeChoices.make(calibrate) }
        let parameter = RangeChoices.all.first { $0.descriptor.name == parts[0] }?.descriptor.parameters.first
        guard let number = Double(parts[1]), let parameter else {
            throw ArgumentError.outOfRange(
                name: "calibrate", of: "quantize", value: calibrate, accepted: "a name, or percentile=NUMBER")
        }
        return try RangeChoices.make(parts[0], [parameter.name: .number(number)])
    }

    func run() throws {
        do {
            let path = try OutputPlace.free(output, force: force)
            let opened = try OpenedNetwork(
                target, threads: runOptions.sessionOptions(interactive: false).threads, capacity: 256,
                data: dataOptions.choice, changes: modelOptions.changes)
            let plan = try opened.plan(dataOptions.choice)
            try quantize(opened, plan, to: path)
        } catch {
            throw Exit.report(error)
        }
    }

    private func quantize(_ opened: OpenedNetwork, _ plan: TrainingPlan, to path: String) throws {
        let network = opened.network
        let before = try plan.measure(network, onTest: false, normalization: opened.normalization)
        try network.answerInOwnUnits(opened.targetScale, path: target)
        let arrays = ModelArrays(network)
        let quantizer = try Quantizer(network.graph, arrays)
        let images = try plan.calibrationImages(
            samples?.value(of: "--samples", in: 1...1_000_000) ?? 512, shape: network.graph.input,
            normalization: opened.normalization)
        var notes: [String] = []
        let made = try quantizer.network(images, choice(), notes: &notes)
        let after = try plan.measure(made, onTest: false, normalization: opened.normalization)
        let errors = QuantizationError.all(quantizer, made, Array(images.prefix(Self.errorImages)))
        let kept = QuantizedKept(
            made, recipe: opened.recipe, normalization: opened.normalization ?? plan.data.normalization,
            identity: opened.dataIdentity ?? DataIdentity(plan.data), step: opened.step)
        try kept.write(to: path)
        let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        for note in notes { Output.error("espalier: \(note)") }
        report(plan, before, after, errors, made, floatBytes: network.layers.reduce(0) { $0 + $1.bytes }, bytes, path)
    }

    private func report(
        _ plan: TrainingPlan, _ before: Reading, _ after: Reading, _ errors: [QuantizationError],
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
            Output.json([
                "after": .number(after.value), "before": .number(before.value), "bytes": .whole(bytes),
                "count": .whole(after.count), "float_weight_bytes": .whole(floatBytes),
                "loses_most": .list(worst.map { .text($0.node) }), "weight_bytes": .whole(weights),
            ])
            return
        }
        let format = plan.figure.format
        Output.line("floats: validation \(format.named(before.value)) ±\(format.width(before.margin))")
        Output.line("8 bits: validation \(format.named(after.value)) ±\(format.width(after.margin))")
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
