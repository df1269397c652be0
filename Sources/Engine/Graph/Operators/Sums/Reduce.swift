import Descriptors
import Kernels

/// One number of all along some axes: their mean, sum, largest, …
package struct Reduce: StridedOperator {
    package static let descriptor = Descriptor(
        name: "reduce", summary: "one number of all along some axes: mean, sum, largest, norm, …",
        parameters: [
            Parameter(
                "kind", "which number", .choice(Reduction.allCases.map(\.rawValue)), default: .text("mean")),
            Parameter(
                "axes", "along which; none: all; negative ones from the end", .integers(-8...7, count: 0...8),
                default: .integers([])),
            Parameter("keep", "whether the axes stay, of size 1", .boolean, default: .boolean(true)),
        ])
    package static let cases = Reduction.allCases.flatMap { kind in
        let values: ClosedRange<Float>? = [.mean, .sum, .max, .min, .l1].contains(kind) ? nil : 0.5...2
        return [
            OperatorCase(
                ["kind": .text(kind.rawValue)], inputs: [Shape([5])], samples: 17, tolerance: 4e-3, values: values),
            OperatorCase(
                ["kind": .text(kind.rawValue), "axes": .integers([-1]), "keep": .boolean(false)],
                inputs: [Shape([2, 3, 4])], tolerance: 4e-3, values: values),
            OperatorCase(
                ["kind": .text(kind.rawValue), "axes": .integers([0, 2])], inputs: [Shape([2, 3, 2])],
                tolerance: 4e-3, values: values),
        ]
    }

    package let kind: Reduction
    package let axes: [Int]
    package let keeps: Bool

    package init(_ arguments: Arguments) throws {
        self.init(
            Reduction(rawValue: arguments.text("kind"))!, axes: arguments.integers("axes"),
            keeps: arguments.boolean("keep"))
    }
    package init(_ kind: Reduction, axes: [Int] = [], keeps: Bool = true) {
        (self.kind, self.axes, self.keeps) = (kind, axes, keeps)
    }

    package var arguments: [String: Value] {
        ["kind": .text(kind.rawValue), "axes": .integers(axes), "keep": .boolean(keeps)]
    }
    package var traits: OperatorTraits { kind.readsValues ? .readsOutput : [] }
    private func summed(_ shape: Shape) throws -> [Int] {
        axes.isEmpty ? Array(0..<shape.rank) : try shape.axes(axes)
    }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        inputs[0].reduced(try summed(inputs[0]), keeps: keeps)
    }
    /// Of a sum zeros may be left out; of other numbers none, but for axes that stay.
    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        var rule = AxisRule()
        guard let summed = try? summed(inputs[0]) else { return rule }
        var to = 0
        for axis in 0..<inputs[0].rank {
            if !summed.contains(axis) {
                rule.link(.input(0, axis: axis), .output(axis: to))
            } else if [.sum, .l1, .l2, .sumSquare].contains(kind) {
                rule.sum(.input(0, axis: axis), .ofValues)
            } else if kind == .mean {
                rule.sum(.input(0, axis: axis), .counting)
            }
            if keeps || !summed.contains(axis) { to += 1 }
        }
        return rule
    }
    package func reach(_ inputs: [Shape]) -> PointReach { .everything }
    package func kernel(_ places: StridedPlaces) -> any StridedKernel {
        let summed = try! summed(Shape(places.inputs[0].axes))
        return ReduceKernel(kind, places, summed)
    }
}

private struct ReduceKernel: StridedKernel {
    private let kind: Reduction
    private let work: ReductionColumns
    private let gradient: Columns
    private let outputGradient: AxisStrides
    private let parts: ColumnTasks

    init(_ kind: Reduction, _ places: StridedPlaces, _ summed: [Int]) {
        self.kind = kind
        let x = Columns(places.inputs[0], over: summed)
        work = ReductionColumns(kind, x: x, y: places.output)
        gradient = Columns(places.inputGradients[0], over: summed)
        outputGradient = places.outputGradient
        parts = ColumnTasks(columns: x.count, length: x.length)
    }

    var tasks: Int { parts.count }
    var gradientTasks: Int { parts.count }
    var isPartial: Bool { kind.isPartial }

    func forward(_ panel: StridedPanel, task: Int) {
        work.forward(columns: parts[task], panel.inputs[0], to: panel.output)
    }

    func backward(_ panel: StridedPanel, task: Int) {
        guard let dy = panel.outputGradient, let target = panel.inputGradients?[0] else { return }
        work.backward(
            columns: parts[task], panel.inputs[0], y: panel.output, dy: dy, outputGradient, to: target, gradient,
            adds: panel.adds![0])
    }
}
