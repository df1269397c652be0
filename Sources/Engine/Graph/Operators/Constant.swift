import Descriptors
import Kernels

/// A value that does not depend on the sample: a mask, a table of positions. It is a parameter, fixed or trained.
package struct Constant: CompactOperator {
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
    package func reach(_ inputs: [Shape]) -> PointReach { .everything }
    package func kernel(_ inputs: [Shape], output: Shape) -> any CompactKernel {
        ConstantKernel(features: output.features)
    }
}

private struct ConstantKernel: CompactKernel {
    let features: Int

    func forward(_ panel: CompactPanel) {
        for feature in 0..<features {
            (panel.output + feature &* panel.lanes).update(
                repeating: panel.parameters[0][feature], count: panel.lanes)
        }
    }

    func backward(_ panel: CompactPanel) {
        guard let dy = panel.outputGradient else { return }
        for feature in 0..<features {
            var sum: Float = 0
            for lane in 0..<panel.samples { sum += dy[feature &* panel.lanes &+ lane] }
            panel.parameterGradients[0][feature] += sum
        }
    }
}
