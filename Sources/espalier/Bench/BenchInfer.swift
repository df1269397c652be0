import ArgumentParser
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
    @Flag(help: "Round the weights of sparse linear layers to half precision, for a batch of one.") var half = false

    func validate() throws {
        if half, options.batch != 1 || options.sparsity == 0 {
            throw ValidationError(
                "--half needs --batch 1 and a --sparsity above 0; got --batch \(options.batch), "
                    + "--sparsity \(options.sparsity)")
        }
    }

    func run() throws {
        do {
            let trainer = try options.trainer()
            if half { try requireHalf(trainer) }
            _ = try trainer.step()
            let answers = try BenchAnswers(
                answersOf: trainer.network, way: half ? .panels : way.way, samples: options.batch, half: half)
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
