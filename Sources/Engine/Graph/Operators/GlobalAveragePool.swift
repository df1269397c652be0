import Descriptors
import Kernels

/// The mean of each whole channel: (channels, y, x) → (channels).
package struct GlobalAveragePool: Operator {
    package static let descriptor = Descriptor(
        name: "global-average-pool", summary: "the mean of each whole channel",
        citation: "Lin, Chen & Yan 2014, arXiv:1312.4400")
    package static let cases = [OperatorCase(inputs: [Shape(channels: 3, height: 4, width: 5)], samples: 18)]

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package func outputShape(_ inputs: [Shape]) throws -> Shape { Shape(channels: inputs[0].channels) }
    package func reach(_ inputs: [Shape]) -> PointReach {
        .window(Window(height: inputs[0].height, width: inputs[0].width, stride: 1))
    }
    package func step(_ site: Site) -> any Step {
        let image = site.inputs[0].shape
        return AveragePoolStep(site, kernelHeight: image.height, kernelWidth: image.width, stride: 1)
    }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        let image = site.inputs[0].shape
        return PlanePoints(site) {
            planeAveragePool($0, $1, to: $2, $3, kernelHeight: image.height, kernelWidth: image.width, stride: 1)
        }
    }
}
