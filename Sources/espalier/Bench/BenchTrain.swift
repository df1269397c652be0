import ArgumentParser
import Training

/// A whole training step: batch, forward, loss, backward, optimizer.
struct BenchTrain: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "A whole training step of a network, sparse and dense in one run.",
        discussion: """
            With more than one thread the sparse step is also timed on each smaller number of them: scaling_seconds from \
            one thread on, speedup and efficiency over one, and serial_share, the part of a step on one thread that \
            Amdahl's law finds not to be shared out.
            """)

    static let cases = ["mlp-784-1024-1024-10", "lenet-5", "resnet-8"].map { ["--network", $0] }

    @OptionGroup var options: NetworkOptions

    func run() throws {
        do {
            var failure: (any Error)?
            func step(_ trainer: Trainer) {
                do { _ = try trainer.step() } catch { failure = error }
            }
            // Before the case itself, so that its own network is not beside the others in memory.
            let fewer = try (1..<options.threads).map { threads in
                var options = options
                options.threads = threads
                let trainer = try options.trainer(kernelTimes: BenchCut.times)
                try options.cutAndSettle(trainer)
                return timed(runs: options.runs) { step(trainer) }.median
            }
            let trainer = try options.trainer(kernelTimes: BenchCut.times)
            // Operations of both gradients; the first layer's input gradient is not computed and not counted less.
            try options.report(
                "train", trainer, passes: 3, cut: { try options.cutAndSettle(trainer) }, profiles: true,
                extra: { fewer.isEmpty ? [] : Scaling(seconds: fewer + [$0]).fields }
            ) { step(trainer) }
            if let failure { throw failure }
        } catch {
            throw Exit.report(error)
        }
    }
}

/// How a time falls with the threads.
struct Scaling {
    /// On 1, 2, … threads.
    let seconds: [Double]

    var speedups: [Double] { seconds.map { seconds[0] / $0 } }

    /// s of T(n) = T(1) · (s + (1 − s) / n), by least squares over the relative times; noise may bring it below zero or
    /// above one. Reference: Amdahl 1967.
    var serialShare: Double {
        var above = 0.0, below = 0.0
        for (index, time) in seconds.enumerated() {
            let share = 1 / Double(index + 1)
            above += (time / seconds[0] - share) * (1 - share)
            below += (1 - share) * (1 - share)
        }
        return below == 0 ? 0 : above / below
    }

    var fields: [(String, Any)] {
        let efficiencies = speedups.enumerated().map { $0.element / Double($0.offset + 1) }
        return [
            ("scaling_seconds", seconds), ("scaling_speedup", speedups), ("scaling_efficiency", efficiencies),
            // Beyond these bounds other programs took the processors.
            ("serial_share", (0...1).contains(serialShare) ? serialShare : .nan),
        ]
    }
}
