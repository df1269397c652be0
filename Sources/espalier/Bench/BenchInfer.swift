import ArgumentParser
import Training

/// The forward pass of a whole network.
struct BenchInfer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "infer", abstract: "The forward pass of a network, sparse and dense in one run.")
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
