import Descriptors
import Kernels

/// An operator that does the same to each value by itself, any shape. It runs in the task that has just written what it reads.
///
/// Where the derivative follows from y, y is written over x; else x stays until the way back.
package protocol ValueOperator: Operator {
    var function: ValueFunction { get }
}

extension ValueOperator {
    package var traits: OperatorTraits {
        switch function.derivativeSource {
        case .output: [.overwrites, .overwritesGradient, .readsOutput]
        case .input: [.overwritesGradient]
        case .nothing: [.overwrites, .overwritesGradient]
        }
    }
    package func outputShape(_ inputs: [Shape]) throws -> Shape { inputs[0] }
    package var valueKind: ValueKind? { .function(function) }
    package func step(_ site: Site) -> any Step { ValueStep(site, function) }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        let function = function
        return PlanePoints(site) { planeValues(function, $0, $1, to: $2, $3) }
    }
    /// Shapes for the tests, of values away from kinks and ends.
    package static func valueCases(
        _ arguments: [String: Value] = [:], tolerance: Double = 1e-3, values: ClosedRange<Float>? = nil
    ) -> [OperatorCase] {
        [[9], [2, 3, 3], [4, 5]].map {
            OperatorCase(arguments, inputs: [Shape($0)], samples: 18, tolerance: tolerance, values: values)
        }
    }
}

private final class ValueStep: BlockStep {
    let site: Site
    private let function: ValueFunction

    init(_ site: Site, _ function: ValueFunction) {
        self.site = site
        self.function = function
    }

    func forward(panel: Int, channels: Range<Int>) {
        let x = site.inputs[0], y = site.output
        forEachRun(x.layout, y.layout, panel: panel, channels: channels) { from, to, count in
            function.forward(x.values.pointer + from, to: y.values.pointer + to, count: count)
        }
        guard function.isPartial, site.pass.isTraining else { return }
        y.layout.clearEmptyLanes(y.values.pointer, panel: panel, channels: channels, samples: site.pass.samples)
    }

    func backward(panel: Int, channels: Range<Int>) {
        guard site.gradients[0] != .none, let dx = site.inputs[0].gradient, let dy = site.output.gradient else {
            return
        }
        let x = site.inputs[0], y = site.output
        let held = function.derivativeSource == .output ? y : x
        let adds = site.gradients[0] == .add
        forEachRun(held.layout, y.gradientLayout, x.gradientLayout, panel: panel, channels: channels) {
            value, from, to, count in
            function.backward(
                value: held.values.pointer + value, dy: dy.pointer + from, dx: dx.pointer + to, count: count, adds: adds
            )
        }
        if case .thresholdedReLU = function { site.addActivationPenalty(panel: panel, channels: channels) }
        guard function.isPartial else { return }
        x.gradientLayout.clearEmptyLanes(dx.pointer, panel: panel, channels: channels, samples: site.pass.samples)
    }
}
