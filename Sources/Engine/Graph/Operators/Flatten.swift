import Descriptors
import Kernels

/// An image as features, in the order channel, y, x. Where the image has no border it is the same memory.
package struct Flatten: Operator {
    package static let descriptor = Descriptor(name: "flatten", summary: "an image as features: channel, y, x")
    package static let cases = [OperatorCase(inputs: [Shape(channels: 2, height: 3, width: 4)])]

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var isReshape: Bool { true }
    package func outputShape(_ inputs: [Shape]) throws -> Shape { Shape(channels: inputs[0].features) }
    package func step(_ site: Site) -> any Step { FlattenStep(site) }
}

private final class FlattenStep: Step {
    private let site: Site
    init(_ site: Site) { self.site = site }

    func forward(panels: Int) {
        let x = site.inputs[0], y = site.output
        if x.values === y.values { return }
        let lanes = x.layout.lanes
        forEachBlock(of: x.shape, lanes: lanes, panels: panels, team: site.team) { panel, channels in
            forEachLine(x.shape, channels: channels) { channel, line in
                copyOrAdd(
                    x.values.pointer + panel * x.layout.panelFloats + x.layout.offset(channel, line),
                    to: y.values.pointer + panel * y.layout.panelFloats + feature(channel, line) * lanes,
                    count: x.shape.width * lanes, adds: false)
            }
        }
    }

    func backward(panels: Int) {
        guard site.gradients[0] != .none, let dx = site.inputs[0].gradient, let dy = site.output.gradient, dx !== dy
        else { return }
        let x = site.inputs[0], y = site.output
        let lanes = x.layout.lanes
        forEachBlock(of: x.shape, lanes: lanes, panels: panels, team: site.team) { panel, channels in
            forEachLine(x.shape, channels: channels) { channel, line in
                copyOrAdd(
                    dy.pointer + panel * y.gradientLayout.panelFloats + feature(channel, line) * lanes,
                    to: dx.pointer + panel * x.gradientLayout.panelFloats + x.gradientLayout.offset(channel, line),
                    count: x.shape.width * lanes, adds: site.gradients[0] == .add)
            }
        }
    }

    private func feature(_ channel: Int, _ line: Int) -> Int {
        (channel * site.inputs[0].shape.height + line) * site.inputs[0].shape.width
    }
    private func forEachLine(_ shape: Shape, channels: Range<Int>, _ body: (Int, Int) -> Void) {
        for channel in channels {
            for line in 0..<shape.height { body(channel, line) }
        }
    }
}
