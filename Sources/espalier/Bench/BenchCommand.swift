import ArgumentParser
import Dispatch
import Foundation
import Kernels

/// Measurements as programs. A new one is a file in this folder and a line here.
struct BenchCommand: ParsableCommand {
    static let all: [any Benchmark.Type] = [
        BenchLinear.self, BenchConvolution.self, BenchOperator.self, BenchTrain.self, BenchInfer.self,
        BenchDevice.self, BenchCrossover.self, BenchUpdate.self, BenchSteps.self,
        BenchChoice.self, BenchScale.self, BenchPreview.self, BenchScreen.self,
    ]

    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure kernels, previews and the screen on this machine.",
        subcommands: all.map { $0 as any ParsableCommand.Type } + [BenchAll.self])
}

/// A measurement that `bench all` runs.
protocol Benchmark: ParsableCommand {
    /// Arguments of each case that stands for it; `--json` is added.
    static var cases: [[String]] { get }
    /// Whether it takes `--sparsity` and `--threads`.
    static var hasNetwork: Bool { get }
}

extension Benchmark {
    static var cases: [[String]] { [[]] }
    static var hasNetwork: Bool { true }
}

/// What multiply-adds alone reach, on as many cores as there are.
func peakGigaflops(threads: Int) -> Double {
    peakGigaflops() * Double(min(threads, ProcessInfo.processInfo.activeProcessorCount))
}

/// Seconds of one call of `body`, the median and the minimum of several, after a warm-up.
func timed(warmUp: Int = 3, runs: Int, _ body: () -> Void) -> (median: Double, minimum: Double) {
    for _ in 0..<warmUp { body() }
    var seconds: [Double] = []
    for _ in 0..<runs {
        let start = DispatchTime.now().uptimeNanoseconds
        body()
        seconds.append(Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9)
    }
    seconds.sort()
    return (seconds[seconds.count / 2], seconds[0])
}
