import Descriptors

/// (x − mean) / √(variance + ε) · weight + bias over some neighbouring axes of each sample.
package struct LayerNorm: NormOperator {
    package static let descriptor = Descriptor(
        name: "layer-norm", summary: "normalises each sample over some axes, then scales and shifts it",
        citation: "Ba, Kiros & Hinton 2016, arXiv:1607.06450",
        parameters: [
            Parameter(
                "axes", "neighbouring ones; negative ones from the end", .integers(-8...7, count: 1...8),
                default: .integers([-1])),
            epsilonParameter,
            Parameter(
                "parameters", "what is trained", .choice(["both", "scale", "none"]), default: .text("both")),
        ])
    package static let cases = [
        OperatorCase(inputs: [Shape([9])], samples: 18, tolerance: 1e-2, values: -2...2),
        OperatorCase(inputs: [Shape([3, 6])], tolerance: 1e-2, values: -2...2),
        OperatorCase(
            ["axes": .integers([0]), "parameters": .text("scale")], inputs: [Shape([6, 3])], tolerance: 1e-2,
            values: -2...2),
        OperatorCase(
            ["axes": .integers([1, 2]), "parameters": .text("none")], inputs: [Shape([2, 3, 4])], tolerance: 1e-2,
            values: -2...2),
    ]

    package let axes: [Int]
    package let epsilon: Float
    package let parameters: String

    package init(_ arguments: Arguments) throws {
        axes = arguments.integers("axes")
        epsilon = Float(arguments.number("epsilon"))
        parameters = arguments.text("parameters")
    }
    package init(axes: [Int] = [-1], epsilon: Float = 1e-5) {
        (self.axes, self.epsilon, parameters) = (axes, epsilon, "both")
    }

    package var arguments: [String: Value] {
        ["axes": .integers(axes), "epsilon": .number(Double(epsilon)), "parameters": .text(parameters)]
    }
    func plan(_ input: Shape) throws -> NormPlan {
        NormPlan(
            summed: try input.neighbours(axes), isByPoint: true, epsilon: epsilon, centers: true,
            hasScale: parameters != "none", hasShift: parameters == "both")
    }
}

extension Shape {
    /// Axes side by side, ascending.
    /// - Throws: `GraphError.shape`
    func neighbours(_ axes: [Int]) throws -> [Int] {
        let numbers = try self.axes(axes)
        guard numbers.last! - numbers[0] == numbers.count - 1 else {
            throw GraphError.shape(node: "", found: "axes \(axes)", expected: "axes side by side")
        }
        return numbers
    }
}
