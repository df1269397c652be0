import Descriptors
import Kernels

/// The mean of each whole channel: (channels, y, x) → (channels, 1, 1).
package struct GlobalAveragePool: Operator {
    package static let descriptor = Descriptor(
        name: "global-average-pool", summary: "the mean of each whole channel",
        citation: "Lin, Chen & Yan 2014, arXiv:1312.4400")
    package static let cases = [
        OperatorCase(inputs: [Shape(channels: 3, height: 4, width: 5)], samples: 18),
        OperatorCase(inputs: [Shape([3, 5])]),
    ]

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package func outputShape(_ inputs: [Shape]) throws -> Shape { inputs[0].ofWholeChannels }
    package func reach(_ inputs: [Shape]) -> PointReach { .window(Window(.whole(inputs[0]))) }
    package func exactStep(_ inputs: [Shape]) -> (any ExactStep)? {
        ExactPool(window: Window(.whole(inputs[0])), takesLargest: false)
    }
    package func step(_ site: Site) -> any Step { AveragePoolStep(site, window: .whole(site.inputs[0].shape)) }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        let window = KernelWindow.whole(site.inputs[0].shape)
        return PlanePoints(site) { planeAveragePool($0, $1, to: $2, $3, window: window) }
    }
}

extension KernelWindow {
    /// One window, all points of a channel.
    static func whole(_ input: Shape) -> KernelWindow { KernelWindow(height: input.height, width: input.width) }
}

extension Shape {
    /// One value a channel, with as many axes.
    var ofWholeChannels: Shape { Shape([channels] + [Int](repeating: 1, count: max(rank, 1) - 1)) }
}
