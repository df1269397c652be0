import ArgumentParser
import Foundation
import Graph
import Interchange
import Kernels

/// What `bench linear` and `bench convolution` share: one layer, dense and sparse in one run, beside OpenBLAS where it can be
/// loaded.
struct LayerOptions: ParsableArguments {
    enum PassName: String, ExpressibleByArgument, CaseIterable { case forward, training }

    @Option(help: "Images at once.") var batch = 128
    @Option(help: "Share of zeros.") var sparsity = 0.9
    @Option(help: "Threads.") var threads = 1
    @Option(help: "forward, or training: forward and both gradients.") var pass = PassName.forward
    @Option(help: "Timed calls.") var runs = 30
    @Flag(help: "Print one JSON line.") var json = false

    func validate() throws {
        try requirePositive([("batch", batch), ("threads", threads), ("runs", runs)])
        try requireSparsity(sparsity)
    }
}

func requirePositive(_ values: [(name: String, value: Int)]) throws {
    for (name, value) in values {
        let most = name == "threads" ? 256 : name == "runs" ? 100_000 : largestSize
        guard (1...most).contains(value) else {
            throw ValidationError("--\(name) is \(value); accepted: a whole number from 1 to \(most)")
        }
    }
}

/// So that products of two fit a word.
private let largestSize = 1 << 30

func requireSparsity(_ sparsity: Double) throws {
    guard (0..<1).contains(sparsity) else {
        throw ValidationError("--sparsity is \(sparsity); accepted: a number from 0 up to, not including, 1")
    }
}

/// Refuses what this machine cannot hold: of each weight value, gradient, packed copy and patterns, of each activation it
/// and its gradient.
func requireMemory(weights: Double, activations: Double) throws {
    let needed = 32 * weights + 8 * activations
    let free = FreeMemory.now.bytes
    guard needed <= free else {
        func gigabytes(_ bytes: Double) -> String { String(format: "%.0f GB", bytes / 1e9) }
        throw ValidationError(
            "this needs about \(gigabytes(needed)) of memory; this machine has \(gigabytes(free)) free")
    }
}

/// Samples that memory is taken for: panels have 16 lanes at least.
func heldSamples(_ batch: Int) -> Double { Double((batch + 15) / 16 * 16) }

struct LayerBench {
    let name: String
    let fields: [(String, Any)]
    let graph: Graph
    let options: LayerOptions
    var usesHalf = false

    func run() {
        let batch = options.batch
        let network = Network(
            graph, capacity: batch, team: Team(size: options.threads), trains: options.pass == .training,
            inputGradient: options.pass == .training)
        network.initialize(seed: 1)
        network.pass.usesHalf = usesHalf
        let random = CounterRandom(seed: 1, purpose: .test)
        for index in 0..<network.input.values.count { network.input.values[index] = random.uniform(index) }
        if let gradient = network.output.gradient {
            for index in 0..<gradient.count { gradient[index] = random.uniform(2, index) - 0.5 }
        }
        let answers =
            options.pass == .forward ? BenchAnswers(network, way: usesHalf ? .panels : nil, samples: batch) : nil
        func once() {
            if let answers { return answers.once() }
            network.forward(samples: batch)
            network.backward(samples: batch)
        }
        let dense = timed(runs: options.runs, once)
        let layer = network.layers[0]
        if options.sparsity > 0 {
            let keep = (0..<layer.map.weights).map { Double(random.uniform(1, $0)) >= options.sparsity }
            BenchCut.cut(layer, keep, samples: batch)
            answers?.changed()
        }
        let sparse = timed(runs: options.runs, once)
        let ran = options.pass == .training ? WeightPass.allCases : [.forward]
        let densePasses = BenchCut.dense(ran, of: layer).map(\.rawValue)
        let passes = Double(ran.count)
        let positions = Double(layer.map.output.height * layer.map.output.width)
        let operations = passes * 2e-9 * Double(layer.nnz) * positions * Double(batch)
        let all = passes * 2e-9 * Double(layer.map.weights) * positions * Double(batch)
        printResult(
            [("case", name)] + fields + [
                ("batch", batch), ("threads", options.threads), ("pass", options.pass.rawValue),
                ("sparsity", options.sparsity), ("nnz", layer.nnz),
                ("dense_passes", densePasses.isEmpty ? "none" : densePasses.joined(separator: " ")),
                ("seconds", sparse.median),
                ("seconds_min", sparse.minimum), ("dense_seconds", dense.median),
                ("dense_seconds_min", dense.minimum), ("gflops", operations / sparse.median),
                ("effective_gflops", all / sparse.median), ("dense_gflops", all / dense.median),
                ("peak_gflops", peakGigaflops(threads: options.threads)),
                ("speedup", dense.median / sparse.median),
            ]
                + openblasField(
                    [layer.map], samples: batch, trains: options.pass == .training, inputGradient: true,
                    threads: options.threads, runs: options.runs) + (answers?.fields ?? []),
            json: options.json)
    }
}
