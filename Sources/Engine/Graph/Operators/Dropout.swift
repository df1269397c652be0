import Descriptors
import Kernels

/// In training each activation is zero with probability `rate`, the others grow by 1 / (1 − rate); otherwise the
/// identity. Which ones is a function of (seed, step, node, sample, unit).
/// Reference: Srivastava et al. 2014.
package struct Dropout: Operator {
    package static let descriptor = Descriptor(
        name: "dropout", summary: "zeroes random activations while training",
        citation: "Srivastava et al. 2014",
        parameters: [Parameter("rate", "probability of a zero", .number(0...0.99), default: .number(0.5))])
    package static let cases = [
        OperatorCase(["rate": .number(0.4)], inputs: [Shape(channels: 11)], samples: 5),
        OperatorCase(["rate": .number(0.5)], inputs: [Shape(channels: 2, height: 3, width: 3)], samples: 17),
    ]

    package let rate: Double

    package init(_ arguments: Arguments) throws { self.init(rate: arguments.number("rate")) }
    package init(rate: Double) { self.rate = rate }

    package var arguments: [String: Value] { ["rate": .number(rate)] }
    package var rememberedBytes: Int { 4 }
    package func outputShape(_ inputs: [Shape]) throws -> Shape { inputs[0] }
    package func exactStep(_ inputs: [Shape]) -> (any ExactStep)? { ExactCopy() }
    package func step(_ site: Site) -> any Step { DropoutStep(site, rate: rate) }
    package var valueKind: ValueKind? { .pass }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        PlaneValues(site) { copyOrAdd($0[0], to: $1, count: $2, adds: false) }
    }
}

private final class DropoutStep: BlockStep {
    let site: Site
    private let rate: Float
    /// 0 or 1 / (1 − rate), laid out as the output.
    private let factors: FloatBuffer

    init(_ site: Site, rate: Double) {
        self.site = site
        self.rate = Float(rate)
        factors = FloatBuffer(count: site.pass.trains ? site.output.values.count : 0)
    }

    func forward(panel: Int, channels: Range<Int>) {
        let x = site.inputs[0], y = site.output
        let isTraining = site.pass.isTraining
        if isTraining {
            draw(CounterRandom(seed: site.pass.seed, purpose: .dropout), panel: panel, channels: channels)
        }
        forEachRun(x.layout, y.layout, panel: panel, channels: channels) { from, to, count in
            if isTraining {
                multiply(
                    x.values.pointer + from, by: factors.pointer + to, to: y.values.pointer + to, count: count,
                    adds: false)
            } else {
                copyOrAdd(x.values.pointer + from, to: y.values.pointer + to, count: count, adds: false)
            }
        }
    }

    private func draw(_ random: CounterRandom, panel: Int, channels: Range<Int>) {
        let layout = site.output.layout
        let scale = 1 / (1 - rate)
        for channel in channels {
            for y in 0..<layout.height {
                for x in 0..<layout.width {
                    let unit = (channel * layout.height + y) * layout.width + x
                    let place = factors.pointer + panel * layout.panelFloats + layout.offset(channel, y, x)
                    for lane in 0..<layout.lanes {
                        let isKept =
                            random.uniform(site.pass.step, site.number << 32 | (panel * layout.lanes + lane), unit)
                            >= rate
                        place[lane] = isKept ? scale : 0
                    }
                }
            }
        }
    }

    func backward(panel: Int, channels: Range<Int>) {
        guard site.gradients[0] != .none, let dx = site.inputs[0].gradient, let dy = site.output.gradient else {
            return
        }
        let x = site.inputs[0], y = site.output
        forEachRun(y.gradientLayout, y.layout, x.gradientLayout, panel: panel, channels: channels) {
            from, factor, to, count in
            multiply(
                dy.pointer + from, by: factors.pointer + factor, to: dx.pointer + to, count: count,
                adds: site.gradients[0] == .add)
        }
    }
}
