import Descriptors

/// y = W x + b. (features) → (outputs).
package struct Linear: Operator {
    package static let descriptor = Descriptor(
        name: "linear", summary: "every output from every input: y = W x + b",
        parameters: [Parameter("outputs", "output neurons", .integer(1...1_000_000_000))])
    package static let cases = [
        OperatorCase(["outputs": .integer(7)], inputs: [Shape(channels: 5)]),
        OperatorCase(["outputs": .integer(1)], inputs: [Shape(channels: 13)], samples: 20),
    ]

    package let outputs: Int

    package init(_ arguments: Arguments) throws { outputs = arguments.integer("outputs") }
    package init(outputs: Int) { self.outputs = outputs }

    package var arguments: [String: Value] { ["outputs": .integer(outputs)] }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        guard inputs[0].isFlat else {
            throw GraphError.shape(node: "", found: "\(inputs[0])", expected: "features (put a flatten before it)")
        }
        return Shape(channels: outputs)
    }

    package func withRows(_ rows: Int) -> (any Operator)? { Linear(outputs: rows) }

    package func narrowed(_ change: AxisChange) -> (any Operator)? { Linear(outputs: change.newOutput.channels) }

    package func weightShape(_ inputs: [Shape]) -> WeightShape? {
        WeightShape(rows: outputs, channels: inputs[0].channels)
    }

    package func step(_ site: Site) -> any Step { WeightedStep(site) }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep { LinearPlanes(site) }
}
