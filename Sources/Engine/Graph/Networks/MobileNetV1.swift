import Descriptors

extension NamedNetworks {
    static let mobilenetV1Quarter = Named(
        "mobilenet-v1-0.25",
        "thirteen depthwise separable convolutions of a quarter of the channels: visual wake words; for images up to 64 points the first two strides are 1",
        citation: "Howard et al. 2017, arXiv:1704.04861; Banbury et al. 2021, arXiv:2106.07597"
    ) { input, outputs in
        let isSmall = max(input.height, input.width) <= 64
        var list = EntryList()
        func block(_ name: String, _ convolution: Convolution) {
            list.add(name, convolution)
            list.add("\(name).norm", BatchNorm())
            list.add("\(name).relu", ReLU())
        }
        block("conv0", Convolution(channels: 8, kernel: 3, stride: isSmall ? 1 : 2, padding: 1))
        let stages = [
            (16, 1), (32, isSmall ? 1 : 2), (32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (128, 1), (128, 1), (128, 1),
            (128, 1), (256, 2), (256, 1),
        ]
        var channels = 8
        for (number, (width, stride)) in stages.enumerated() {
            let name = "block\(number + 1)"
            block(
                "\(name).depthwise",
                Convolution(channels: channels, kernel: 3, stride: stride, padding: 1, groups: 0))
            block("\(name).pointwise", Convolution(channels: width, kernel: 1))
            channels = width
        }
        list.add("pool", GlobalAveragePool())
        list.add("fc", Linear(outputs: outputs))
        return try Graph(input: input, list.entries)
    }
}
