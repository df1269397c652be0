import Descriptors

/// Networks that a recipe names. A new one is a line here; any other graph is written out in a recipe.
package enum NamedNetworks {
    package struct Named: Sendable {
        package let descriptor: Descriptor
        /// The graph if the name is one of these.
        package let make: @Sendable (_ name: String, _ input: Shape, _ classes: Int) throws -> Graph?
    }

    package static let all: [Named] = [
        Named(
            descriptor: Descriptor(
                name: "lenet-300-100", summary: "fully connected, hidden layers of 300 and 100",
                citation: "LeCun et al. 1998")
        ) { name, input, classes in
            name == "lenet-300-100" ? try multilayer(input, hidden: [300, 100], outputs: classes) : nil
        },
        Named(
            descriptor: Descriptor(
                name: "lenet-5",
                summary: "convolutions of 20 and 50 5×5 with max pooling, linear 500 (the Caffe variant)",
                citation: "LeCun et al. 1998")
        ) { name, input, classes in
            name == "lenet-5" ? try lenet5(input, outputs: classes) : nil
        },
        Named(
            descriptor: Descriptor(
                name: "resnet-8", summary: "residual, basic blocks of 16, 32 and 64 channels with batch normalisation",
                citation: "He et al. 2016, arXiv:1512.03385")
        ) { name, input, classes in
            name == "resnet-8" ? try residual8(input, outputs: classes) : nil
        },
        Named(
            descriptor: Descriptor(
                name: "mlp-784-1024-1024-10", summary: "fully connected, the sizes as in the name; any sizes")
        ) { name, input, classes in
            let parts = name.split(separator: "-", omittingEmptySubsequences: false)
            let sizes = parts.dropFirst().compactMap { $0.allSatisfy(\.isWholeNumber) ? Int($0) : nil }
            guard parts.first == "mlp", sizes.count == parts.count - 1, sizes.count >= 2,
                sizes.allSatisfy({ $0 > 0 && $0 <= 1_000_000_000 })
            else { return nil }
            guard sizes[0] == input.features else {
                throw GraphError.shape(
                    node: name, found: "\(input) (\(input.features) features)", expected: "\(sizes[0]) features")
            }
            return try multilayer(input, hidden: Array(sizes.dropFirst().dropLast()), outputs: sizes[sizes.count - 1])
        },
    ]

    package static func make(_ name: String, input: Shape, classes: Int) throws -> Graph {
        for named in all {
            if let graph = try named.make(name, input, classes) { return graph }
        }
        throw GraphError.unknownNetwork(name, known: all.map(\.descriptor.name))
    }

    private static func multilayer(_ input: Shape, hidden: [Int], outputs: Int) throws -> Graph {
        var entries: [Graph.Entry] = input.isFlat ? [] : [.init("flatten", Flatten())]
        for (number, size) in hidden.enumerated() {
            entries.append(.init("fc\(number + 1)", Linear(outputs: size)))
            entries.append(.init("relu\(number + 1)", ReLU()))
        }
        entries.append(.init("fc\(hidden.count + 1)", Linear(outputs: outputs)))
        return try Graph(input: input, entries)
    }

    private static func lenet5(_ input: Shape, outputs: Int) throws -> Graph {
        try Graph(
            input: input,
            [
                .init("conv1", Convolution(channels: 20, kernel: 5)), .init("relu1", ReLU()),
                .init("pool1", MaxPool(kernel: 2)),
                .init("conv2", Convolution(channels: 50, kernel: 5)), .init("relu2", ReLU()),
                .init("pool2", MaxPool(kernel: 2)), .init("flatten", Flatten()),
                .init("fc1", Linear(outputs: 500)), .init("relu3", ReLU()), .init("fc2", Linear(outputs: outputs)),
            ])
    }

    private static func residual8(_ input: Shape, outputs: Int) throws -> Graph {
        var entries: [Graph.Entry] = [
            .init("conv0", Convolution(channels: 16, kernel: 3, padding: 1)), .init("norm0", BatchNorm()),
            .init("relu0", ReLU()),
        ]
        var last = "relu0"
        for (number, (channels, stride)) in [(16, 1), (32, 2), (64, 2)].enumerated() {
            let block = "block\(number + 1)"
            entries += [
                .init(
                    "\(block).conv1", Convolution(channels: channels, kernel: 3, stride: stride, padding: 1),
                    inputs: [last]),
                .init("\(block).norm1", BatchNorm()), .init("\(block).relu1", ReLU()),
                .init("\(block).conv2", Convolution(channels: channels, kernel: 3, padding: 1)),
                .init("\(block).norm2", BatchNorm()),
            ]
            var shortcut = last
            if stride > 1 {
                entries += [
                    .init("\(block).conv3", Convolution(channels: channels, kernel: 1, stride: stride), inputs: [last]),
                    .init("\(block).norm3", BatchNorm()),
                ]
                shortcut = "\(block).norm3"
            }
            entries += [
                .init("\(block).add", Add(), inputs: ["\(block).norm2", shortcut]), .init("\(block).relu2", ReLU()),
            ]
            last = "\(block).relu2"
        }
        entries += [.init("pool", GlobalAveragePool()), .init("fc", Linear(outputs: outputs))]
        return try Graph(input: input, entries)
    }
}
