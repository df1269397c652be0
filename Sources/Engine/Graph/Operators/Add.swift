import Descriptors
import Kernels

/// y = a + b. Two tensors of one shape are where two paths of the graph meet, and add in the tasks that wrote them; others are
/// broadcast.
package struct Add: PairOperator {
    package static let descriptor = Descriptor(name: "add", summary: "a + b, broadcast")
    package static let cases = pairCases()

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var traits: OperatorTraits { [.overwrites, .overwritesGradient, .passesGradient] }
    package var function: PairFunction { .add }
    package func exactStep(_ inputs: [Shape]) -> (any ExactStep)? {
        inputs[0] == inputs[1] ? ExactSum() : nil
    }
    package func step(_ site: Site) -> any Step {
        let isPointwise = site.inputs.allSatisfy { $0.shape == site.output.shape }
        return isPointwise ? AddStep(site) : StridedStep(site, kernel(StridedPlaces(site)))
    }
    package var valueKind: ValueKind? { .add }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        guard site.inputs.allSatisfy({ $0.shape == site.output.shape }) else {
            return StridedPlanes(site, kernel(StridedPlaces(site)))
        }
        return PlaneValues(site) { planeSum($0[0], $0[1], to: $1, count: $2) }
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
