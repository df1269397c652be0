import ArgumentParser
import Training

/// A whole training step: batch, forward, loss, backward, optimizer.
struct BenchTrain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "A whole training step of a network, sparse and dense in one run.")
    @OptionGroup var options: NetworkOptions

    func run() throws {
        do {
            let trainer = try options.trainer()
            // Operations of both gradients; the first layer's input gradient is not computed and not counted less.
            var failure: (any Error)?
            options.report("train", trainer, passes: 3, profiles: true) {
                do { _ = try trainer.step() } catch { failure = error }
            }
            if let failure { throw failure }
        } catch {
            throw Exit.report(error)
        }
    }
}
