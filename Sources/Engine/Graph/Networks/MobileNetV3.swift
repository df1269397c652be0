import Descriptors

extension NamedNetworks {
    static let mobilenetV3Small = Named(
        "mobilenet-v3-small",
        "inverted residuals with squeeze-and-excite and hard swish; for images up to 64 points the first two strides are 1",
        citation: "Howard et al. 2019, arXiv:1905.02244"
    ) { input, outputs in
        let isSmall = max(input.height, input.width) <= 64
        var list = EntryList()
        func activate(_ name: String, _ swishes: Bool) throws {
            if swishes { try list.add("\(name).hard-swish", "hard-swish") } else { list.add("\(name).relu", ReLU()) }
        }
        func block(_ name: String, _ convolution: Convolution) {
            list.add(name, convolution)
            list.add("\(name).norm", BatchNorm(epsilon: 1e-3, momentum: 0.01))
        }
        /// A factor for each channel, from the means of all channels.
        func squeeze(_ name: String, channels: Int) throws {
            let before = list.last
            list.add("\(name).pool", GlobalAveragePool())
            list.add("\(name).reduce", Linear(outputs: divisibleByEight(Double(channels) / 4)))
            list.add("\(name).relu", ReLU())
            list.add("\(name).expand", Linear(outputs: channels))
            try list.add("\(name).gate", "hard-sigmoid", ["alpha": .number(1.0 / 6), "beta": .number(0.5)])
            let factor = try list.add("\(name).factor", "unsqueeze", ["axes": .integers([1, 2])])
            try list.add("\(name).scale", "mul", [:], before, factor)
        }
        block("conv0", Convolution(channels: 16, kernel: 3, stride: isSmall ? 1 : 2, padding: 1))
        try activate("conv0", true)
        var channels = 16
        let blocks: [(kernel: Int, hidden: Int, width: Int, squeezes: Bool, swishes: Bool, stride: Int)] = [
            (3, 16, 16, true, false, isSmall ? 1 : 2), (3, 72, 24, false, false, 2), (3, 88, 24, false, false, 1),
            (5, 96, 40, true, true, 2), (5, 240, 40, true, true, 1), (5, 240, 40, true, true, 1),
            (5, 120, 48, true, true, 1), (5, 144, 48, true, true, 1), (5, 288, 96, true, true, 2),
            (5, 576, 96, true, true, 1), (5, 576, 96, true, true, 1),
        ]
        for (number, shape) in blocks.enumerated() {
            let before = list.last, name = "block\(number + 1)"
            if shape.hidden != channels {
                block("\(name).expand", Convolution(channels: shape.hidden, kernel: 1))
                try activate("\(name).expand", shape.swishes)
            }
            block(
                "\(name).depthwise",
                Convolution(
                    channels: shape.hidden, kernel: shape.kernel, stride: shape.stride, padding: shape.kernel / 2,
                    groups: 0))
            try activate("\(name).depthwise", shape.swishes)
            if shape.squeezes { try squeeze("\(name).squeeze", channels: shape.hidden) }
            block("\(name).project", Convolution(channels: shape.width, kernel: 1))
            if shape.stride == 1, channels == shape.width { list.add("\(name).add", Add(), list.last, before) }
            channels = shape.width
        }
        block("conv1", Convolution(channels: 576, kernel: 1))
        try activate("conv1", true)
        list.add("pool", GlobalAveragePool())
        list.add("fc1", Linear(outputs: 1024))
        try activate("fc1", true)
        list.add("fc2", Linear(outputs: outputs))
        return try Graph(input: input, list.entries)
    }
}
