import Descriptors
import Kernels

/// Two-dimensional convolution with a bias. (channels, y, x) → (channels, y′, x′).
package struct Convolution: Operator {
    package static let descriptor = Descriptor(
        name: "convolution", summary: "square two-dimensional convolution with a bias",
        parameters: [
            Parameter("channels", "output channels", .integer(1...1_000_000)),
            Parameter("kernel", "height and width of the kernel", .integer(1...63)),
            Parameter("stride", "step between outputs", .integer(1...16), default: .integer(1)),
            Parameter("padding", "zeros around the input", .integer(0...31), default: .integer(0)),
            Parameter(
                "groups", "channels fall into so many groups that do not see each other; 0: one a channel (depthwise)",
                .integer(0...1_000_000), default: .integer(1)),
            Parameter(
                "dilation", "points from one tap of the kernel to the next", .integer(1...16), default: .integer(1)),
        ])
    package static let cases = [
        OperatorCase(
            ["channels": .integer(3), "kernel": .integer(3)], inputs: [Shape(channels: 2, height: 5, width: 6)]),
        OperatorCase(
            ["channels": .integer(2), "kernel": .integer(3), "stride": .integer(2), "padding": .integer(1)],
            inputs: [Shape(channels: 3, height: 6, width: 5)]),
        OperatorCase(
            ["channels": .integer(4), "kernel": .integer(1)], inputs: [Shape(channels: 3, height: 2, width: 2)],
            samples: 18),
        OperatorCase(
            ["channels": .integer(4), "kernel": .integer(3), "padding": .integer(1), "groups": .integer(2)],
            inputs: [Shape(channels: 6, height: 4, width: 3)]),
        OperatorCase(
            ["channels": .integer(3), "kernel": .integer(3), "stride": .integer(2), "groups": .integer(0)],
            inputs: [Shape(channels: 3, height: 5, width: 5)]),
        OperatorCase(
            ["channels": .integer(2), "kernel": .integer(3), "padding": .integer(2), "dilation": .integer(2)],
            inputs: [Shape(channels: 2, height: 6, width: 7)]),
        OperatorCase(
            ["channels": .integer(2), "kernel": .integer(2), "stride": .integer(2), "dilation": .integer(3)],
            inputs: [Shape(channels: 2, height: 7, width: 8)]),
    ]

    package let channels: Int
    package let kernel: Int
    package let stride: Int
    package let padding: Int
    /// 0: as many as there are channels.
    package let groups: Int
    package let dilation: Int

    package init(_ arguments: Arguments) throws {
        self.init(
            channels: arguments.integer("channels"), kernel: arguments.integer("kernel"),
            stride: arguments.integer("stride"), padding: arguments.integer("padding"),
            groups: arguments.integer("groups"), dilation: arguments.integer("dilation"))
        guard padding < extent else {
            throw ArgumentError.outOfRange(
                name: "padding", of: "convolution", value: "\(padding)",
                accepted: "a whole number below the extent of the kernel, \(extent)")
        }
    }
    package init(channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, groups: Int = 1, dilation: Int = 1) {
        self.dilation = dilation
        self.groups = groups
        self.channels = channels
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
    }

    /// Points that the kernel spans.
    private var extent: Int { (kernel - 1) * dilation + 1 }

    package var arguments: [String: Value] {
        [
            "channels": .integer(channels), "kernel": .integer(kernel), "stride": .integer(stride),
            "padding": .integer(padding), "groups": .integer(groups), "dilation": .integer(dilation),
        ]
    }
    package var traits: OperatorTraits { [.wantsNarrowPanels, .walksPlanes] }
    package func withRows(_ rows: Int) -> (any Operator)? {
        Convolution(
            channels: rows, kernel: kernel, stride: stride, padding: padding, groups: groups, dilation: dilation)
    }
    package func weightAxes(_ inputs: [Shape]) -> [Int] {
        [channels, inputs[0].channels / groups(of: inputs[0]), kernel, kernel]
    }
    package var inputBorder: Int { padding }

    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        let groups = groups(of: inputs[0])
        guard inputs[0].channels % groups == 0, channels % groups == 0 else {
            throw GraphError.shape(
                node: "", found: "\(inputs[0].channels) channels to \(channels)",
                expected: "both to be divisible by its \(groups) groups")
        }
        let height = inputs[0].height + 2 * padding - extent
        let width = inputs[0].width + 2 * padding - extent
        guard height >= 0, width >= 0 else {
            throw GraphError.shape(
                node: "", found: "\(inputs[0])",
                expected:
                    "an image that with its padding is no smaller than the \(extent)×\(extent) points of the kernel")
        }
        return Shape(channels: channels, height: height / stride + 1, width: width / stride + 1)
    }

    package func gradientBorder(input: Shape, output: Shape) -> Int {
        WeightMap.gradientBorder(
            height: input.height, width: input.width, outputHeight: output.height, outputWidth: output.width,
            kernelHeight: kernel, kernelWidth: kernel, stride: stride, padding: padding, dilation: dilation)
    }

    package func weightShape(_ inputs: [Shape]) -> WeightShape? {
        WeightShape(
            rows: channels, channels: inputs[0].channels, kernelHeight: kernel, kernelWidth: kernel, stride: stride,
            padding: padding, groups: groups(of: inputs[0]), dilation: dilation)
    }

    private func groups(of input: Shape) -> Int { groups == 0 ? input.channels : groups }

    package func multiplyAdds(_ inputs: [Shape]) -> Int {
        guard let output = try? outputShape(inputs), let weights = weightShape(inputs) else { return 0 }
        return weights.weights * output.height * output.width
    }

    package func step(_ site: Site) -> any Step { WeightedStep(site) }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep { ConvolutionPlanes(&site) }
}
