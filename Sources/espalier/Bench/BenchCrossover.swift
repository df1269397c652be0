import ArgumentParser
import Graph
import Kernels
import Terminal
import Training

/// Where sparse kernels begin to win: each pass of one layer at a row of densities, by dense kernels, by sparse ones, and
/// by those that training would choose.
struct BenchCrossover: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "crossover", abstract: "Dense against sparse kernels by density, and what is chosen.")

    @Option(help: "Outputs of a linear layer.") var rows = 1024
    @Option(help: "Inputs of a linear layer.") var columns = 1024
    @Flag(help: "A convolution instead.") var convolution = false
    @Option(help: "Input channels of the convolution.") var inChannels = 64
    @Option(help: "Output channels.") var outChannels = 64
    @Option(help: "Height and width of the kernel.") var kernel = 3
    @Option(help: "Height of the image.") var height = 28
    @Option(help: "Width of the image.") var width = 28
    @Option(help: "Step between outputs.") var stride = 1
    @Option(help: "Zeros around the image.") var padding = 1
    @Option(help: "Images at once.") var batch = 128
    @Option(help: "Share of zeros; without it a row of densities.") var sparsity: Double?
    @Option(help: "Threads.") var threads = 1
    @Option(help: "Timed calls of each kernel.") var runs = 7
    @Flag(help: "Print one JSON line a density.") var json = false

    static let densities = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01]

    func validate() throws {
        try requirePositive([
            ("rows", rows), ("columns", columns), ("in-channels", inChannels), ("out-channels", outChannels),
            ("kernel", kernel), ("height", height), ("width", width), ("stride", stride), ("batch", batch),
            ("threads", threads), ("runs", runs),
        ])
        if let sparsity { try requireSparsity(sparsity) }
        guard padding >= 0, padding < kernel else {
            throw ValidationError("--padding is \(padding); accepted: a whole number from 0 to \(kernel - 1)")
        }
        let shape: (weights: Double, activations: Double) =
            convolution
            ? (
                Double(inChannels) * Double(outChannels) * Double(kernel) * Double(kernel),
                Double(inChannels + outChannels) * Double(height + 2 * padding) * Double(width + 2 * padding)
            ) : (Double(rows) * Double(columns), Double(rows + columns))
        try requireMemory(weights: shape.weights, activations: shape.activations * heldSamples(batch))
    }

    func run() throws {
        let graph: Graph
        do {
            graph = try self.graph
        } catch {
            throw Exit.report(error)
        }
        // Only for the map of its layer: the passes are run one at a time, which a network does not.
        let map = Network(graph, capacity: batch, team: Team(size: 1), trains: true, inputGradient: true).layers[0].map
        let timer = PassTimer(
            map: map, panels: (batch + map.input.lanes - 1) / map.input.lanes, team: Team(size: threads))
        // Measured as training would measure, and forgotten.
        let times = KernelTimes(path: nil)
        let openblas =
            json
            ? openblasField([map], samples: batch, trains: true, inputGradient: true, threads: threads, runs: runs) : []
        var chosen = DensePasses.all
        var measured: [Crossover] = []
        for density in sparsity.map({ $0 == 0 ? [1] : [1, 1 - $0] }) ?? Self.densities {
            let indices = timer.indices(density: density)
            chosen =
                times.costs(of: map, samples: batch, density: density)?
                .densePasses(at: density, now: chosen, needsInputGradient: true) ?? []
            let row = Crossover(density: density, nnz: indices.count, chosen: chosen) { kind in
                let subject = timer.subject(pattern(kind, map, indices))
                let passes = WeightPass.allCases.map { pass in
                    (pass, timer.times(runs: runs) { timer.run(subject, pass) })
                }
                let both =
                    subject.pattern.makesBothGradients ? timer.times(runs: runs) { timer.runGradients(subject) } : nil
                return (Dictionary(uniqueKeysWithValues: passes), both)
            }
            measured.append(row)
            if json { printResult(fields + row.fields + speeds(row, map) + openblas, json: true) }
        }
        if !json { CrossoverReport(layer: fields, rows: measured).print() }
    }

    /// Of all three passes, by the kernels that are chosen.
    private func speeds(_ row: Crossover, _ map: WeightMap) -> [(String, Any)] {
        func gigaflops(_ weights: Int) -> Double {
            let positions = Double(map.output.height * map.output.width)
            return 6e-9 * Double(weights) * positions * Double(batch) / row.seconds
        }
        return [
            ("sparsity", 1 - row.density), ("seconds", row.seconds), ("seconds_min", row.minimum),
            ("dense_seconds", row.sum(of: row.dense)), ("gflops", gigaflops(row.nnz)),
            ("effective_gflops", gigaflops(map.weights)), ("peak_gflops", peakGigaflops(threads: threads)),
        ]
    }

    private func pattern(_ kind: Crossover.Kind, _ map: WeightMap, _ indices: [Int]) -> any WeightPattern {
        func sparse() -> any WeightPattern { SparsePattern(map: map, indices: indices, needsInputGradient: true) }
        switch kind {
        case .dense: return DensePattern(map: map)
        case .sparse: return sparse()
        case .chosen(let passes):
            // A layer without a cut holds its weights packed.
            if indices.count == map.weights { return DensePattern(map: map) }
            if passes.isEmpty { return sparse() }
            return MixedPattern(map: map, indices: indices, densePasses: passes, needsInputGradient: true)
        }
    }

    private var graph: Graph {
        get throws {
            guard convolution else {
                return try Graph(input: Shape(channels: columns), [.init("linear", Linear(outputs: rows))])
            }
            return try Graph(
                input: Shape(channels: inChannels, height: height, width: width),
                [
                    .init(
                        "convolution",
                        Convolution(channels: outChannels, kernel: kernel, stride: stride, padding: padding))
                ])
        }
    }

    private var fields: [(String, Any)] {
        let shape: [(String, Any)] =
            convolution
            ? [
                ("in_channels", inChannels), ("out_channels", outChannels), ("kernel", kernel), ("height", height),
                ("width", width), ("stride", stride), ("padding", padding),
            ] : [("rows", rows), ("columns", columns)]
        return [("case", "crossover"), ("layer", convolution ? "convolution" : "linear")] + shape + [
            ("batch", batch), ("threads", threads),
        ]
    }
}

