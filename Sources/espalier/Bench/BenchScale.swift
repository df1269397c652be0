import ArgumentParser
import Dispatch
import Foundation
import Graph
import Interchange
import Kernels
import Training

/// Networks that start sparse, from 10⁵ to 10⁸ weights that are not zero: deeper at one width, and wider at two layers.
struct BenchScale: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "scale", abstract: "Training steps of networks from 10⁵ to 10⁸ nonzeros, by depth and by width.",
        discussion: """
            By depth the time of a nonzero should stay the same. By width the activations leave the caches, and the \
            time should stay near bound_seconds: the bytes that a step must move over the memory bandwidth measured in \
            the same run, or its operations over the measured peak where that is more. ratio is the time over the bound; \
            below 1 where what moves stays in the caches. A case that the memory at hand \
            does not hold is skipped and says so.
            """)

    enum Direction: String, ExpressibleByArgument, CaseIterable { case depth, width }

    @Option(help: "depth or width (default: both).") var by: Direction?
    @Option(help: "Share of zeros (default: 0.9 by depth, 0.999 by width).") var sparsity: Double?
    @Option(help: "Threads.") var threads = 1
    @Option(help: "Images at once (default: 256 by depth, 64 by width).") var batch: Int?
    @Option(help: "Nonzeros of the smallest network.") var least = 100_000
    @Option(help: "Nonzeros of the largest network.") var most = 100_000_000
    @Option(help: "Timed steps; of slow ones three.") var runs = 7
    @Flag(help: "Print JSON lines.") var json = false

    func validate() throws {
        try requirePositive([
            ("threads", threads), ("batch", batch ?? 1), ("runs", runs), ("least", least), ("most", most),
        ])
        guard least <= most else {
            throw ValidationError("--least is \(least), more than --most, \(most)")
        }
        if let sparsity, !(0.5...0.9999).contains(sparsity) {
            throw ValidationError("--sparsity is \(sparsity); accepted: a number from 0.5 to 0.9999")
        }
    }

    func run() throws {
        do {
            let team = Team(size: threads)
            let machine = Machine(bandwidth: memoryBandwidth(team: team), gigaflops: peakGigaflops(threads: threads))
            for direction in by.map({ [$0] }) ?? Direction.allCases {
                var nnz = least
                while nnz <= most {
                    let scaleCase = ScaleCase(direction: direction, nnz: nnz, sparsity: sparsity, batch: batch)
                    printResult(try scaleCase.measure(team: team, machine: machine, runs: runs), json: json)
                    if nnz > Int.max / 10 { break }
                    nnz *= 10
                }
            }
        } catch {
            throw Exit.report(error)
        }
    }
}

struct Machine {
    /// Bytes a second.
    let bandwidth: Double
    let gigaflops: Double
}

/// One network of `bench scale`.
struct ScaleCase {
    let direction: BenchScale.Direction
    let sparsity: Double
    let batch: Int
    let width: Int
    /// Square layers; a last one gives ten classes.
    let layers: Int

    /// Weights of one layer by depth: enough that a region of the team is not all overhead, and at 10⁵ there are four.
    static let layerWeights = 25_000.0

    init(direction: BenchScale.Direction, nnz: Int, sparsity: Double?, batch: Int?) {
        self.direction = direction
        switch direction {
        case .depth:
            self.sparsity = sparsity ?? 0.9
            // Of more images a weight's bytes are a smaller part, and what is flat is the kernels' time.
            self.batch = batch ?? 256
            width = max(1, Int((Self.layerWeights / (1 - self.sparsity)).squareRoot().rounded()))
            layers = max(1, Int((Double(nnz) / Self.layerWeights).rounded()))
        case .width:
            // Two layers, for the first computes no gradient of its input.
            self.sparsity = sparsity ?? 0.999
            self.batch = batch ?? 64
            layers = 2
            width = max(1, Int((Double(nnz) / 2 / (1 - self.sparsity)).squareRoot().rounded()))
        }
    }

