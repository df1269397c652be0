import Descriptors
import Kernels

/// The mean of each window. Points of the border are none, or zeros where they count.
package struct AveragePool: Operator {
    package static let descriptor = Descriptor(
        name: "average-pool", summary: "the mean of each window",
        parameters: [
            WindowArguments.kernel(default: .integer(2)), WindowArguments.strideOfPool, WindowArguments.padding,
            WindowArguments.dilation, PoolArguments.ceil,
            Parameter(
                "count-include-pad", "whether points of the padding count, as zeros", .boolean,
                default: .boolean(false)),
        ])
    package static let cases =
        PoolArguments.cases
        + [
            OperatorCase(
                [
                    "kernel": .integer(3), "stride": .integer(2), "padding": .integer(1), "ceil-mode": .boolean(true),
                    "count-include-pad": .boolean(true),
                ], inputs: [Shape(channels: 2, height: 5, width: 6)]),
            OperatorCase(
                ["kernel": .integer(3), "padding": .integers([1, 2]), "count-include-pad": .boolean(true)],
                inputs: [Shape([2, 5])]),
        ]

    private let pool: PoolArguments
    private let countsPads: Bool

    package init(_ arguments: Arguments) throws {
        pool = try PoolArguments(arguments)
        countsPads = arguments.boolean("count-include-pad")
    }

    package var arguments: [String: Value] {
        pool.values.merging(["count-include-pad": .boolean(countsPads)]) { $1 }
    }
    package func outputShape(_ inputs: [Shape]) throws -> Shape { try pool.outputShape(inputs[0]) }
    package func reach(_ inputs: [Shape]) -> PointReach { .window(Window(pool.window(on: inputs[0]))) }
    package func exactStep(_ inputs: [Shape]) -> (any ExactStep)? {
        countsPads ? nil : ExactPool(window: Window(pool.window(on: inputs[0])), takesLargest: false)
    }
    package func step(_ site: Site) -> any Step {
        AveragePoolStep(site, window: pool.window(on: site.inputs[0].shape), countsPads: countsPads)
    }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        let (window, countsPads) = (pool.window(on: site.inputs[0].shape), countsPads)
        return PlanePoints(site) {
            planeAveragePool($0, $1, to: $2, $3, window: window, countsPads: countsPads)
        }
    }
}

/// Runs both average pools: the global one is a single window.
final class AveragePoolStep: BlockStep {
    let site: Site
    private let window: KernelWindow
    private let countsPads: Bool

    init(_ site: Site, window: KernelWindow, countsPads: Bool = false) {
        self.site = site
        self.window = window
        self.countsPads = countsPads
    }

    func forward(panel: Int, channels: Range<Int>) {
        let x = site.inputs[0], y = site.output
        for channel in channels {
            averagePoolForward(
                x: x.values.pointer + panel * x.layout.panelFloats + x.layout.offset(channel), xLayout: x.layout,
                y: y.values.pointer + panel * y.layout.panelFloats + y.layout.offset(channel), yLayout: y.layout,
                window: window, countsPads: countsPads)
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
                dxLayout: x.gradientLayout, window: window, countsPads: countsPads,
                clears: site.gradients[0] == .store)
        }
    }
}
