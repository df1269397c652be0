import ArgumentParser
import Graph

/// One convolution, sparse and dense in one run.
struct BenchConvolution: Benchmark {
    static let configuration = CommandConfiguration(commandName: "convolution", abstract: "A convolution.")
    static let cases = [[], ["--pass", "training"]]

    @Option(help: "Input channels.") var inChannels = 64
    @Option(help: "Output channels.") var outChannels = 64
    @Option(help: "Height and width of the kernel.") var kernel = 3
    @Option(help: "Height of the image.") var height = 28
    @Option(help: "Width of the image.") var width = 28
    @Option(help: "Step between outputs.") var stride = 1
    @Option(help: "Zeros around the image.") var padding = 1
    @Option(help: "Groups of channels that do not see each other.") var groups = 1
    @OptionGroup var options: LayerOptions

    func validate() throws {
        try requirePositive([
            ("in-channels", inChannels), ("out-channels", outChannels), ("kernel", kernel), ("height", height),
            ("width", width), ("stride", stride), ("groups", groups),
        ])
        guard padding >= 0, padding < kernel else {
            throw ValidationError("--padding is \(padding); accepted: a whole number from 0 to \(kernel - 1)")
        }
        try requireMemory(
            weights: Double(inChannels) * Double(outChannels) * Double(kernel) * Double(kernel),
            activations: Double(inChannels + outChannels) * Double(height + 2 * padding) * Double(width + 2 * padding)
                * heldSamples(options.batch))
    }

    func run() throws {
        let graph: Graph
        do {
            graph = try Graph(
                input: Shape(channels: inChannels, height: height, width: width),
                [
                    .init(
                        "convolution",
                        Convolution(
                            channels: outChannels, kernel: kernel, stride: stride, padding: padding, groups: groups))
                ])
        } catch {
            throw Exit.report(error)
        }
        LayerBench(
            name: "convolution",
            fields: [
                ("in_channels", inChannels), ("out_channels", outChannels), ("kernel", kernel), ("height", height),
                ("width", width), ("stride", stride), ("padding", padding), ("groups", groups),
            ], graph: graph, options: options
        ).run()
    }
}
