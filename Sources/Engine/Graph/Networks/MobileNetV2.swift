import Descriptors

extension NamedNetworks {
    static let mobilenetV2 = Named(
        "mobilenet-v2",
        "inverted residuals of depthwise convolutions; for images up to 64 points the first two strides are 1",
        citation: "Sandler et al. 2018, arXiv:1801.04381"
    ) { input, outputs in
        let isSmall = max(input.height, input.width) <= 64
        var list = EntryList()
        func block(_ name: String, _ convolution: Convolution, rectifies: Bool = true) throws {
            list.add(name, convolution)
            list.add("\(name).norm", BatchNorm())
            if rectifies { try list.add("\(name).relu6", "clip", ["min": .number(0), "max": .number(6)]) }
        }
        try block("conv0", Convolution(channels: 32, kernel: 3, stride: isSmall ? 1 : 2, padding: 1))
        var channels = 32, number = 0
        let stages = [
            (1, 16, 1, 1), (6, 24, 2, isSmall ? 1 : 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
            (6, 320, 1, 1),
        ]
        for (factor, width, blocks, firstStride) in stages {
            for place in 0..<blocks {
                number += 1
                let before = list.last, name = "block\(number)", hidden = channels * factor
                let stride = place == 0 ? firstStride : 1
                if factor > 1 { try block("\(name).expand", Convolution(channels: hidden, kernel: 1)) }
                try block(
                    "\(name).depthwise",
                    Convolution(channels: hidden, kernel: 3, stride: stride, padding: 1, groups: 0))
                try block("\(name).project", Convolution(channels: width, kernel: 1), rectifies: false)
                if stride == 1, channels == width { list.add("\(name).add", Add(), list.last, before) }
                channels = width
            }
        }
        try block("conv1", Convolution(channels: 1280, kernel: 1))
        list.add("pool", GlobalAveragePool())
        list.add("fc", Linear(outputs: outputs))
        return try Graph(input: input, list.entries)
    }
}
