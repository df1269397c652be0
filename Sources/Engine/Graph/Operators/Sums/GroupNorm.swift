import Descriptors

/// Normalisation of groups of channels of each sample, then a scale and a shift for each channel.
package struct GroupNorm: NormOperator {
    package static let descriptor = Descriptor(
        name: "group-norm",
        summary: "normalises groups of channels of each sample, then scales and shifts each channel",
        citation: "Wu & He 2018, arXiv:1803.08494",
        parameters: [
            Parameter("groups", "of channels; they must come out even", .integer(1...1 << 30)),
            epsilonParameter,
            Parameter("parameters", "what is trained", .choice(["both", "none"]), default: .text("both")),
        ])
    package static let cases = [
        OperatorCase(
            ["groups": .integer(2)], inputs: [Shape([4, 3, 2])], samples: 18, tolerance: 1e-2, values: -2...2),
        OperatorCase(["groups": .integer(1)], inputs: [Shape([3, 4])], tolerance: 1e-2, values: -2...2),
        OperatorCase(
            ["groups": .integer(3), "parameters": .text("none")], inputs: [Shape([9])], tolerance: 1e-2, values: -2...2),
    ]

    package let groups: Int
    package let epsilon: Float
    package let isTrained: Bool

    package init(_ arguments: Arguments) throws {
        groups = arguments.integer("groups")
        epsilon = Float(arguments.number("epsilon"))
        isTrained = arguments.text("parameters") == "both"
    }

    package var arguments: [String: Value] {
        [
            "groups": .integer(groups), "epsilon": .number(Double(epsilon)),
            "parameters": .text(isTrained ? "both" : "none"),
        ]
    }
    package func narrowed(_ change: AxisChange) -> (any Operator)? {
        let ofGroup = change.inputs[0].channels / groups
        return try? Operators.make(
            Self.descriptor.name, arguments.merging(["groups": .integer(change.newOutput.channels / ofGroup)]) { $1 })
    }
    func plan(_ input: Shape) throws -> NormPlan {
        guard input.rank > 0, input.channels % groups == 0 else {
            throw GraphError.shape(node: "", found: "\(input)", expected: "channels that \(groups) groups divide")
        }
        return NormPlan(
            split: groups, summed: Array(1...input.rank), isByPoint: false, epsilon: epsilon, centers: true,
            hasScale: isTrained, hasShift: isTrained)
    }
}
