import ArgumentParser

/// Every benchmark with the cases that stand for it.
struct BenchAll: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "all", abstract: "Every benchmark with its own cases, one JSON line a case; takes minutes.",
        discussion: "One that fails says why and the others go on; the status tells of it at the end.")

    @Option(help: "Share of zeros, for the benchmarks of layers and networks (default: each one's own).")
    var sparsity: Double?
    @Option(help: "Threads, for the benchmarks of layers and networks (default: each one's own).") var threads: Int?
    @Flag(help: "Print JSON lines; it does so anyway.") var json = false

    func validate() throws {
        if let threads { try requirePositive([("threads", threads)]) }
        // What all of them take.
        if let sparsity, !(0.5...0.9999).contains(sparsity) {
            throw ValidationError("--sparsity is \(sparsity); accepted: a number from 0.5 to 0.9999")
        }
    }

    func run() throws {
        var failures = 0
        for benchmark in BenchCommand.all {
            for arguments in benchmark.cases {
                do {
                    var command = try benchmark.parse(arguments + shared(benchmark) + ["--json"])
                    try command.run()
                } catch let code as ExitCode {
                    // What went wrong is said already.
                    if code != .success { failures += 1 }
                } catch {
                    let name = benchmark.configuration.commandName ?? "\(benchmark)"
                    Output.error("espalier: bench \(name): \(benchmark.message(for: error))")
                    failures += 1
                }
            }
        }
        if failures > 0 { throw Exit.failure }
    }

    private func shared(_ benchmark: any Benchmark.Type) -> [String] {
        guard benchmark.hasNetwork else { return [] }
        return (sparsity.map { ["--sparsity", "\($0)"] } ?? []) + (threads.map { ["--threads", "\($0)"] } ?? [])
    }
}
