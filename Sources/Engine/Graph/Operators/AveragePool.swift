import Descriptors
import Kernels

/// The mean of each square window.
package struct AveragePool: Operator {
    package static let descriptor = Descriptor(
        name: "average-pool", summary: "the mean of each square window",
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
        kernel = arguments.integer("kernel")
        stride = arguments.integer("stride") == 0 ? kernel : arguments.integer("stride")
    }

    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        try MaxPool(kernel: kernel, stride: stride).outputShape(inputs)
    }
    package func reach(_ inputs: [Shape]) -> PointReach {
        .window(Window(height: kernel, width: kernel, stride: stride))
    }
    package var arguments: [String: Value] { ["kernel": .integer(kernel), "stride": .integer(stride)] }
    package func step(_ site: Site) -> any Step {
        AveragePoolStep(site, kernelHeight: kernel, kernelWidth: kernel, stride: stride)
    }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        let (kernel, stride) = (kernel, stride)
        return PlanePoints(site) {
            planeAveragePool($0, $1, to: $2, $3, kernelHeight: kernel, kernelWidth: kernel, stride: stride)
        }
    }
}

/// Runs both average pools: the global one is a single window.
final class AveragePoolStep: BlockStep {
    let site: Site
    private let kernelHeight: Int
    private let kernelWidth: Int
    private let stride: Int

    init(_ site: Site, kernelHeight: Int, kernelWidth: Int, stride: Int) {
        self.site = site
        self.kernelHeight = kernelHeight
        self.kernelWidth = kernelWidth
        self.stride = stride
    }

    func forward(panel: Int, channels: Range<Int>) {
        let x = site.inputs[0], y = site.output
        for channel in channels {
            averagePoolForward(
                x: x.values.pointer + panel * x.layout.panelFloats + x.layout.offset(channel), xLayout: x.layout,
                y: y.values.pointer + panel * y.layout.panelFloats + y.layout.offset(channel), yLayout: y.layout,
                kernelHeight: kernelHeight, kernelWidth: kernelWidth, stride: stride)
        }
    }

    func backward(panel: Int, channels: Range<Int>) {
        guard site.gradients[0] != .none, let dx = site.inputs[0].gradient, let dy = site.output.gradient else {
            return
        }
        let x = site.inputs[0], y = site.output
        for channel in channels {
            averagePoolBackward(
                dy: dy.pointer + panel * y.gradientLayout.panelFloats + y.gradientLayout.offset(channel),
                dyLayout: y.gradientLayout,
                dx: dx.pointer + panel * x.gradientLayout.panelFloats + x.gradientLayout.offset(channel),
                dxLayout: x.gradientLayout, kernelHeight: kernelHeight, kernelWidth: kernelWidth, stride: stride,
                clears: site.gradients[0] == .store)
        }
    }
}
