import ArgumentParser
import Dispatch
import Foundation
import Graph
import Kernels
import Sparsity
import Training

/// From the key that moves the line to the accuracy at once, while training holds every core.
struct BenchPreview: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "preview", abstract: "From a move of the line to its accuracy, with training at full load.")

    @Option(help: "A named network for images of 28×28, as lenet-5 or resnet-8.") var network = "lenet-300-100"
    @Option(help: "Share of zeros; without it the moves go from 0.5 to 0.99.") var sparsity: Double?
    @Option(help: "Threads of the training (default: all cores).") var threads: Int?
    @Option(help: "Moves measured.") var runs = 20
    @Flag(help: "Print one JSON line.") var json = false

    func validate() throws {
        try requirePositive([("runs", runs), ("threads", threads ?? 1)])
        if let sparsity { try requireSparsity(sparsity) }
    }

    func run() throws {
        let graph: Graph
        do {
            // The session would fail on its queue, where nobody looks.
            graph = try NamedNetworks.make(network, input: Shape(channels: 1, height: 28, width: 28), classes: 10)
        } catch {
            throw Exit.report(error)
        }
        let folder = try BenchFolder()
        let recipe = try RecipeReader.read("network: \(network)\nepochs: 1000\n", file: "bench", name: "bench")
        var options = Session.Options()
        options.isInteractive = true
        if let threads { options.threads = threads }
        let session = Session(
            recipe: recipe, run: try RunFolder.create(folder.path + "/run", recipe: recipe), options: options)
        session.start()
        while (session.latestSnapshot()?.step ?? 0) < 50 { usleep(1000) }
        folder.finishSetup()
        let weights = session.latestSnapshot()!.weights
        var seconds: [Double] = [], denseSeconds: [Double] = []
        var samples = 0, adds = 0.0
        for move in 0..<runs {
            let zeros = sparsity ?? Double(50 + min(49, move * 2)) / 100
            let draft = Draft(scope: .global, anchor: .kept(max(1, Int(Double(weights) * (1 - zeros)))))
            let answer = try Self.measure(session, draft)
            seconds.append(answer.seconds)
            samples = answer.samples
            adds += Double(Self.multiplyAdds(graph, try Self.keptByLayer(session, draft)))
            denseSeconds.append(try Self.measure(session, Draft(scope: .global, anchor: .kept(weights))).seconds)
        }
        session.send(.stop)
        _ = session.wait()
        seconds.sort()
        denseSeconds.sort()
        let median = seconds[runs / 2]
        // Of the forward pass that answers a move, of the mean number of weights that the drafts keep; all of the answer's time
        // counted.
        func gigaflops(_ adds: Double) -> Double { 2e-9 * adds * Double(samples) / median }
        let dense = graph.nodes.reduce(0) { $0 + $1.op.multiplyAdds($1.inputShapes) }
        let speeds = [
            ("gflops", gigaflops(adds / Double(runs))), ("effective_gflops", gigaflops(Double(dense))),
            ("peak_gflops", peakGigaflops(threads: options.threads)),
        ]
        let maps = Network(graph, capacity: 16, team: Team(size: 1), trains: false).layers.map(\.map)
        printResult(
            [
                ("case", "preview"), ("network", network), ("threads", options.threads), ("samples", samples),
                ("seconds", median), ("seconds_min", seconds[0]), ("seconds_max", seconds[runs - 1]),
                ("dense_seconds", denseSeconds[runs / 2]), ("samples_per_second", Double(samples) / median),
                ("runs", runs),
            ] + speeds
                + openblasField(maps, samples: samples, trains: false, threads: options.threads, runs: runs)
                + (sparsity.map { [("sparsity", $0)] } ?? []), json: json)
    }

    /// For one image, of the weights that a draft leaves.
    private static func multiplyAdds(_ graph: Graph, _ kept: [Int]) -> Int {
        let weighted = graph.nodes.compactMap { node in
            node.op.weightShape(node.inputShapes).map { node.op.multiplyAdds(node.inputShapes) / $0.weights }
        }
        precondition(weighted.count == kept.count)
        return zip(weighted, kept).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private static func keptByLayer(_ session: Session, _ draft: Draft) throws -> [Int] {
        try ask(session, .summary(draft)) { answer -> [Int]? in
            (answer.reply as? DraftSummary)?.layers.map(\.keptDraft)
        }.answer
    }

    /// The accuracy at once.
    private static func measure(_ session: Session, _ draft: Draft) throws -> (seconds: Double, samples: Int) {
        let (samples, seconds) = try ask(session, .measure(draft)) { answer -> Int? in
            (answer.reply as? Training.Measurement)?.now.count
        }
        // A person's hand: the line rests a moment, and the measurement on all images begins and is cancelled.
        usleep(60_000)
        return (seconds, samples)
    }

    /// From the question to the first answer that is looked for.
    private static func ask<Found: Sendable>(
        _ session: Session, _ query: Query, _ find: @escaping @Sendable (Answer) -> Found?
    ) throws -> (answer: Found, seconds: Double) {
        let done = DispatchSemaphore(value: 0)
        let first = Locked<Found?>(nil)
        let start = DispatchTime.now()
        session.ask(query) { reply in
            guard let found = find(reply) else { return }
            let isFirst = first.withLock { held in
                defer { if held == nil { held = found } }
                return held == nil
            }
            if isFirst { done.signal() }
        }
        guard done.wait(timeout: .now() + 30) == .success else { throw ValidationError("no answer within 30 s") }
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
        return (first.withLock { $0! }, seconds)
    }
}
