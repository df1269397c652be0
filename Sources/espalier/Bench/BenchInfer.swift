import ArgumentParser
import Training

/// The forward pass of a whole network.
struct BenchInfer: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "infer", abstract: "The forward pass of a network, sparse and dense in one run.")
    static let cases = ["mlp-784-1024-1024-10", "lenet-5", "resnet-8"].map { ["--network", $0, "--batch", "64"] }

    @OptionGroup var options: NetworkOptions

    func run() throws {
        do {
            let trainer = try options.trainer()
            _ = try trainer.step()
            options.report("infer", trainer, passes: 1) { trainer.network.forward(samples: options.batch) }
        } catch {
            throw Exit.report(error)
        }
    }
}