    func measure(team: Team, machine: Machine, runs: Int) throws -> [(String, Any)] {
        // Before even the places of the nonzeros are drawn.
        let least = 24 * Double(layers) * Double(width) * Double(width) * (1 - sparsity)
        let free = FreeMemory.now.bytes
        if least > free {
            return [
                ("case", "scale-\(direction.rawValue)"), ("width", width), ("layers", layers + 1), skipped(least, free),
            ]
        }
        let plan = try plan(
            """
            method: static-sparse
            schedule: {name: constant, final: \(sparsity)}
            criterion: random
            distribution: uniform
            """)
        let nnz = plan.startCounts?.reduce(0, +) ?? 0
        var fields: [(String, Any)] = [
            ("case", "scale-\(direction.rawValue)"), ("width", width), ("layers", layers + 1), ("nnz", nnz),
            ("sparsity", sparsity), ("batch", batch), ("threads", team.size),
        ]
        // While a layer's patterns are built its indices and orders lie beside them.
        let needed = plan.memory.network.total + 100 * Double(plan.startCounts?.max() ?? 0)
        if needed > free {
            return fields + [skipped(needed, free)]
        }
        // First, so that it is not in memory beside the sparse one.
        let denseSeconds = try denseSeconds(team: team, runs: runs)
        let trainer = Trainer(plan, team: team)
        let seconds = try Self.time(trainer, runs: runs)
        let bytes = MemoryTraffic().bytes(of: trainer.network, samples: batch)
        // Forward and weight gradient of all layers, input gradient of all but the first.
        func work(_ weights: (WeightLayer) -> Int) -> Double {
            trainer.network.layers.reduce(0) {
                $0 + 2 * Double(batch) * Double(weights($1)) * ($1.needsInputGradient ? 3 : 2)
            }
        }
        let operations = work { $0.nnz }, denseOperations = work { $0.map.weights }
        let bytesSeconds = bytes / machine.bandwidth
        let operationsSeconds = operations / (machine.gigaflops * 1e9)
        let bound = max(bytesSeconds, operationsSeconds)
        let held = trainer.network.layers.reduce(0) { $0 + $1.bytes + 4 * $1.gradient.count * (1 + $1.slots.count) }
        func field(_ name: String, _ value: Any) { fields.append((name, value)) }
        field("seconds", seconds.median)
        field("seconds_min", seconds.minimum)
        field("seconds_per_nonzero", seconds.median / Double(nnz))
        field("samples_per_second", Double(batch) / seconds.median)
        if let denseSeconds {
            field("dense_seconds", denseSeconds.median)
            field("dense_seconds_min", denseSeconds.minimum)
            field("speedup", denseSeconds.median / seconds.median)
        } else {
            field("dense_skipped", "\(layers * width * width + 10 * width) weights")
        }
        field("gflops", operations / seconds.median / 1e9)
        field("effective_gflops", denseOperations / seconds.median / 1e9)
        field("peak_gflops", machine.gigaflops)
        field("bytes_a_nonzero", Double(held) / Double(nnz))
        field("bytes_moved", bytes)
        field("bandwidth", machine.bandwidth)
        field("bytes_seconds", bytesSeconds)
        field("operations_seconds", operationsSeconds)
        field("bound", bytesSeconds >= operationsSeconds ? "bytes" : "operations")
        field("bound_seconds", bound)
        field("ratio", seconds.median / bound)
        if let resident = Self.residentBytes { field("resident_bytes", resident) }
        // Last, for OpenBLAS keeps memory of its own.
        if denseSeconds != nil {
            fields += openblasField(
                trainer.network.layers.map(\.map), samples: batch, trains: true, threads: team.size, runs: runs)
        }
        return fields
    }

    private func plan(_ lines: String) throws -> TrainingPlan {
        let name = (["mlp"] + [String](repeating: "\(width)", count: layers + 1) + ["10"]).joined(separator: "-")
        let recipe = try RecipeReader.read(
            """
            network: \(name)
            batch: \(batch)
            validation: 1
            learning-rate: {name: constant, rate: 1e-6}
            \(lines)
            """, file: "bench", name: "bench")
        return try TrainingPlan(recipe, data: images())
    }

    /// Of the same network with all its weights; nil where those are more than 2²⁷ or than memory holds.
    private func denseSeconds(team: Team, runs: Int) throws -> (median: Double, minimum: Double)? {
        guard layers * width * width <= 1 << 27 else { return nil }
        let plan = try plan("method: none")
        if plan.memory.network.total > FreeMemory.now.bytes { return nil }
        return try Self.time(Trainer(plan, team: team), runs: runs)
    }

    private func skipped(_ needed: Double, _ free: Double) -> (String, Any) {
        ("skipped", String(format: "needs about %.1f GB, %.1f GB are free", needed / 1e9, free / 1e9))
    }

    /// Seconds of a step: after a warm-up of two steps as many as asked for, but of slow ones no more than three.
    private static func time(_ trainer: Trainer, runs: Int) throws -> (median: Double, minimum: Double) {
        var seconds: [Double] = []
        for number in 0..<runs + 2 {
            let start = DispatchTime.now().uptimeNanoseconds
            guard try trainer.step().isFinite else { throw ValidationError("the loss is no finite number") }
            if number >= 2 { seconds.append(Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9) }
            if seconds.count >= 3, seconds.reduce(0, +) > 3 { break }
        }
        seconds.sort()
        return (seconds[seconds.count / 2], seconds[0])
    }

    private func images() -> DataSet {
        let random = CounterRandom(seed: 3, purpose: .test)
        let count = batch + 1
        let images = Samples(
            shape: Shape(channels: width),
            pixels: (0..<count * width).map { UInt8(truncatingIfNeeded: random.bits($0)) },
            labels: (0..<count).map { UInt8($0 % 10) })
        return DataSet(name: "random", train: images, test: images)
    }

    /// Memory that this process holds, as Linux tells it.
    static var residentBytes: Double? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        return text.split(separator: " ").dropFirst().first.flatMap { Double($0) }.map { $0 * Double(getpagesize()) }
    }
}
