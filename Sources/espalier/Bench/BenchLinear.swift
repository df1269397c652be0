import ArgumentParser
import Graph
import Kernels

/// One linear layer, sparse and dense in one run.
struct BenchLinear: Benchmark {
    static let configuration = CommandConfiguration(commandName: "linear", abstract: "A linear layer.")
    static let cases = [[], ["--pass", "training"], ["--batch", "1"], ["--batch", "1", "--half"]]

    @Option(help: "Outputs.") var rows = 1024
    @Option(help: "Inputs.") var columns = 1024
    @Flag(help: "Round sparse weights to half precision, for a batch of one.") var half = false
    @OptionGroup var options: LayerOptions

    func validate() throws {
        try requirePositive([("rows", rows), ("columns", columns)])
        try requireMemory(
            weights: Double(rows) * Double(columns), activations: Double(rows + columns) * heldSamples(options.batch))
        if half, options.batch != 1 || options.pass != .forward || options.sparsity == 0 {
            throw ValidationError(
                "--half needs --batch 1, --pass forward and a --sparsity above 0; got --batch \(options.batch), "
                    + "--pass \(options.pass.rawValue), --sparsity \(options.sparsity)")
        }
        if half, columns > SingleSample.mostColumns {
            throw ValidationError("--half needs at most \(SingleSample.mostColumns) --columns; got \(columns)")
        }
    }

    func run() throws {
        let graph = try Graph(input: Shape(channels: columns), [.init("fc", Linear(outputs: rows))])
        LayerBench(
            name: "linear", fields: [("rows", rows), ("columns", columns), ("half", half)], graph: graph,
            options: options, usesHalf: half
        ).run()
    }
}
