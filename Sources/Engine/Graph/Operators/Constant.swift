import Descriptors
import Kernels

/// A value that does not depend on the sample: a mask, a table of positions. It is a parameter, fixed or trained.
package struct Constant: StridedOperator {
    package static let descriptor = Descriptor(
        name: "constant", summary: "a value that is the same for every sample",
        parameters: [
            Parameter(
                "shape", "its axes", .integers(1...Graph.mostFeatures, count: 0...Shape.mostAxes)),
            Parameter("trained", "whether the optimizer changes it", .boolean, default: .boolean(false)),
            Parameter(
                "value", "every number of it, before it is read or trained", .number(-1e30...1e30), default: .number(0)),
        ])
    package static let inputCount = 0...0
    package static let cases = [
        OperatorCase(["shape": .integers([5]), "trained": .boolean(true)], inputs: [], samples: 17),
        OperatorCase(["shape": .integers([2, 3, 2]), "value": .number(0.5), "trained": .boolean(true)], inputs: []),
        OperatorCase(["shape": .integers([])], inputs: []),
    ]

    package let shape: Shape
    package let isTrained: Bool
    package let value: Float

    package init(_ arguments: Arguments) throws {
        self.init(
            shape: Shape(arguments.integers("shape")), isTrained: arguments.boolean("trained"),
            value: Float(arguments.number("value")))
    }
    package init(shape: Shape, isTrained: Bool = false, value: Float = 0) {
        self.shape = shape
        self.isTrained = isTrained
        self.value = value
    }

    package var arguments: [String: Value] {
        ["shape": .integers(shape.axes), "trained": .boolean(isTrained), "value": .number(Double(value))]
    }
    package func outputShape(_ inputs: [Shape]) throws -> Shape { shape }
    package func parameters(_ inputs: [Shape]) -> [ParameterShape] {
        [ParameterShape("value", shape.axes, isTrained ? .trained : .fixed, initial: value, summary: "values")]
    }
    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        var rule = AxisRule()
        for axis in 0..<shape.rank { rule.link(.output(axis: axis), .parameter(0, axis: axis)) }
        return rule
    }
    package func narrowed(_ change: AxisChange) -> (any Operator)? {
        Constant(shape: change.newOutput, isTrained: isTrained, value: value)
    }
    package func reach(_ inputs: [Shape]) -> PointReach { .everything }
    package func kernel(_ places: StridedPlaces) -> any StridedKernel {
        ConstantKernel(output: places.output, gradient: places.outputGradient, isTrained: isTrained)
    }
}

private struct ConstantKernel: StridedKernel {
    private let output: [Int32]
    private let gradient: [Int32]
    private let lanes: Int
    let sumsOfPanel: Int

    init(output: AxisStrides, gradient: AxisStrides, isTrained: Bool) {
        self.output = output.offsets
        self.gradient = gradient.offsets
        lanes = output.lanes
        sumsOfPanel = isTrained ? 1 : 0
    }

    var tasks: Int { 1 }
    var gradientTasks: Int { 1 }

    func forward(_ panel: StridedPanel, task: Int) {
        placeValues(panel.parameters[0], to: panel.output, offsets: output, lanes: lanes)
    }

    func backward(_ panel: StridedPanel, task: Int) {
        guard let dy = panel.outputGradient, let sums = panel.sums else { return }
        for (point, offset) in gradient.enumerated() {
            var sum: Float = 0
            for lane in 0..<panel.samples { sum += dy[Int(offset) &+ lane] }
            sums[point] = sum
        }
    }
}
