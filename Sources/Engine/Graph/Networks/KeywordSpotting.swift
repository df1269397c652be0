import Descriptors

extension NamedNetworks {
    static let dsCNN = Named(
        "ds-cnn", "a 10×4 convolution, then four depthwise separable ones of 64 channels: keyword spotting",
        citation: "Zhang et al. 2017, arXiv:1711.07128; Banbury et al. 2021, arXiv:2106.07597"
    ) { input, outputs in
        /// So that a stride of 2 gives half the points, rounded up.
        func padding(_ points: Int, _ kernel: Int) -> (before: Int, behind: Int) {
            let all = max(0, ((points + 1) / 2 - 1) * 2 + kernel - points)
            return (all / 2, all - all / 2)
        }
        let kernel = (height: min(10, input.height), width: min(4, input.width))
        let (top, bottom) = padding(input.height, kernel.height), (left, right) = padding(input.width, kernel.width)
        var list = EntryList()
        try list.add(
            "conv0", "convolution",
            [
                "channels": .integer(64), "kernel": .integers([kernel.height, kernel.width]), "stride": .integer(2),
                "padding": .integers([top, left, bottom, right]),
            ])
        list.add("norm0", BatchNorm())
        list.add("relu0", ReLU())
        for number in 1...4 {
            let name = "block\(number)"
            list.add("\(name).depthwise", Convolution(channels: 64, kernel: 3, padding: 1, groups: 0))
            list.add("\(name).norm1", BatchNorm())
            list.add("\(name).relu1", ReLU())
            list.add("\(name).pointwise", Convolution(channels: 64, kernel: 1))
            list.add("\(name).norm2", BatchNorm())
            list.add("\(name).relu2", ReLU())
        }
        list.add("pool", GlobalAveragePool())
        list.add("fc", Linear(outputs: outputs))
        return try Graph(input: input, list.entries)
    }
}
