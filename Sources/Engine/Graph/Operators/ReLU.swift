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

    package var traits: OperatorTraits { [.overwrites, .overwritesGradient, .readsOutput, .keepsOrder, .makesZeros] }
    package func outputShape(_ inputs: [Shape]) throws -> Shape { inputs[0] }
    package func exactStep(_ inputs: [Shape]) -> (any ExactStep)? {
        ExactFunction(function: { $0.value > 0 ? $0 : .zero }, slope: { Dual($0.value > 0 ? 1 : 0) })
    }
    package func step(_ site: Site) -> any Step { ReLUStep(site) }
    package var valueKind: ValueKind? { .limit(.positive) }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        PlaneValues(site) { planeReLU($0[0], to: $1, count: $2) }
    }
}

private final class ReLUStep: BlockStep, RectifiedStep {
    let site: Site
    var isLeftToReader = false
    var isLeftToWriter = false
    var worksForward: Bool { !isLeftToWriter }
    private var isLeft: Bool { isLeftToReader && site.pass.isTraining }

    init(_ site: Site) { self.site = site }

    func forward(panel: Int, channels: Range<Int>) {
        if isLeft || isLeftToWriter { return }
        let x = site.inputs[0], y = site.output
        forEachRun(x.layout, y.layout, panel: panel, channels: channels) { from, to, count in
            reluForward(x.values.pointer + from, y.values.pointer + to, count: count)
        }
    }

    func backward(panel: Int, channels: Range<Int>) {
        guard !isLeft, site.gradients[0] != .none, let dx = site.inputs[0].gradient,
            let dy = site.output.gradient
        else { return }
        let x = site.inputs[0], y = site.output
        let adds = site.gradients[0] == .add
        forEachRun(y.layout, y.gradientLayout, x.gradientLayout, panel: panel, channels: channels) {
            value, from, to, count in
            reluBackward(
                y: y.values.pointer + value, dy: dy.pointer + from, dx: dx.pointer + to, count: count, adds: adds)
        }
        site.addActivationPenalty(panel: panel, channels: channels)
    }
}

extension Site {
    /// Adds the gradient of λ·Σ|y| of an activation whose values are 0 or more, and of slope 1 above: to what is already the gradient
    /// of its input.
    func addActivationPenalty(panel: Int, channels: Range<Int>) {
        guard pass.activationPenalty > 0, pass.isTraining, let dx = inputs[0].gradient else { return }
        let amount = pass.activationPenalty / Float(pass.samples), held = pass.samples - panel * output.layout.lanes
        let value = output.layout, slope = inputs[0].gradientLayout, lanes = value.lanes
        for channel in channels {
            for line in 0..<value.height {
                var y = UnsafePointer(output.values.pointer) + panel * value.panelFloats + value.offset(channel, line)
                var to = dx.pointer + panel * slope.panelFloats + slope.offset(channel, line)
                for _ in 0..<value.width {
                    // Lanes without a sample have values, and no part in the loss.
                    penalize(y, to, count: min(lanes, held), amount: amount)
                    y += lanes
                    to += lanes
                }
            }
        }
    }
}
