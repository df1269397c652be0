extension NamedNetworks {
    static let vgg11 = Named(
        "vgg-11", "eight 3×3 convolutions of 64 to 512 channels with batch normalisation and max pooling",
        citation: "Simonyan & Zisserman 2015, arXiv:1409.1556"
    ) { input, outputs in
        var entries: [Graph.Entry] = []
        var side = min(input.height, input.width), number = 0
        for stage in [[64], [128], [256, 256], [512, 512], [512, 512]] {
            for channels in stage {
                number += 1
                entries += [
                    .init("conv\(number)", Convolution(channels: channels, kernel: 3, padding: 1)),
                    .init("norm\(number)", BatchNorm()), .init("relu\(number)", ReLU()),
                ]
            }
            // Small images are one point before the last pooling.
            guard side > 1 else { continue }
            entries.append(.init("pool\(number)", MaxPool(kernel: 2)))
            side /= 2
        }
        entries += [.init("pool", GlobalAveragePool()), .init("fc", Linear(outputs: outputs))]
        return try Graph(input: input, entries)
    }
}
