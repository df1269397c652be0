import Descriptors
import Kernels

/// Convolution with a bias. (channels, y, x) → (channels′, y′, x′), or (channels, x) → (channels′, x′).
package struct Convolution: Operator {
    package static let descriptor = Descriptor(
        name: "convolution", summary: "convolution of an image or a line, with a bias",
        parameters: [
            Parameter("channels", "output channels", .integer(1...1_000_000)),
            WindowArguments.kernel(),
            WindowArguments.stride,
            WindowArguments.padding,
            Parameter(
                "groups", "channels fall into so many groups that do not see each other; 0: one a channel (depthwise)",
                .integer(0...1_000_000), default: .integer(1)),
            WindowArguments.dilation,
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
        // Not square, and each side by itself.
        OperatorCase(
            ["channels": .integer(3), "kernel": .integers([3, 2]), "padding": .integers([2, 0, 1, 1])],
            inputs: [Shape(channels: 2, height: 4, width: 5)]),
        OperatorCase(
            [
                "channels": .integer(2), "kernel": .integers([2, 3]), "stride": .integers([1, 2]),
                "dilation": .integers([2, 1]), "padding": .integers([0, 1, 1, 0]),
            ], inputs: [Shape(channels: 2, height: 5, width: 6)]),
        OperatorCase(
            [
                "channels": .integer(6), "kernel": .integers([1, 3]), "stride": .integers([2, 1]),
                "padding": .integers([0, 2, 0, 0]), "groups": .integer(0),
            ], inputs: [Shape(channels: 3, height: 3, width: 4)]),
        OperatorCase(
            ["channels": .integer(12), "kernel": .integer(2), "padding": .integer(1), "groups": .integer(2)],
            inputs: [Shape(channels: 8, height: 2, width: 3)]),
        // The border alone for some outputs.
        OperatorCase(
            ["channels": .integer(2), "kernel": .integer(1), "padding": .integer(1)],
            inputs: [Shape(channels: 2, height: 2, width: 2)]),
        // Lines.
        OperatorCase(
            ["channels": .integer(3), "kernel": .integer(3), "padding": .integer(1)], inputs: [Shape([2, 7])]),
        OperatorCase(
            [
                "channels": .integer(4), "kernel": .integer(2), "stride": .integer(2), "padding": .integers([2, 1]),
                "dilation": .integer(2), "groups": .integer(2),
            ], inputs: [Shape([4, 6])], samples: 17),
    ]

    package let channels: Int
    private let moves: WindowArguments
    /// 0: as many as there are channels.
    package let groups: Int

    package init(_ arguments: Arguments) throws {
        channels = arguments.integer("channels")
        groups = arguments.integer("groups")
        moves = try WindowArguments(arguments)
    }
    private init(channels: Int, _ moves: WindowArguments, groups: Int) {
        self.channels = channels
        self.moves = moves
        self.groups = groups
    }
    package init(channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, groups: Int = 1, dilation: Int = 1) {
        self.init(
            channels: channels,
            WindowArguments(kernel: [kernel], stride: [stride], padding: [padding], dilation: [dilation]),
            groups: groups)
    }

    package var arguments: [String: Value] {
        moves.values.merging(["channels": .integer(channels), "groups": .integer(groups)]) { $1 }
    }
    package var traits: OperatorTraits { [.wantsNarrowPanels, .walksPlanes] }
    package var inputBorder: Int { moves.border }

    package func withRows(_ rows: Int) -> (any Operator)? { Convolution(channels: rows, moves, groups: groups) }
    /// As many groups as have channels left; 0 stays one a channel.
    package func narrowed(_ change: AxisChange) -> (any Operator)? {
        let ofGroup = change.inputs[0].channels / self.groups(of: change.inputs[0])
        let left = Set(change.keptInputs[0][0].map { $0 / ofGroup }).count
        return Convolution(channels: change.newOutput.channels, moves, groups: groups == 0 ? 0 : left)
    }
    package func weightAxes(_ inputs: [Shape]) -> [Int] {
        guard let shape = weightShape(inputs) else { return [] }
        return [channels, shape.channels / shape.groups]
            + (inputs[0].rank == 2 ? [] : [shape.kernelHeight]) + [shape.kernelWidth]
    }

    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        let input = inputs[0], groups = groups(of: input)
        let window = try moves.window(on: input)
        guard input.channels % groups == 0, channels % groups == 0 else {
            throw GraphError.shape(
                node: "", found: "\(input.channels) channels to \(channels)",
                expected: "both to be divisible by its \(groups) groups")
        }
        let outputs = window.outputs(height: input.height, width: input.width)
        guard outputs.y > 0, outputs.x > 0 else {
            throw GraphError.shape(
                node: "", found: "\(input)",
                expected: "an image that with its padding is no smaller than the "
                    + "\(window.extent.y)×\(window.extent.x) points of the kernel")
        }
        return input.resized(channels: channels, height: outputs.y, width: outputs.x)
    }

    package func gradientBorder(input: Shape, output: Shape) -> Int {
        (try? moves.window(on: input))?.gradientBorder(
            height: input.height, width: input.width, outputHeight: output.height, outputWidth: output.width) ?? 0
    }

    package func weightShape(_ inputs: [Shape]) -> WeightShape? {
        (try? moves.window(on: inputs[0])).map {
            WeightShape(rows: channels, channels: inputs[0].channels, window: $0, groups: groups(of: inputs[0]))
        }
    }

    private func groups(of input: Shape) -> Int { groups == 0 ? input.channels : groups }

    package func multiplyAdds(_ inputs: [Shape]) -> Int {
        guard let output = try? outputShape(inputs), let weights = weightShape(inputs) else { return 0 }
        return weights.weights * output.height * output.width
    }

    package func step(_ site: Site) -> any Step { WeightedStep(site) }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        PointConvolution(site) ?? ConvolutionPlanes(&site)
    }
}
