import Descriptors

/// x / √(mean of x² + ε) · weight over some neighbouring axes of each sample.
package struct RMSNorm: NormOperator {
    package static let descriptor = Descriptor(
        name: "rms-norm", summary: "divides each sample by its root mean square over some axes, then scales it",
        citation: "Zhang & Sennrich 2019, arXiv:1910.07467",
        parameters: [
            Parameter(
                "axes", "neighbouring ones; negative ones from the end", .integers(-8...7, count: 1...8),
                default: .integers([-1])),
            epsilonParameter,
            Parameter("parameters", "what is trained", .choice(["scale", "none"]), default: .text("scale")),
        ])
    package static let cases = [
        OperatorCase(inputs: [Shape([9])], samples: 18, tolerance: 1e-2, values: -2...2),
        OperatorCase(
            ["axes": .integers([0]), "parameters": .text("none")], inputs: [Shape([6, 3])], tolerance: 1e-2,
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

    package var arguments: [String: Value] {
        ["axes": .integers(axes), "epsilon": .number(Double(epsilon)), "parameters": .text(parameters)]
    }
    func plan(_ input: Shape) throws -> NormPlan {
        NormPlan(
            summed: try input.neighbours(axes), isByPoint: true, epsilon: epsilon, centers: false,
            hasScale: parameters != "none", hasShift: false)
    }
}
