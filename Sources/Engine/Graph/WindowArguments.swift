import Descriptors
import Kernels

/// The arguments of operators that move a window over an image, (channels, y, x), or over a line, (channels, x). One number is
/// meant for both axes of an image. Features are an image of 1×1.
struct WindowArguments: Sendable, Equatable {
    private let kernel: [Int]
    /// Zero: the kernel.
    private let stride: [Int]
    private let padding: [Int]
    private let dilation: [Int]

    /// As wide as the windows of sound get: a short-time Fourier transform is a convolution of 512 points and more.
    private static let mostPoints = 4096

    /// - Parameter fallback: nil where it must be given.
    static func kernel(default fallback: Value? = nil) -> Parameter {
        Parameter(
            "kernel", "points of the window, or its height and width", .integers(1...mostPoints, count: 1...2),
            default: fallback)
    }
    static let stride = Parameter(
        "stride", "step between outputs, or that of y and x", .integers(1...mostPoints, count: 1...2),
        default: .integer(1))
    static let strideOfPool = Parameter(
        "stride", "step between windows, or that of y and x; 0: the kernel", .integers(0...mostPoints, count: 1...2),
        default: .integer(0))
    static let padding = Parameter(
        "padding", "border around the input, or top, left, bottom, right; of a line left, right",
        .integers(0...mostPoints - 1, count: 1...4), default: .integer(0))
    static let dilation = Parameter(
        "dilation", "points from one tap of the window to the next, or those of y and x",
        .integers(1...mostPoints, count: 1...2), default: .integer(1))

    init(_ arguments: Arguments) throws {
        self.init(
            kernel: arguments.integers("kernel"), stride: arguments.integers("stride"),
            padding: arguments.integers("padding"), dilation: arguments.integers("dilation"))
        guard padding.count != 3 else {
            throw ArgumentError.outOfRange(
                name: "padding", of: arguments.descriptor.name, value: Value.integers(padding).description,
                accepted: "one number, two (left and right of a line) or four (top, left, bottom and right)")
        }
    }

    init(kernel: [Int], stride: [Int] = [1], padding: [Int] = [0], dilation: [Int] = [1]) {
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
    }

    /// As a recipe gives them.
    var values: [String: Value] {
        func value(_ numbers: [Int]) -> Value { numbers.count == 1 ? .integer(numbers[0]) : .integers(numbers) }
        return [
            "kernel": value(kernel), "stride": value(stride), "padding": value(padding), "dilation": value(dilation),
        ]
    }

    /// The widest side of the border.
    var border: Int { padding.max() ?? 0 }

    /// The window on an input of this shape.
    /// - Throws: `GraphError.shape` where the arguments are of another number of axes.
    func window(on input: Shape) throws -> KernelWindow {
        let isOfOneAxis = max(kernel.count, stride.count, dilation.count) == 1
        switch input.rank {
        case 1 where padding.count != 2, 3 where padding.count != 2:
            return KernelWindow(
                height: kernel[0], width: kernel.last!, stride: axes(step), dilation: axes(dilation),
                pads: padding.count == 4
                    ? KernelWindow.Pads(top: padding[0], left: padding[1], bottom: padding[2], right: padding[3])
                    : KernelWindow.Pads(padding[0]))
        case 2 where isOfOneAxis && padding.count <= 2:
            return KernelWindow(
                width: kernel[0], stride: KernelWindow.Axes(y: 1, x: step[0]),
                dilation: KernelWindow.Axes(y: 1, x: dilation[0]),
                pads: KernelWindow.Pads(top: 0, left: padding[0], bottom: 0, right: padding.last!))
        default:
            let fits = [
                padding.count != 2 ? "an image (channels, y, x)" : nil,
                isOfOneAxis && padding.count <= 2 ? "a line (channels, x)" : nil,
            ].compactMap { $0 }
            throw GraphError.shape(
                node: "", found: "\(input)",
                expected: fits.isEmpty
                    ? "nothing: a padding of two numbers is a line's, two numbers of another argument are an image's"
                    : fits.joined(separator: " or "))
        }
    }

    private var step: [Int] {
        (0..<max(kernel.count, stride.count)).map { axis in
            let given = axis < stride.count ? stride[axis] : stride[0]
            return given > 0 ? given : axis < kernel.count ? kernel[axis] : kernel[0]
        }
    }
    private func axes(_ numbers: [Int]) -> KernelWindow.Axes { KernelWindow.Axes(y: numbers[0], x: numbers.last!) }

    /// What a pool makes of an input, with as many axes.
    /// - Parameter ceil: whether a last window may end outside the border, where it begins before its end.
    /// - Throws: `GraphError.shape` where there is no window, or one without a point of the input.
    func pooled(_ input: Shape, ceil: Bool) throws -> Shape {
        let window = try window(on: input)
        let axes = [window.vertical(input.height), window.horizontal(input.width)]
        let outputs = axes.map { $0.outputs(ceil: ceil) }
        guard outputs[0] > 0, outputs[1] > 0 else {
            throw GraphError.shape(
                node: "", found: "\(input)",
                expected: "an image no smaller than its \(window.extent.y)×\(window.extent.x) window"
                    + (border > 0 ? ", its padding counted" : ""))
        }
        for (axis, count) in zip(axes, outputs) where (0..<count).contains(where: { axis.inside($0).isEmpty }) {
            throw GraphError.shape(
                node: "", found: "\(input)",
                expected: "an image of which each window has a point: the padding or the dilation is too wide for it")
        }
        return input.resized(channels: input.channels, height: outputs[0], width: outputs[1])
    }
}

extension Shape {
    /// An image or a line of another size, with as many axes.
    func resized(channels: Int, height: Int, width: Int) -> Shape {
        switch rank {
        case 3: Shape([channels, height, width])
        case 2: Shape([channels, width])
        default: Shape(channels: channels, height: height, width: width)
        }
    }
}
