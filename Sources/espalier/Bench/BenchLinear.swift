import ArgumentParser
import Graph

/// One linear layer, sparse and dense in one run, beside OpenBLAS where it can be loaded.
struct BenchLinear: Benchmark {
    static let configuration = CommandConfiguration(commandName: "linear", abstract: "A linear layer.")
    static let cases = [[], ["--pass", "training"]]

    @Option(help: "Outputs.") var rows = 1024
    @Option(help: "Inputs.") var columns = 1024
    @OptionGroup var options: LayerOptions

    func validate() throws { try requirePositive([("rows", rows), ("columns", columns)]) }

    func run() throws {
        let graph = try Graph(input: Shape(channels: columns), [.init("fc", Linear(outputs: rows))])
        LayerBench(name: "linear", fields: [("rows", rows), ("columns", columns)], graph: graph, options: options).run {
            _ in
            OpenBLAS(threads: options.threads).map { blas in
                let seconds = blas.seconds(
                    rows: rows, columns: columns, batch: options.batch, trains: options.pass == .training,
                    runs: options.runs)
                return [("openblas_seconds", seconds as Any)]
            } ?? []
        }
    }
}
