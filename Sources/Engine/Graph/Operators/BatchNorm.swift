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
    package init(epsilon: Float = 1e-5, momentum: Float = 0.1) {
        self.epsilon = epsilon
        self.momentum = momentum
    }

    package var arguments: [String: Value] {
        ["epsilon": .number(Double(epsilon)), "momentum": .number(Double(momentum))]
    }
    package var traits: OperatorTraits { [.overwritesGradient, .replacesInput, .hasOwnRegions, .normalizesBatch] }
    package func parameters(_ inputs: [Shape]) -> [ParameterShape] {
        let axes = [inputs[0].channels]
        return [
            ParameterShape("weight", axes, initial: 1, summary: "scale and shift"),
            ParameterShape("bias", axes, summary: "scale and shift"),
            ParameterShape("running_mean", axes, .statistic, summary: "running statistics"),
            ParameterShape("running_var", axes, .statistic, initial: 1, summary: "running statistics", least: 0),
        ]
    }
    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        var rule = AxisRule.byChannel()
        for parameter in 0..<4 { rule.link(.output(axis: 0), .parameter(parameter, axis: 0)) }
        return rule
    }
    package func outputShape(_ inputs: [Shape]) throws -> Shape { inputs[0] }
    package func exactStep(_ inputs: [Shape]) -> (any ExactStep)? { ExactNorm(epsilon: Double(epsilon)) }
    package func step(_ site: Site) -> any Step { BatchNormStep(site, self) }
    package var valueKind: ValueKind? { .scale }
    package func planeScale(_ parameters: [ParameterState]) -> NormScale? {
        let (weight, bias) = (parameters[0].values, parameters[1].values)
        let (mean, variance) = (parameters[2].values, parameters[3].values)
        var scale = NormScale()
        for channel in mean.indices {
            let slope = weight[channel] * (1 / (variance[channel] + epsilon).squareRoot())
            scale.slopes.append(slope)
            scale.shifts.append(bias[channel] - mean[channel] * slope)
        }
        return scale
    }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        let tail = site.tail
        return PlanePoints(site) { x, layout, y, _ in planeAffine(x, to: y, layout, tail: tail) }
    }
}

private final class BatchNormStep: RectifyingWriter, ForwardBlock, ScalingStep {
    var rectifiesOutput = false
    let site: Site
    private let channels: Int
    private let scale: ParameterBuffer
    private let shift: ParameterBuffer
    private let runningMean: FloatBuffer
    private let runningVariance: FloatBuffer
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
        (scale, shift) = (site.parameters[0], site.parameters[1])
        (runningMean, runningVariance) = (site.parameters[2].values, site.parameters[3].values)
        channels = scale.values.count
        (x, y, links) = (site.inputs[0], site.output, site.links)
        mean = FloatBuffer(count: channels)
        inverse = FloatBuffer(count: channels)
    }

    private lazy var forwardRegion = Region { [unowned self] in forward(channel: $0) }
    private lazy var backwardRegion = Region { [unowned self] in backward(channel: $0) }

    func forward(panels: Int) { site.team.run(tasks: channels, forwardRegion) }

    func backward(panels: Int) {
        if site.output.gradient != nil { site.team.run(tasks: channels, backwardRegion) }
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
            runningMean[channel] += op.momentum * (moments.mean - runningMean[channel])
            runningVariance[channel] += op.momentum * (unbiased - runningVariance[channel])
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
        mean[channel] = runningMean[channel]
        inverse[channel] = 1 / (runningVariance[channel] + op.epsilon).squareRoot()
    }

    private func affine(_ channel: Int) -> (slope: Float, shift: Float) {
        let slope = scale.values[channel] * inverse[channel]
        return (slope, shift.values[channel] - mean[channel] * slope)
    }

    /// Where the network only answers, in the task that has just written these channels.
    func forward(panel: Int, channels: Range<Int>) {
        let batch = BatchExtent(samples: site.pass.samples, layout: x.layout)
        for channel in channels {
            let inverse = 1 / (runningVariance[channel] + op.epsilon).squareRoot()
            let slope = scale.values[channel] * inverse
            channelAffine(
                x.values.pointer, ChannelWalk(x.layout, channel: channel), y.values.pointer,
                ChannelWalk(y.layout, channel: channel), batch, panel: panel, slope: slope,
                shift: shift.values[channel] - runningMean[channel] * slope, rectifies: rectifiesOutput)
        }
    }

    func scales(slopes: UnsafeMutablePointer<Float>, shifts: UnsafeMutablePointer<Float>) {
        let scale = scale.values.pointer, shift = shift.values.pointer
        let mean = runningMean.pointer, variance = runningVariance.pointer
        for channel in 0..<channels {
            let slope = scale[channel] * (1 / (variance[channel] + op.epsilon).squareRoot())
            slopes[channel] = slope
            shifts[channel] = shift[channel] - mean[channel] * slope
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
        scale.gradient[channel] = sums.scale
        shift.gradient[channel] = sums.shift
        guard site.gradients[0] != .none, let dx = x.gradient?.pointer else { return }
        let adds = site.gradients[0] == .add
        let (mean, inverse) = (mean[channel], inverse[channel])
        let factor = scale.values[channel] * inverse
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
