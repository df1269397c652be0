import Descriptors
import Kernels

/// The largest of each window; of equal ones the first in row-major order takes the gradient.
package struct MaxPool: Operator {
    package static let descriptor = Descriptor(
        name: "max-pool", summary: "the largest value of each square window",
        parameters: [
            Parameter("kernel", "height and width of the window", .integer(1...63), default: .integer(2)),
            Parameter("stride", "step between windows; 0: the kernel", .integer(0...63), default: .integer(0)),
        ])
    package static let cases = [
        OperatorCase(inputs: [Shape(channels: 2, height: 4, width: 6)]),
        OperatorCase(
            ["kernel": .integer(3), "stride": .integer(2)], inputs: [Shape(channels: 3, height: 7, width: 6)],
            samples: 17),
    ]

    package let kernel: Int
    package let stride: Int

    package init(_ arguments: Arguments) throws {
        self.init(kernel: arguments.integer("kernel"), stride: arguments.integer("stride"))
    }
    package init(kernel: Int, stride: Int = 0) {
        self.kernel = kernel
        self.stride = stride == 0 ? kernel : stride
    }

    package var rememberedBytes: Int { WinnerBuffer.bytes }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        let x = inputs[0]
        guard x.height >= kernel, x.width >= kernel else {
            throw GraphError.shape(
                node: "", found: "\(x)", expected: "an image no smaller than its \(kernel)×\(kernel) window")
        }
        return Shape(
            channels: x.channels, height: (x.height - kernel) / stride + 1, width: (x.width - kernel) / stride + 1)
    }
    package func reach(_ inputs: [Shape]) -> PointReach {
        .window(Window(height: kernel, width: kernel, stride: stride))
    }
    package var arguments: [String: Value] { ["kernel": .integer(kernel), "stride": .integer(stride)] }
    package func step(_ site: Site) -> any Step { MaxPoolStep(site, kernel: kernel, stride: stride) }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        let (kernel, stride) = (kernel, stride)
        return PlanePoints(site) { planeMaxPool($0, $1, to: $2, $3, kernel: kernel, stride: stride) }
    }
}

private final class MaxPoolStep: BlockStep, RectifyingReader {
    let site: Site
    private let kernel: Int
    private let stride: Int
    /// Which point of its window each output came from; none where nothing is trained.
    private let winners: WinnerBuffer?
    var rectifiesInput = false

    init(_ site: Site, kernel: Int, stride: Int) {
        self.site = site
        self.kernel = kernel
        self.stride = stride
        winners = site.gradients[0] == .none ? nil : WinnerBuffer(count: site.output.values.count)
    }

    func forward(panel: Int, channels: Range<Int>) {
        let x = site.inputs[0], y = site.output
        let rectifies = rectifiesInput && site.pass.isTraining
        for channel in channels {
            let place = panel * y.layout.panelFloats + y.layout.offset(channel)
            maxPoolForward(
                x: x.values.pointer + panel * x.layout.panelFloats + x.layout.offset(channel), xLayout: x.layout,
                y: y.values.pointer + place, yLayout: y.layout, winners: winners.map { $0.pointer + place },
                kernel: kernel, stride: stride, rectifies: rectifies)
        }
    }

    func backward(panel: Int, channels: Range<Int>) {
        guard site.gradients[0] != .none, let winners, let dx = site.inputs[0].gradient,
            let dy = site.output.gradient
        else { return }
        let x = site.inputs[0], y = site.output
        for channel in channels {
            maxPoolBackward(
                winners: winners.pointer + panel * y.layout.panelFloats + y.layout.offset(channel), yLayout: y.layout,
                dy: dy.pointer + panel * y.gradientLayout.panelFloats + y.gradientLayout.offset(channel),
                dyLayout: y.gradientLayout,
                dx: dx.pointer + panel * x.gradientLayout.panelFloats + x.gradientLayout.offset(channel),
                dxLayout: x.gradientLayout, kernel: kernel, stride: stride, adds: site.gradients[0] == .add)
        }
    }
}
