import Descriptors
import Kernels

/// The place of the largest or smallest value along an axis. It has no way back.
package protocol ExtremeOperator: StridedOperator {
    var axis: Int { get }
    var keeps: Bool { get }
    var takesLast: Bool { get }
    static var isLargest: Bool { get }
}

extension ExtremeOperator {
    package static var extremeParameters: [Parameter] {
        [
            Parameter("axis", "along which; negative ones from the end", .integer(-8...7), default: .integer(0)),
            Parameter("keep", "whether the axis stays, of size 1", .boolean, default: .boolean(true)),
            Parameter("last", "of equal ones the last, not the first", .boolean, default: .boolean(false)),
        ]
    }
    package static var extremeCases: [OperatorCase] {
        [
            OperatorCase(inputs: [Shape([7])], samples: 17),
            OperatorCase(
                ["axis": .integer(-1), "keep": .boolean(false), "last": .boolean(true)], inputs: [Shape([2, 3, 4])]),
        ]
    }
    package static var isAnswer: Bool { true }

    package var arguments: [String: Value] {
        ["axis": .integer(axis), "keep": .boolean(keeps), "last": .boolean(takesLast)]
    }
    package var traits: OperatorTraits { .hasNoGradient }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        inputs[0].reduced([try inputs[0].axis(axis)], keeps: keeps)
    }
    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        var rule = AxisRule()
        guard let own = try? inputs[0].axis(axis) else { return rule }
        for other in 0..<inputs[0].rank where other != own {
            rule.link(.input(0, axis: other), .output(axis: keeps || other < own ? other : other - 1))
        }
        return rule
    }
    package func reach(_ inputs: [Shape]) -> PointReach { .everything }
    package func kernel(_ places: StridedPlaces) -> any StridedKernel {
        let axis = try! Shape(places.inputs[0].axes).axis(axis)
        let work = ExtremePlaces(
            x: Columns(places.inputs[0], over: [axis]), y: places.output, isLargest: Self.isLargest,
            takesLast: takesLast)
        return ExtremeKernel(
            work: work, parts: ColumnTasks(columns: work.count, length: places.inputs[0].axes[axis]))
    }
}

private struct ExtremeKernel: StridedKernel {
    let work: ExtremePlaces
    let parts: ColumnTasks

    var tasks: Int { parts.count }
    var gradientTasks: Int { 1 }

    func forward(_ panel: StridedPanel, task: Int) {
        work.forward(columns: parts[task], panel.inputs[0], to: panel.output)
    }
    func backward(_ panel: StridedPanel, task: Int) {}
}
