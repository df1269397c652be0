import ArgumentParser
import Dispatch
import Foundation
import Graph
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
        var samples = 0, kept = 0
        for move in 0..<runs {
            let zeros = sparsity ?? Double(50 + min(49, move * 2)) / 100
            let answer = try Self.ask(session, kept: max(1, Int(Double(weights) * (1 - zeros))))
            seconds.append(answer.seconds)
            (samples, kept) = (answer.samples, answer.kept)
            denseSeconds.append(try Self.ask(session, kept: weights).seconds)
        }
        session.send(.stop)
        _ = session.wait()
        seconds.sort()
        denseSeconds.sort()
        let median = seconds[runs / 2]
        printResult(
            [
                ("case", "preview"), ("network", network), ("threads", options.threads), ("samples", samples),
                ("seconds", median), ("seconds_min", seconds[0]), ("seconds_max", seconds[runs - 1]),
                ("dense_seconds", denseSeconds[runs / 2]), ("samples_per_second", Double(samples) / median),
                ("runs", runs),
            ] + speeds(graph, kept: kept, samples: samples, seconds: median, threads: options.threads)
                + (sparsity.map { [("sparsity", $0)] } ?? []), json: json)
    }

    /// Of the forward pass that answers a move, all of the answer's time counted. What the weights of a draft cost is known
    /// where each is used once an image, and where the moves are all to one share.
    private func speeds(
        _ graph: Graph, kept: Int, samples: Int, seconds: Double, threads: Int
    ) -> [(String, Any)] {
        let dense = graph.nodes.reduce(0) { $0 + $1.op.multiplyAdds($1.inputShapes) }
        func gigaflops(_ adds: Int) -> Double { 2e-9 * Double(adds) * Double(samples) / seconds }
        let isFlat = graph.nodes.allSatisfy { !($0.op is Convolution) }
        return [
            ("gflops", isFlat && sparsity != nil ? gigaflops(kept) : .nan), ("effective_gflops", gigaflops(dense)),
            ("peak_gflops", peakGigaflops(threads: threads)),
        ]
    }

    /// From the question to its first answer.
    private static func ask(
        _ session: Session, kept: Int
    ) throws -> (seconds: Double, samples: Int, kept: Int) {
        let done = DispatchSemaphore(value: 0)
        let answer = Locked<Training.Measurement?>(nil)
        let start = DispatchTime.now()
        session.ask(.measure(Draft(scope: .global, anchor: .kept(kept)))) { reply in
            guard case .measured(let measured) = reply else { return }
            let isFirst = answer.withLock { held in
                defer { if held == nil { held = measured } }
                return held == nil
            }
            if isFirst { done.signal() }
        }
        guard done.wait(timeout: .now() + 30) == .success else { throw ValidationError("no answer within 30 s") }
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
        // A person's hand: the line rests a moment, and the measurement on all images begins and is cancelled.
        usleep(60_000)
        return answer.withLock { (seconds, $0!.now.count, $0!.kept) }
    }
}
