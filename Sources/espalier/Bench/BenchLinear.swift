import ArgumentParser
import Foundation
import Graph
import Kernels

/// The forward pass of one linear layer, sparse and dense in one run.
struct BenchLinear: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "linear", abstract: "Forward pass of a linear layer.")

    @Option var rows = 1024
    @Option var columns = 1024
    @Option var batch = 128
    @Option(help: "Share of zeros.") var sparsity = 0.9
    @Option var threads = 1
    @Option(help: "Timed calls.") var runs = 30
    @Flag(help: "Print one JSON line.") var json = false

    func validate() throws {
        for (name, value) in [
            ("rows", rows), ("columns", columns), ("batch", batch), ("threads", threads), ("runs", runs),
        ]
        where value < 1 {
            throw ValidationError("--\(name) is \(value); accepted: a whole number, 1 or more")
        }
        guard (0..<1).contains(sparsity) else {
            throw ValidationError("--sparsity is \(sparsity); accepted: a number from 0 up to, not including, 1")
        }
    }

    func run() throws {
        let graph = try Graph(input: Shape(channels: columns), [.init("fc", Linear(outputs: rows))])
        let team = Team(size: threads)
        let network = Network(graph, capacity: batch, team: team, trains: false)
        network.initialize(seed: 1)
        let random = CounterRandom(seed: 1, purpose: .test)
        for index in 0..<network.input.values.count { network.input.values[index] = random.uniform(index) }
        let dense = timed(runs: runs) { network.forward(samples: batch) }
        let keep = (0..<rows * columns).map { Double(random.uniform(1, $0)) >= sparsity }
        network.layers[0].set(network.layers[0].live().keeping(keep))
        let sparse = timed(runs: runs) { network.forward(samples: batch) }
        let peak = peakGigaflops() * Double(threads)
        let operations = 2e-9 * Double(network.layers[0].nnz) * Double(batch)
        let all = 2e-9 * Double(rows * columns) * Double(batch)
        printResult(
            [
                ("case", "linear"), ("rows", rows), ("columns", columns), ("batch", batch), ("threads", threads),
                ("sparsity", sparsity), ("nnz", network.layers[0].nnz), ("seconds", sparse.median),
                ("seconds_min", sparse.minimum), ("dense_seconds", dense.median),
                ("gflops", operations / sparse.median),
                ("effective_gflops", all / sparse.median), ("dense_gflops", all / dense.median), ("peak_gflops", peak),
                ("speedup", dense.median / sparse.median),
            ], json: json)
    }
}
