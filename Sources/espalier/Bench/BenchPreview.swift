import ArgumentParser
import Dispatch
import Foundation
import Graph
import Training

/// From the key that moves the line to the accuracy at once, while training holds every core.
struct BenchPreview: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "preview", abstract: "From a move of the line to its accuracy, with training at full load.")
    static let hasNetwork = false

    @Option(help: "A named network for images of 28×28, as lenet-5 or resnet-8.") var network = "lenet-300-100"
    @Option(help: "Moves measured.") var runs = 20
    @Flag(help: "Print one JSON line.") var json = false

    func validate() throws { try requirePositive([("runs", runs)]) }

    func run() throws {
        do {
            // The session would fail on its queue, where nobody looks.
            _ = try NamedNetworks.make(network, input: Shape(channels: 1, height: 28, width: 28), classes: 10)
        } catch {
            throw Exit.report(error)
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("espalier-bench-\(getpid())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let recipe = try RecipeReader.read("network: \(network)\nepochs: 1000\n", file: "bench", name: "bench")
        var options = Session.Options()
        options.isInteractive = true
        let session = Session(recipe: recipe, run: try RunFolder.create(folder, recipe: recipe), options: options)
        session.start()
        while (session.latestSnapshot()?.step ?? 0) < 50 { usleep(1000) }
        let snapshot = session.latestSnapshot()!
        var seconds: [Double] = []
        var samples = 0
        for move in 0..<runs {
            let kept = snapshot.weights - snapshot.weights * (50 + move * 2) / 100
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
            seconds.append(Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9)
            samples = answer.withLock { $0!.now.count }
            // A person's hand: the line rests a moment, and the measurement on all images begins and is cancelled.
            usleep(60_000)
        }
        session.send(.stop)
        _ = session.wait()
        seconds.sort()
        printResult(
            [
                ("case", "preview"), ("network", network), ("samples", samples),
                ("seconds", seconds[seconds.count / 2]), ("seconds_min", seconds[0]),
                ("seconds_max", seconds[seconds.count - 1]), ("runs", runs),
            ], json: json)
    }
}
