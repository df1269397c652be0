import Descriptors
import Kernels

/// y = (x − mean) / √(variance + ε) · scale + shift for each channel; in training with the exact statistics of the whole
/// batch, otherwise with running ones.
/// Reference: Ioffe & Szegedy 2015, arXiv:1502.03167.
package struct BatchNorm: Operator {
    package static let descriptor = Descriptor(
        name: "batch-norm", summary: "normalises each channel over the batch, then scales and shifts it",
        citation: "Ioffe & Szegedy 2015, arXiv:1502.03167",
        parameters: [
            Parameter("epsilon", "added to the variance", .number(1e-9...1), default: .number(1e-5)),
            Parameter("momentum", "share of a batch in the running statistics", .number(0...1), default: .number(0.1)),
        ])
    // Not linear: the wide step of the finite differences shows.
    package static let cases = [
        OperatorCase(inputs: [Shape(channels: 3)], samples: 7, tolerance: 5e-3),
        OperatorCase(inputs: [Shape(channels: 2, height: 3, width: 2)], samples: 18, tolerance: 5e-3),
    ]

    package let epsilon: Float
    package let momentum: Float

    package init(_ arguments: Arguments) throws {
        epsilon = Float(arguments.number("epsilon"))
        momentum = Float(arguments.number("momentum"))
    }
    package init() {
        epsilon = 1e-5
        momentum = 0.1
    }

    package var normalizes: Bool { true }
    package var overwritesGradient: Bool { true }
    package var replacesInput: Bool { true }
    package func outputShape(_ inputs: [Shape]) throws -> Shape { inputs[0] }
    package func step(_ site: Site) -> any Step { BatchNormStep(site, self) }
    package var valueKind: ValueKind? { .scale }
    package func planeScale(_ norm: NormState) -> NormScale {
        var scale = NormScale()
        for channel in norm.mean.indices {
            let slope = norm.scale[channel] * (1 / (norm.variance[channel] + epsilon).squareRoot())
            scale.slopes.append(slope)
            scale.shifts.append(norm.shift[channel] - norm.mean[channel] * slope)
        }
        return scale
    }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        let tail = site.tail
        return PlanePoints(site) { x, layout, y, _ in planeAffine(x, to: y, layout, tail: tail) }
    }
}

private final class BatchNormStep: RectifyingWriter, ForwardBlock {
    var rectifiesOutput = false
    private let site: Site
    private let norm: NormLayer
    private let op: BatchNorm
    // Tasks take these once a channel, not once a panel: to look one up counts references of an object that all threads share.
    private let x: PanelTensor
    private let y: PanelTensor
    private let links: Links
    /// Of the latest training batch, by channel.
    private let mean: FloatBuffer
    private let inverse: FloatBuffer

    init(_ site: Site, _ op: BatchNorm) {
        self.site = site
        self.op = op
        norm = site.norm!
        (x, y, links) = (site.inputs[0], site.output, site.links)
        mean = FloatBuffer(count: norm.channels)
        inverse = FloatBuffer(count: norm.channels)
    }

    private lazy var forwardRegion = Region { [unowned self] in forward(channel: $0) }
    private lazy var backwardRegion = Region { [unowned self] in backward(channel: $0) }

    func forward(panels: Int) { site.team.run(tasks: norm.channels, forwardRegion) }

    func backward(panels: Int) {
        if site.output.gradient != nil { site.team.run(tasks: norm.channels, backwardRegion) }
    }

    private func forward(channel: Int) {
        let input = x.values.pointer, output = y.values.pointer, links = links
        let batch = BatchExtent(samples: site.pass.samples, layout: x.layout)
        let walk = ChannelWalk(x.layout, channel: channel)
        if site.pass.isTraining {
            let moments = channelMoments(input, walk, batch)
            mean[channel] = moments.mean
            inverse[channel] = 1 / (moments.variance + op.epsilon).squareRoot()
            let unbiased = moments.variance * Float(batch.count) / Float(max(1, batch.count - 1))
            norm.mean[channel] += op.momentum * (moments.mean - norm.mean[channel])
            norm.variance[channel] += op.momentum * (unbiased - norm.variance[channel])
        } else {
            takeRunningStatistics(channel)
        }
        let affine = affine(channel)
        let yWalk = ChannelWalk(y.layout, channel: channel)
        for panel in 0..<batch.panels {
            channelAffine(
                input, walk, output, yWalk, batch, panel: panel, slope: affine.slope, shift: affine.shift,
                rectifies: rectifiesOutput)
        }
        links.wrote(panels: 0..<batch.panels, channels: channel..<channel + 1)
    }

    private func takeRunningStatistics(_ channel: Int) {
        mean[channel] = norm.mean[channel]
        inverse[channel] = 1 / (norm.variance[channel] + op.epsilon).squareRoot()
    }

    private func affine(_ channel: Int) -> (slope: Float, shift: Float) {
        let slope = norm.scale[channel] * inverse[channel]
        return (slope, norm.shift[channel] - mean[channel] * slope)
    }

    /// Where the network only answers, in the task that has just written these channels.
    func forward(panel: Int, channels: Range<Int>) {
        let batch = BatchExtent(samples: site.pass.samples, layout: x.layout)
        for channel in channels {
            let inverse = 1 / (norm.variance[channel] + op.epsilon).squareRoot()
            let slope = norm.scale[channel] * inverse
            channelAffine(
                x.values.pointer, ChannelWalk(x.layout, channel: channel), y.values.pointer,
                ChannelWalk(y.layout, channel: channel), batch, panel: panel, slope: slope,
                shift: norm.shift[channel] - norm.mean[channel] * slope, rectifies: rectifiesOutput)
        }
    }

    private func backward(channel: Int) {
        guard let dy = y.gradient?.pointer else { return }
        let input = x.values.pointer, links = links
        let batch = BatchExtent(samples: site.pass.samples, layout: x.layout)
        let xWalk = ChannelWalk(x.layout, channel: channel)
        let dyWalk = ChannelWalk(y.gradientLayout, channel: channel)
        let sums = channelGradientSums(
            input, xWalk, dy, dyWalk, batch, mean: mean[channel], inverse: inverse[channel])
        norm.scaleGradient[channel] = sums.scale
        norm.shiftGradient[channel] = sums.shift
        guard site.gradients[0] != .none, let dx = x.gradient?.pointer else { return }
        let adds = site.gradients[0] == .add
        let (mean, inverse) = (mean[channel], inverse[channel])
        let factor = norm.scale[channel] * inverse
        let dxWalk = ChannelWalk(x.gradientLayout, channel: channel)
        // The last panel was read last, so it is in the cache.
        for panel in (0..<batch.panels).reversed() {
            channelInputGradient(
                input, xWalk, dy, dyWalk, dx, dxWalk, batch, panel: panel, mean: mean, inverse: inverse, factor: factor,
                sums: sums, adds: adds)
        }
        links.wroteGradient(of: 0, panels: 0..<batch.panels, channels: channel..<channel + 1)
    }
}
