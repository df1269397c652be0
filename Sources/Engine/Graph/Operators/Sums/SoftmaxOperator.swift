import Descriptors
import Kernels

/// Softmax along one axis, or its logarithm.
package protocol SoftmaxOperator: StridedOperator {
    var axis: Int { get }
    static var isLogarithm: Bool { get }
}

extension SoftmaxOperator {
    package static var axisParameter: Parameter {
        Parameter("axis", "along which; negative ones from the end", .integer(-8...7), default: .integer(-1))
    }
    package static var softmaxCases: [OperatorCase] {
        [
            OperatorCase(inputs: [Shape([7])], samples: 17, tolerance: 3e-3, values: -2...2),
            OperatorCase(["axis": .integer(0)], inputs: [Shape([5, 3])], tolerance: 3e-3, values: -2...2),
            OperatorCase(["axis": .integer(1)], inputs: [Shape([2, 3, 2])], tolerance: 3e-3, values: -2...2),
        ]
    }

    package var arguments: [String: Value] { ["axis": .integer(axis)] }
    package var traits: OperatorTraits { .readsOutput }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        _ = try inputs[0].axis(axis)
        return inputs[0]
    }
    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        var rule = AxisRule()
        let own = try? inputs[0].axis(axis)
        for axis in 0..<inputs[0].rank where axis != own { rule.link(.input(0, axis: axis), .output(axis: axis)) }
        return rule
    }
    package func reach(_ inputs: [Shape]) -> PointReach { .everything }
    package func kernel(_ places: StridedPlaces) -> any StridedKernel {
        let axis = try! Shape(places.output.axes).axis(axis)
        return SoftmaxKernel(places, axis: axis, isLogarithm: Self.isLogarithm)
    }
}

private struct SoftmaxKernel: StridedKernel {
    private let work: SoftmaxColumns
    private let dy: Columns
    private let dx: Columns
    private let parts: ColumnTasks

    init(_ places: StridedPlaces, axis: Int, isLogarithm: Bool) {
        let x = Columns(places.inputs[0], over: [axis])
        work = SoftmaxColumns(x: x, y: Columns(places.output, over: [axis]), isLogarithm: isLogarithm)
        dy = Columns(places.outputGradient, over: [axis])
        dx = Columns(places.inputGradients[0], over: [axis])
        parts = ColumnTasks(columns: x.count, length: x.length)
    }

    var tasks: Int { parts.count }
    var gradientTasks: Int { parts.count }
    // All of a column may be masked by −∞ where no sample is.
    var isPartial: Bool { true }

    func forward(_ panel: StridedPanel, task: Int) {
        work.forward(columns: parts[task], panel.inputs[0], to: panel.output)
    }

    func backward(_ panel: StridedPanel, task: Int) {
        guard let dy = panel.outputGradient, let target = panel.inputGradients?[0] else { return }
        work.backward(
            columns: parts[task], y: panel.output, dy: dy, self.dy, to: target, dx, adds: panel.adds![0])
    }
}
