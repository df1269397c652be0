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
    package func outputShape(_ inputs: [Shape]) throws -> Shape { inputs[0] }
    package func step(_ site: Site) -> any Step { BatchNormStep(site, self) }
}

private final class BatchNormStep: RectifyingWriter {
    var rectifiesOutput = false
    private let site: Site
    private let norm: NormLayer
    private let op: BatchNorm
    /// Of the latest training batch, by channel.
    private let mean: FloatBuffer
    private let inverse: FloatBuffer

    init(_ site: Site, _ op: BatchNorm) {
        self.site = site
        self.op = op
        norm = site.norm!
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
        let x = site.inputs[0], y = site.output
        let batch = BatchExtent(samples: site.pass.samples, layout: x.layout)
        let walk = ChannelWalk(x.layout, channel: channel)
        if site.pass.isTraining {
            let moments = channelMoments(x.values.pointer, walk, batch)
            mean[channel] = moments.mean
            inverse[channel] = 1 / (moments.variance + op.epsilon).squareRoot()
            let unbiased = moments.variance * Float(batch.count) / Float(max(1, batch.count - 1))
            norm.mean[channel] += op.momentum * (moments.mean - norm.mean[channel])
            norm.variance[channel] += op.momentum * (unbiased - norm.variance[channel])
        } else {
            mean[channel] = norm.mean[channel]
            inverse[channel] = 1 / (norm.variance[channel] + op.epsilon).squareRoot()
        }
        let slope = norm.scale[channel] * inverse[channel]
        let yWalk = ChannelWalk(y.layout, channel: channel)
        for panel in 0..<batch.panels {
            channelAffine(
                x.values.pointer, walk, y.values.pointer, yWalk, batch, panel: panel, slope: slope,
                shift: norm.shift[channel] - mean[channel] * slope, rectifies: rectifiesOutput)
            site.links.wrote(panel: panel, channels: channel..<channel + 1)
        }
    }

    private func backward(channel: Int) {
        guard let dy = site.output.gradient else { return }
        let x = site.inputs[0], y = site.output
        let batch = BatchExtent(samples: site.pass.samples, layout: x.layout)
        let xWalk = ChannelWalk(x.layout, channel: channel)
        let dyWalk = ChannelWalk(y.gradientLayout, channel: channel)
        let sums = channelGradientSums(
            x.values.pointer, xWalk, dy.pointer, dyWalk, batch, mean: mean[channel], inverse: inverse[channel])
        norm.scaleGradient[channel] = sums.scale
        norm.shiftGradient[channel] = sums.shift
        guard site.gradients[0] != .none, let dx = x.gradient else { return }
        let dxWalk = ChannelWalk(x.gradientLayout, channel: channel)
        for panel in 0..<batch.panels {
            channelInputGradient(
                x.values.pointer, xWalk, dy.pointer, dyWalk, dx.pointer, dxWalk, batch, panel: panel,
                mean: mean[channel], inverse: inverse[channel], factor: norm.scale[channel] * inverse[channel],
                sums: sums, adds: site.gradients[0] == .add)
            site.links.wroteGradient(of: 0, panel: panel, channels: channel..<channel + 1)
        }
    }
}
