import Descriptors

/// Normalisation of each channel of each sample, then a scale and a shift for each channel.
package struct InstanceNorm: NormOperator {
    package static let descriptor = Descriptor(
        name: "instance-norm", summary: "normalises each channel of each sample, then scales and shifts it",
        citation: "Ulyanov, Vedaldi & Lempitsky 2016, arXiv:1607.08022",
        parameters: [
            epsilonParameter,
            Parameter("parameters", "what is trained", .choice(["both", "none"]), default: .text("both")),
        ])
    package static let cases = [
        OperatorCase(inputs: [Shape([2, 3, 3])], samples: 18, tolerance: 1e-2, values: -2...2),
        OperatorCase(["parameters": .text("none")], inputs: [Shape([3, 7])], tolerance: 1e-2, values: -2...2),
    ]

    package let epsilon: Float
    package let isTrained: Bool

    package init(_ arguments: Arguments) throws {
        epsilon = Float(arguments.number("epsilon"))
        isTrained = arguments.text("parameters") == "both"
    }

    package var arguments: [String: Value] {
        ["epsilon": .number(Double(epsilon)), "parameters": .text(isTrained ? "both" : "none")]
    }
    func plan(_ input: Shape) throws -> NormPlan {
        guard input.rank > 1 else {
            throw GraphError.shape(node: "", found: "\(input)", expected: "channels with points to normalise")
        }
        return NormPlan(
            split: input.channels, summed: Array(1...input.rank), isByPoint: false, epsilon: epsilon, centers: true,
            hasScale: isTrained, hasShift: isTrained)
    }
}
