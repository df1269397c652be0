import Descriptors
import Kernels

/// x, left of 0 times a trained slope.
package struct PReLU: StridedOperator {
    package static let descriptor = Descriptor(
        name: "prelu", summary: "x, left of 0 times a trained slope", citation: "He et al. 2015, arXiv:1502.01852",
        parameters: [
            Parameter(
                "per", "what has a slope of its own", .choice(SlopedRectifier.Sharing.allCases.map(\.rawValue)),
                default: .text("channel"))
        ])
    package static let cases = SlopedRectifier.Sharing.allCases.flatMap { sharing in
        [[9], [3, 4], [2, 3, 3]].map {
            OperatorCase(["per": .text(sharing.rawValue)], inputs: [Shape($0)], samples: 18)
        }
    }

    package let sharing: SlopedRectifier.Sharing

    package init(_ arguments: Arguments) throws {
        sharing = SlopedRectifier.Sharing(rawValue: arguments.text("per"))!
    }
    package init(_ sharing: SlopedRectifier.Sharing = .channel) { self.sharing = sharing }

    package var arguments: [String: Value] { ["per": .text(sharing.rawValue)] }
    package var traits: OperatorTraits { .hasOwnRegions }
    package func outputShape(_ inputs: [Shape]) throws -> Shape { inputs[0] }
    package func parameters(_ inputs: [Shape]) -> [ParameterShape] {
        let axes =
            switch sharing {
            case .channel: [inputs[0].channels]
            case .all: [1]
            case .value: inputs[0].axes
            }
        return [ParameterShape("weight", axes, initial: 0.25, summary: "slopes left of 0")]
    }
    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        var rule = AxisRule.pointwise(inputs, output: inputs[0])
        switch sharing {
        case .all: break
        case .channel: rule.link(.output(axis: 0), .parameter(0, axis: 0))
        case .value:
            for axis in 0..<inputs[0].rank { rule.link(.output(axis: axis), .parameter(0, axis: axis)) }
        }
        return rule
    }
    package func kernel(_ places: StridedPlaces) -> any StridedKernel {
        PReLUKernel(
            work: SlopedRectifier(
                sharing, x: places.inputs[0], y: places.output, dx: places.inputGradients[0],
                dy: places.outputGradient),
            isShared: sharing == .all)
    }
}

private struct PReLUKernel: StridedKernel {
    let work: SlopedRectifier
    let isShared: Bool

    var tasks: Int { work.channels }
    var gradientTasks: Int { work.channels }
    /// A shared slope has a sum for each channel.
    var sumsOfPanel: Int { isShared ? work.channels : 1 }

    func forward(_ panel: StridedPanel, task: Int) {
        work.forward(channel: task, panel.inputs[0], slopes: panel.parameters[0], to: panel.output)
    }

    func backward(_ panel: StridedPanel, task: Int) {
        guard let dy = panel.outputGradient, let sums = panel.sums else { return }
        work.backward(
            channel: task, panel.inputs[0], dy: dy, slopes: panel.parameters[0], to: panel.inputGradients?[0],
            adds: panel.adds![0], sums: sums)
    }
}
