import Descriptors
import Kernels

/// y = max(x, 0), any shape. The gradient at 0 is 0.
package struct ReLU: Operator {
    package static let descriptor = Descriptor(name: "relu", summary: "max(x, 0)")
    package static let cases = [
        OperatorCase(inputs: [Shape(channels: 9)]),
        OperatorCase(inputs: [Shape(channels: 2, height: 3, width: 3)]),
    ]

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package func outputShape(_ inputs: [Shape]) throws -> Shape { inputs[0] }
    package func step(_ site: Site) -> any Step { ReLUStep(site) }
}

private final class ReLUStep: Step {
    private let site: Site
    init(_ site: Site) { self.site = site }

    func forward(panels: Int) {
        let x = site.inputs[0], y = site.output
        forEachBlock(of: y.shape, layout: y.layout, panels: panels, team: site.team) { panel, channels in
            forEachRun([x.layout, y.layout], panel: panel, channels: channels) { offsets, count in
                reluForward(x.values.pointer + offsets[0], y.values.pointer + offsets[1], count: count)
            }
        }
    }

    func backward(panels: Int) {
        guard site.gradients[0] != .none, let dx = site.inputs[0].gradient, let dy = site.output.gradient else {
            return
        }
        let x = site.inputs[0], y = site.output
        let adds = site.gradients[0] == .add
        forEachBlock(of: y.shape, layout: y.layout, panels: panels, team: site.team) { panel, channels in
            forEachRun([y.layout, y.gradientLayout, x.gradientLayout], panel: panel, channels: channels) { at, count in
                reluBackward(
                    y: y.values.pointer + at[0], dy: dy.pointer + at[1], dx: dx.pointer + at[2], count: count,
                    adds: adds)
            }
        }
    }
}
