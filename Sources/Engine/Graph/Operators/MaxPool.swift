import Descriptors
import Kernels

/// The largest of each window; of equal ones the first in row-major order takes the gradient. Points of the border are none.
package struct MaxPool: Operator {
    package static let descriptor = Descriptor(
        name: "max-pool", summary: "the largest value of each window",
        parameters: [
            WindowArguments.kernel(default: .integer(2)), WindowArguments.strideOfPool, WindowArguments.padding,
            WindowArguments.dilation, PoolArguments.ceil,
        ])
    package static let cases = PoolArguments.cases

    private let pool: PoolArguments

    package init(_ arguments: Arguments) throws { pool = try PoolArguments(arguments) }
    package init(kernel: Int, stride: Int = 0) { pool = PoolArguments(kernel: kernel, stride: stride) }

    package var arguments: [String: Value] { pool.values }
    package var rememberedBytes: Int { WinnerBuffer.bytes }
    package func outputShape(_ inputs: [Shape]) throws -> Shape { try pool.outputShape(inputs[0]) }
    package func reach(_ inputs: [Shape]) -> PointReach { .window(Window(pool.window(on: inputs[0]))) }
    package func exactStep(_ inputs: [Shape]) -> (any ExactStep)? {
        ExactPool(window: Window(pool.window(on: inputs[0])), takesLargest: true)
    }
    package func step(_ site: Site) -> any Step {
        MaxPoolStep(site, window: pool.window(on: site.inputs[0].shape))
    }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        let window = pool.window(on: site.inputs[0].shape)
        return PlanePoints(site) { planeMaxPool($0, $1, to: $2, $3, window: window) }
    }
}

/// Runs both: the global one is a single window.
final class MaxPoolStep: BlockStep, RectifyingReader {
    let site: Site
    private let window: KernelWindow
    /// Which point of its window each output came from; none where nothing is trained.
    private let winners: WinnerBuffer?
    var rectifiesInput = false

    init(_ site: Site, window: KernelWindow) {
        self.site = site
        self.window = window
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
                window: window, rectifies: rectifies)
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
                dxLayout: x.gradientLayout, window: window, adds: site.gradients[0] == .add)
        }
    }
}
