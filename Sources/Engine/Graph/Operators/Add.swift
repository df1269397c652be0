import Descriptors
import Kernels

/// y = a + b, two tensors of one shape: where two paths of the graph meet.
package struct Add: Operator {
    package static let descriptor = Descriptor(name: "add", summary: "sum of two tensors of one shape")
    package static let inputCount = 2...2
    package static let cases = [
        OperatorCase(inputs: [Shape(channels: 6), Shape(channels: 6)]),
        OperatorCase(
            inputs: [Shape(channels: 2, height: 3, width: 2), Shape(channels: 2, height: 3, width: 2)]),
    ]

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var traits: OperatorTraits { [.overwrites, .overwritesGradient, .passesGradient] }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        guard inputs[0] == inputs[1] else {
            throw GraphError.shape(node: "", found: "\(inputs[0]) and \(inputs[1])", expected: "two of one shape")
        }
        return inputs[0]
    }
    package func step(_ site: Site) -> any Step { AddStep(site) }
    package var valueKind: ValueKind? { .add }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        PlaneValues(site) { planeSum($0[0], $0[1], to: $1, count: $2) }
    }
}

private final class AddStep: BlockStep, RectifyingWriter {
    let site: Site
    var rectifiesOutput = false
    init(_ site: Site) { self.site = site }

    func forward(panel: Int, channels: Range<Int>) {
        let a = site.inputs[0], b = site.inputs[1], y = site.output
        forEachRun(a.layout, b.layout, y.layout, panel: panel, channels: channels) { first, second, to, count in
            sum(
                a.values.pointer + first, b.values.pointer + second, to: y.values.pointer + to, count: count,
                rectifies: rectifiesOutput)
        }
    }

    func backward(panel: Int, channels: Range<Int>) {
        guard let dy = site.output.gradient else { return }
        let y = site.output
        for (input, use) in zip(site.inputs, site.gradients) {
            guard use != .none, let dx = input.gradient, dx !== dy else { continue }
            forEachRun(y.gradientLayout, input.gradientLayout, panel: panel, channels: channels) { from, to, count in
                copyOrAdd(dy.pointer + from, to: dx.pointer + to, count: count, adds: use == .add)
            }
        }
    }
}
