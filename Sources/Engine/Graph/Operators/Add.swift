import Descriptors
import Kernels

/// y = a + b, two tensors of one shape: where two paths of the graph meet.
package struct Add: Operator {
    package static let descriptor = Descriptor(name: "add", summary: "sum of two tensors of one shape")
    package static let inputCount = 2
    package static let cases = [
        OperatorCase(inputs: [Shape(channels: 6), Shape(channels: 6)]),
        OperatorCase(
            inputs: [Shape(channels: 2, height: 3, width: 2), Shape(channels: 2, height: 3, width: 2)]),
    ]

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        guard inputs[0] == inputs[1] else {
            throw GraphError.shape(node: "", found: "\(inputs[0]) and \(inputs[1])", expected: "two of one shape")
        }
        return inputs[0]
    }
    package func step(_ site: Site) -> any Step { AddStep(site) }
}

private final class AddStep: Step {
    private let site: Site
    init(_ site: Site) { self.site = site }

    func forward(panels: Int) {
        let a = site.inputs[0], b = site.inputs[1], y = site.output
        forEachBlock(of: y.shape, layout: y.layout, panels: panels, team: site.team) { panel, channels in
            forEachRun([a.layout, b.layout, y.layout], panel: panel, channels: channels) { at, count in
                copyOrAdd(a.values.pointer + at[0], to: y.values.pointer + at[2], count: count, adds: false)
                copyOrAdd(b.values.pointer + at[1], to: y.values.pointer + at[2], count: count, adds: true)
            }
        }
    }

    func backward(panels: Int) {
        guard let dy = site.output.gradient else { return }
        let y = site.output
        for (input, use) in zip(site.inputs, site.gradients) {
            guard use != .none, let dx = input.gradient else { continue }
            forEachBlock(of: y.shape, layout: y.layout, panels: panels, team: site.team) { panel, channels in
                forEachRun([y.gradientLayout, input.gradientLayout], panel: panel, channels: channels) { at, count in
                    copyOrAdd(dy.pointer + at[0], to: dx.pointer + at[1], count: count, adds: use == .add)
                }
            }
        }
    }
}
