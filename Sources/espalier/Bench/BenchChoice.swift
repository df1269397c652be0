import ArgumentParser
import Foundation
import Graph
import Kernels
import Training

/// Whether the kernels that training chooses are the faster ones: steps by these, by dense and by sparse kernels alone, in
/// turns in one process.
struct BenchChoice: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "choice", abstract: "Training steps by the chosen kernels beside all dense and all sparse ones.",
        discussion: """
            dense_seconds are those of the network without a mask. ratio is the better of dense and sparse over what is \
            chosen, by the least of all steps, ratio_median by the middle one, and ratio_paired the middle of the ratios \
            within a round: 1 is as fast, above it faster. speedup is dense over chosen. --busy 1 runs a thread beside \
            that takes all it gets of one processor.
            """)

    static let cases = ["lenet-300-100", "lenet-5", "resnet-8"].map { ["--network", $0] }

    @OptionGroup var options: NetworkOptions
    @Option(help: "Threads that spin beside, in this process.") var busy = 0
    @Option(help: "Rounds of all three.") var rounds = 25

    func validate() throws {
        guard (0...256).contains(busy) else {
            throw ValidationError("--busy is \(busy); accepted: a whole number from 0 to 256")
        }
        try requirePositive([("runs", rounds)])
        guard options.sparsity > 0 else {
            throw ValidationError("--sparsity is 0; accepted: a number above 0 and below 1")
        }
    }

    func run() throws {
        do {
            let busy = BusyThreads(count: busy)
            defer { busy.stop() }
            let team = Team(size: options.threads)
            let chosen = try options.trainer(team: team, kernelTimes: BenchCut.times)
            let dense = try options.trainer(team: team)
            let sparse = try options.trainer(team: team)
            sparse.drop(options.keeps(sparse, options.sparsity), event: 0)
            // As a run begins: some dense steps, then the cut.
            for _ in 0..<4 { _ = try chosen.step() }
            try options.cutAndSettle(chosen)
            let times = try StepTimes(
                of: [chosen, dense, sparse].map { trainer in { _ = try trainer.step() } }, rounds: rounds)
            printResult(fields(times, chosen), json: options.json)
        } catch {
            throw Exit.report(error)
        }
    }

    private func fields(_ times: StepTimes, _ chosen: Trainer) -> [(String, Any)] {
        let (least, median) = (times.least, times.median)
        let layers = chosen.network.layers.map { layer in
            let passes = BenchCut.dense(WeightPass.allCases.filter { layer.kernels($0) != nil }, of: layer)
            return layer.name + ":" + (passes.isEmpty ? "none" : passes.map(\.rawValue).joined(separator: "+"))
        }
        return [
            ("case", "choice"), ("network", options.network), ("batch", options.batch), ("threads", options.threads),
            ("sparsity", options.sparsity), ("busy", busy), ("seconds", median[0]), ("seconds_min", least[0]),
            ("dense_seconds", median[1]), ("dense_seconds_min", least[1]), ("sparse_seconds", median[2]),
            ("sparse_seconds_min", least[2]), ("ratio", min(least[1], least[2]) / least[0]),
            ("ratio_median", min(median[1], median[2]) / median[0]),
            ("ratio_paired", min(times.ratio(1, 0), times.ratio(2, 0))), ("speedup", least[1] / least[0]),
            ("speedup_median", median[1] / median[0]), ("speedup_paired", times.ratio(1, 0)),
            ("dense_passes", layers.joined(separator: " ")),
        ]
    }
}

/// Threads that take all they get of a processor each, as another program would.
private final class BusyThreads: @unchecked Sendable {
    // Unchecked: the flag is read and written under its lock.
    private let lock = NSLock()
    private var isOver = false

    init(count: Int) {
        for _ in 0..<count {
            let thread = Thread { [self] in
                var sum = 1.0
                while !isStopped { for _ in 0..<100_000 { sum = sum * 1.000_000_1 + 1e-9 } }
                if sum == 0 { Output.line("") }
            }
            thread.start()
        }
    }

    private var isStopped: Bool { lock.withLock { isOver } }
    func stop() { lock.withLock { isOver = true } }
}
