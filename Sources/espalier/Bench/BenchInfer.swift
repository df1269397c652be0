import ArgumentParser
import Devices
import Interchange
import Kernels
import Training

/// The forward pass of a whole network.
struct BenchInfer: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "infer", abstract: "The forward pass of a network, sparse and dense in one run.")
    static let cases = ["mlp-784-1024-1024-10", "lenet-5", "resnet-8"].map { ["--network", $0, "--batch", "64"] }

    @OptionGroup var options: NetworkOptions
    @Option(help: "panels: samples side by side; images: one after the other; fastest: as measured.")
    var way = AnswerWayName.fastest
    @Option(
        help:
            "32: floats. 8: integers, one image after the other, with floats of the same weights beside them in one run."
    )
    var bits = 32
    @Flag(help: "Round the weights of sparse linear layers to half precision, for a batch of one.") var half = false

    func validate() throws {
        guard [8, 32].contains(bits) else { throw ValidationError("--bits is \(bits); accepted: 8, 32") }
        if half, bits == 8 { throw ValidationError("--half rounds floats; --bits 8 has none") }
        if half, options.batch != 1 || options.sparsity == 0 {
            throw ValidationError(
                "--half needs --batch 1 and a --sparsity above 0; got --batch \(options.batch), "
                    + "--sparsity \(options.sparsity)")
        }
    }

    func run() throws {
        do {
            let file = HomeFolder.find(options.network)
            if QuantizedFile.isOne(file) { return try BenchIntegers(file, samples: options.batch).report(options) }
            let trainer = try options.trainer()
            if half { try requireHalf(trainer) }
            _ = try trainer.step()
            let answers = try BenchAnswers(
                answersOf: trainer.network, way: half ? .panels : way.way, samples: options.batch, half: half)
            if bits == 8 { return try integers(trainer, beside: answers) }
            options.report(
                "infer", trainer, passes: 1,
                cut: {
                    options.cut(trainer)
                    answers.changed()
                },
                extra: { _ in [("half", half)] + answers.fields }, once: answers.once)
        } catch {
            throw Exit.report(error)
        }
    }

    private func integers(_ trainer: Trainer, beside floats: BenchAnswers) throws {
        var integers = try BenchIntegers(of: trainer.network, samples: options.batch)
        try options.report(
            "infer", trainer, passes: 1,
            cut: {
                options.cut(trainer)
                floats.changed()
                integers = try BenchIntegers(of: trainer.network, samples: options.batch)
            },
            extra: { _ in
                let seconds = timed(runs: options.runs, floats.once)
                return [("bits", 8), ("float_seconds", seconds.median), ("float_seconds_min", seconds.minimum)]
                    + floats.fields + [("weight_bytes", integers.weightBytes)]
                    + (floats.weightBytes.map { [("float_weight_bytes", $0)] } ?? [])
            }, once: { integers.once() })
    }

    /// That the option means every linear layer.
    private func requireHalf(_ trainer: Trainer) throws {
        for layer in trainer.network.layers where !layer.isConvolution {
            guard layer.map.columns <= SingleSample.mostColumns else {
                throw ValidationError(
                    "--half: layer \(layer.name) has \(layer.map.columns) inputs; accepted: at most "
                        + "\(SingleSample.mostColumns)")
            }
        }
    }
}
