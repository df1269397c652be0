/// Residual networks of basic blocks: two 3×3 convolutions each with batch normalisation, and a way around them.
extension NamedNetworks {
    static let resnet8 = Named(
        "resnet-8", "residual, basic blocks of 16, 32 and 64 channels with batch normalisation",
        citation: "He et al. 2016, arXiv:1512.03385"
    ) { try residual($0, outputs: $1, stages: [(16, 1, 1), (32, 2, 1), (64, 2, 1)]) }

    static let resnet20 = Named(
        "resnet-20", "residual, three basic blocks each of 16, 32 and 64 channels, for small images",
        citation: "He et al. 2016, arXiv:1512.03385"
    ) { try residual($0, outputs: $1, stages: [(16, 1, 3), (32, 2, 3), (64, 2, 3)]) }

    static let resnet18 = Named(
        "resnet-18",
        "residual, two basic blocks each of 64, 128, 256 and 512 channels; begins with 3×3 for images up to 64 points",
        citation: "He et al. 2016, arXiv:1512.03385"
    ) { try residual($0, outputs: $1, stages: [(64, 1, 2), (128, 2, 2), (256, 2, 2), (512, 2, 2)]) }

    /// - Parameter stages: channels, stride of the first block, blocks.
    private static func residual(
        _ input: Shape, outputs: Int, stages: [(channels: Int, stride: Int, blocks: Int)]
    ) throws -> Graph {
        let first = stages[0].channels
        var entries: [Graph.Entry] =
            max(input.height, input.width) > 64
            ? [
                .init("conv0", Convolution(channels: first, kernel: 7, stride: 2, padding: 3)),
                .init("norm0", BatchNorm()), .init("relu0", ReLU()), .init("pool0", MaxPool(kernel: 3, stride: 2)),
            ]
            : [
                .init("conv0", Convolution(channels: first, kernel: 3, padding: 1)), .init("norm0", BatchNorm()),
                .init("relu0", ReLU()),
            ]
        var last = entries.last!.name
        var held = first, number = 0
        for stage in stages {
            for place in 0..<stage.blocks {
                number += 1
                let block = "block\(number)"
                let stride = place == 0 ? stage.stride : 1
                entries += [
                    .init(
                        "\(block).conv1",
                        Convolution(channels: stage.channels, kernel: 3, stride: stride, padding: 1), inputs: [last]),
                    .init("\(block).norm1", BatchNorm()), .init("\(block).relu1", ReLU()),
                    .init("\(block).conv2", Convolution(channels: stage.channels, kernel: 3, padding: 1)),
                    .init("\(block).norm2", BatchNorm()),
                ]
                var shortcut = last
                if stride > 1 || held != stage.channels {
                    entries += [
                        .init(
                            "\(block).conv3", Convolution(channels: stage.channels, kernel: 1, stride: stride),
                            inputs: [last]),
                        .init("\(block).norm3", BatchNorm()),
                    ]
                    shortcut = "\(block).norm3"
                }
                entries += [
                    .init("\(block).add", Add(), inputs: ["\(block).norm2", shortcut]),
                    .init("\(block).relu2", ReLU()),
                ]
                last = "\(block).relu2"
                held = stage.channels
            }
        }
        entries += [.init("pool", GlobalAveragePool()), .init("fc", Linear(outputs: outputs))]
        return try Graph(input: input, entries)
    }
}
