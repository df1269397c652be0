import Descriptors
import Kernels

/// An image as features, in the order channel, y, x. Where the image is compact it is the same memory.
package struct Flatten: Operator {
    package static let descriptor = Descriptor(name: "flatten", summary: "an image as features: channel, y, x")
    package static let cases = [OperatorCase(inputs: [Shape(channels: 2, height: 3, width: 4)])]

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var traits: OperatorTraits { .reshapes }
    package func outputShape(_ inputs: [Shape]) throws -> Shape { Shape(channels: inputs[0].features) }
    package func step(_ site: Site) -> any Step { FlattenStep(site) }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        PlanePoints(site) { planeFlatten($0, $1, to: $2, step: $3.plane) }
    }
}

/// Channels here are those of the image; a flatten is never linked, as its output counts them otherwise.
private final class FlattenStep: BlockStep {
    let site: Site
    init(_ site: Site) { self.site = site }

    func forward(panel: Int, channels: Range<Int>) {
        let x = site.inputs[0], y = site.output
        if x.values === y.values { return }
        forEachLine(channels) { channel, line, feature in
            copyOrAdd(
                x.values.pointer + panel * x.layout.panelFloats + x.layout.offset(channel, line),
                to: y.values.pointer + panel * y.layout.panelFloats + feature * y.layout.lanes,
                count: x.shape.width * x.layout.lanes, adds: false)
        }
    }

    func backward(panel: Int, channels: Range<Int>) {
        guard site.gradients[0] != .none, let dx = site.inputs[0].gradient, let dy = site.output.gradient, dx !== dy
        else { return }
        let x = site.inputs[0], y = site.output
        forEachLine(channels) { channel, line, feature in
            copyOrAdd(
                dy.pointer + panel * y.gradientLayout.panelFloats + feature * y.layout.lanes,
                to: dx.pointer + panel * x.gradientLayout.panelFloats + x.gradientLayout.offset(channel, line),
                count: x.shape.width * x.layout.lanes, adds: site.gradients[0] == .add)
        }
    }

    private func forEachLine(_ channels: Range<Int>, _ body: (_ channel: Int, _ line: Int, _ feature: Int) -> Void) {
        let shape = site.inputs[0].shape
        for channel in channels {
            for line in 0..<shape.height { body(channel, line, (channel * shape.height + line) * shape.width) }
        }
    }
}