/// One density of the row.
struct Crossover {
    enum Kind { case dense, sparse, chosen(DensePasses) }

    let density: Double
    let nnz: Int
    let chosen: DensePasses
    let dense: [WeightPass: Double]
    let sparse: [WeightPass: Double]
    /// By the kernels that are chosen.
    let now: [WeightPass: Double]
    /// Of both gradients by the sparse kernels in one pass; nil where they have no kernel for that.
    let gradients: Double?
    /// Of all passes by the kernels that are chosen, both gradients in one pass where these have a kernel for that.
    let seconds: Double
    let minimum: Double

    typealias Times = (median: Double, minimum: Double)

    init(
        density: Double, nnz: Int, chosen: DensePasses,
        _ times: (Kind) -> (passes: [WeightPass: Times], gradients: Times?)
    ) {
        self.density = density
        self.nnz = nnz
        self.chosen = chosen
        dense = times(.dense).passes.mapValues(\.median)
        let sparseTimes = times(.sparse)
        sparse = sparseTimes.passes.mapValues(\.median)
        gradients = sparseTimes.gradients?.median
        let chosenTimes = times(.chosen(chosen))
        now = chosenTimes.passes.mapValues(\.median)
        func whole(_ time: (Times) -> Double) -> Double {
            let each = WeightPass.allCases.map { chosenTimes.passes[$0].map(time) ?? .nan }
            return each[0] + (chosenTimes.gradients.map(time) ?? each[1] + each[2])
        }
        seconds = whole(\.median)
        minimum = whole(\.minimum)
    }

    func sum(of seconds: [WeightPass: Double]) -> Double {
        WeightPass.allCases.reduce(0) { $0 + (seconds[$1] ?? .nan) }
    }

    var fields: [(String, Any)] {
        let names = [
            WeightPass.forward: "forward", .inputGradient: "input_gradient", .weightGradient: "weight_gradient",
        ]
        return [("density", density), ("nnz", nnz)]
            + WeightPass.allCases.flatMap { pass -> [(String, Any)] in
                let name = names[pass] ?? pass.rawValue
                return [
                    ("\(name)_dense_seconds", dense[pass] ?? .nan), ("\(name)_sparse_seconds", sparse[pass] ?? .nan),
                    ("\(name)_chosen_seconds", now[pass] ?? .nan),
                    ("\(name)_chosen", chosen.contains(pass) ? "dense" : "sparse"),
                ]
            } + [("gradients_sparse_seconds", gradients ?? .nan)]
    }
}
