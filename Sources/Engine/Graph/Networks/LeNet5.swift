extension NamedNetworks {
    static let lenet5 = Named(
        "lenet-5", "convolutions of 20 and 50 5×5 with max pooling, linear 500 (the Caffe variant)",
        citation: "LeCun et al. 1998"
    ) { input, outputs in
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
}
