import Descriptors
import Kernels

/// The largest value of each whole channel: (channels, y, x) → (channels, 1, 1). Of equal ones the first takes the gradient.
package struct GlobalMaxPool: Operator {
    package static let descriptor = Descriptor(
        name: "global-max-pool", summary: "the largest value of each whole channel")
    package static let cases = [
        OperatorCase(inputs: [Shape(channels: 3, height: 4, width: 5)], samples: 18),
        OperatorCase(inputs: [Shape([3, 5])]),
    ]

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var rememberedBytes: Int { WinnerBuffer.bytes }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        let points = inputs[0].features / max(1, inputs[0].channels)
        guard points <= WinnerBuffer.mostPoints else {
            throw GraphError.shape(
                node: "", found: "\(inputs[0])",
                expected: "no more than \(WinnerBuffer.mostPoints) points a channel")
        }
        return inputs[0].ofWholeChannels
    }
    package func reach(_ inputs: [Shape]) -> PointReach { .window(Window(.whole(inputs[0]))) }
    package func exactStep(_ inputs: [Shape]) -> (any ExactStep)? {
        ExactPool(window: Window(.whole(inputs[0])), takesLargest: true)
    }
    package func step(_ site: Site) -> any Step { MaxPoolStep(site, window: .whole(site.inputs[0].shape)) }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        let window = KernelWindow.whole(site.inputs[0].shape)
        return PlanePoints(site) { planeMaxPool($0, $1, to: $2, $3, window: window) }
    }
}
