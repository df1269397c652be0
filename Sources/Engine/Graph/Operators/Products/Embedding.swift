import Descriptors
import Kernels

/// Token numbers → rows of a trained table.
package struct Embedding: StridedOperator {
    package static let descriptor = Descriptor(
        name: "embedding", summary: "token numbers to rows of a trained table",
        parameters: [
            Parameter("vocabulary", "rows of the table", .integer(1...1 << 24)),
            Parameter("features", "numbers of a row", .integer(1...1 << 20)),
        ])
    package static let cases = [
        OperatorCase(
            ["vocabulary": .integer(5), "features": .integer(3)], inputs: [Shape([4])], samples: 17, values: 0...0.9),
        OperatorCase(
            ["vocabulary": .integer(3), "features": .integer(20)], inputs: [Shape([2, 3])], values: 1.05...1.9),
    ]

    package let vocabulary: Int
    package let features: Int

    package init(_ arguments: Arguments) throws {
        self.init(vocabulary: arguments.integer("vocabulary"), features: arguments.integer("features"))
    }
    package init(vocabulary: Int, features: Int) { (self.vocabulary, self.features) = (vocabulary, features) }

    package var arguments: [String: Value] {
        ["vocabulary": .integer(vocabulary), "features": .integer(features)]
    }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        guard inputs[0].rank < Shape.mostAxes else {
            throw GraphError.shape(
                node: "", found: "\(inputs[0])",
                expected: "at most \(Shape.mostAxes - 1) axes, and one more for features")
        }
        return Shape(inputs[0].axes + [features])
    }
    package func parameters(_ inputs: [Shape]) -> [ParameterShape] {
        // Rows begin with a length of about 1.
        [
            ParameterShape(
                "weight", [vocabulary, features], spread: (3 / Float(features)).squareRoot(), summary: "rows by token")
        ]
    }
    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        var rule = AxisRule()
        for axis in 0..<inputs[0].rank { rule.link(.input(0, axis: axis), .output(axis: axis)) }
        rule.link(.output(axis: inputs[0].rank), .parameter(0, axis: 1))
        return rule
    }
    package func narrowed(_ change: AxisChange) -> (any Operator)? {
        Embedding(vocabulary: vocabulary, features: change.newOutput[change.newOutput.rank - 1])
    }
    package func reach(_ inputs: [Shape]) -> PointReach { .everything }
    package func kernel(_ places: StridedPlaces) -> any StridedKernel {
        EmbeddingKernel(places, vocabulary: vocabulary)
    }
}

private struct EmbeddingKernel: StridedKernel {
    private let rows: EmbeddingRows
    private let dy: Columns
    /// Of the tokens, which have none.
    private let tokenGradient: Columns
    private let parts: ColumnTasks

    init(_ places: StridedPlaces, vocabulary: Int) {
        let tokens = places.inputs[0]
        rows = EmbeddingRows(tokens: tokens, y: places.output, vocabulary: vocabulary)
        let last = places.output.axes.count - 1
        dy = Columns(places.outputGradient, over: [last])
        tokenGradient = Columns(places.inputGradients[0], over: [])
        parts = ColumnTasks(columns: rows.count, length: rows.features)
    }

    var tasks: Int { parts.count }
    var gradientTasks: Int { 1 }
    var parameterTasks: Int { (rows.features + 15) / 16 }

    func forward(_ panel: StridedPanel, task: Int) {
        rows.forward(points: parts[task], panel.inputs[0], table: panel.parameters[0], to: panel.output)
    }

    func backward(_ panel: StridedPanel, task: Int) {
        // A token has no derivative: zeros where somebody wants one.
        guard let target = panel.inputGradients?[0], !panel.adds![0] else { return }
        tokenGradient.clear(target)
    }

    func parameterGradient(_ panel: StridedPanel, task: Int) {
        guard let dy = panel.outputGradient, let gradient = panel.parameterGradients?[0] else { return }
        rows.addGradient(
            features: task * 16..<min(task * 16 + 16, rows.features), samples: panel.samples, panel.inputs[0], dy: dy,
            self.dy, to: gradient)
    }
}
