import Descriptors
import Kernels

/// Steps of one tensor while a network is trained under their rounding.
package final class RoundingSteps: @unchecked Sendable {
    /// nil: values pass as they are. Changed between passes alone, by whom the network belongs to.
    package var steps: ValueSteps?
    /// By channel, where each has its own; in place of `steps`.
    package var stepsOfChannels: [ValueSteps] = []
    /// By panel and channel, four each as `addEndPulls` has them, of the latest pass back.
    fileprivate var sums: FloatBuffer?
    fileprivate var channels = 0
    package init() {}

    /// Calls `body` with each part of the channels that has the same steps.
    @inline(__always)
    fileprivate func forEachPart(_ channels: Range<Int>, _ body: (Range<Int>, ValueSteps?) -> Void) {
        if stepsOfChannels.isEmpty { return body(channels, steps) }
        for channel in channels { body(channel..<channel + 1, stepsOfChannels[channel]) }
    }

    /// How the values outside of the range pull at its ends in the latest pass back: Σ dy / Σ |dy| of those beyond an end, so 1 where
    /// the loss grows with all of them and 0 where there are none.
    /// - Parameter panels: of that pass.
    package func pulls(panels: Int) -> (low: Double, high: Double) {
        guard let sums else { return (0, 0) }
        var all = SIMD4<Double>.zero
        for place in 0..<panels * channels {
            for number in 0..<4 { all[number] += Double(sums[4 * place + number]) }
        }
        return (all[1] > 0 ? all[0] / all[1] : 0, all[3] > 0 ? all[2] / all[3] : 0)
    }
}

/// y = x rounded to the steps of 8 bits, which it is told by whom the network belongs to; the gradient goes straight through, but
/// for x outside of the range, where it pulls at the end that x was moved to. No recipe chooses it: it stands in networks that are trained under quantisation, and in no file.
///
/// Reference: Bengio et al. 2013, arXiv:1308.3432; Jacob et al. 2018, arXiv:1712.05877; Choi et al. 2018, arXiv:1805.06085
package struct FakeQuantize: Operator {
    package static let descriptor = Descriptor(name: "fake-quantize", summary: "rounds to the steps of 8 bits")
    package static let cases: [OperatorCase] = []

    package let rounding: RoundingSteps

    package init(_ arguments: Arguments) { rounding = RoundingSteps() }
    package init(_ rounding: RoundingSteps) { self.rounding = rounding }

    // x stays until the way back, which asks where it lay.
    package var traits: OperatorTraits { [.overwritesGradient, .keepsOrder] }
    package func outputShape(_ inputs: [Shape]) throws -> Shape { inputs[0] }
    package func step(_ site: Site) -> any Step { FakeQuantizeStep(site, rounding) }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        let rounding = rounding
        return PlanePoints(site) { x, from, y, to in
            rounding.forEachPart(0..<from.channels) { channels, steps in
                for channel in channels {
                    for row in 0..<from.height {
                        let x = x + (channel &* from.plane &+ row &* from.pitch)
                        let y = y + (channel &* to.plane &+ row &* to.pitch)
                        if let steps {
                            roundToSteps(x, to: y, count: from.width, steps)
                        } else {
                            y.update(from: x, count: from.width)
                        }
                    }
                }
            }
        }
    }
}

private final class FakeQuantizeStep: BlockStep {
    let site: Site
    private let rounding: RoundingSteps

    init(_ site: Site, _ rounding: RoundingSteps) {
        self.site = site
        self.rounding = rounding
        guard site.pass.trains, site.gradients[0] != .none else { return }
        let layout = site.output.layout
        rounding.channels = layout.channels
        rounding.sums = FloatBuffer(count: 4 * (site.output.values.count / layout.panelFloats) * layout.channels)
    }

    func forward(panel: Int, channels: Range<Int>) {
        let x = site.inputs[0], y = site.output
        let from = x.values.pointer, to = y.values.pointer
        rounding.forEachPart(channels) { channels, steps in
            forEachRun(x.layout, y.layout, panel: panel, channels: channels) { first, second, count in
                if let steps {
                    roundToSteps(from + first, to: to + second, count: count, steps)
                } else {
                    (to + second).update(from: from + first, count: count)
                }
            }
        }
    }

    func backward(panel: Int, channels: Range<Int>) {
        guard site.gradients[0] != .none, let dx = site.inputs[0].gradient, let dy = site.output.gradient else {
            return
        }
        let x = site.inputs[0], adds = site.gradients[0] == .add
        rounding.forEachPart(channels) { channels, steps in
            // First: dx may lie where dy does.
            if let steps { sumPulls(panel, channels, dy.pointer, steps) }
            forEachRun(x.layout, site.output.gradientLayout, x.gradientLayout, panel: panel, channels: channels) {
                value, from, to, count in
                roundingGradient(
                    x: x.values.pointer + value, dy: dy.pointer + from, dx: dx.pointer + to, count: count, adds: adds,
                    steps)
            }
        }
    }

    private func sumPulls(
        _ panel: Int, _ channels: Range<Int>, _ dy: UnsafePointer<Float>, _ steps: ValueSteps
    ) {
        guard let sums = rounding.sums else { return }
        let x = site.inputs[0], values = x.values.pointer
        for channel in channels {
            let own = sums.pointer + 4 * (panel * rounding.channels + channel)
            own.update(repeating: 0, count: 4)
            forEachRun(x.layout, site.output.gradientLayout, panel: panel, channels: channel..<channel + 1) {
                addEndPulls(x: values + $0, dy: dy + $1, count: $2, steps, to: own)
            }
        }
    }
}

extension Graph {
    /// The same with a rounding behind nodes.
    /// - Parameter numbers: of nodes, −1 is the input; each once.
    /// - Returns: the roundings in the order of `numbers`.
    package func rounding(_ numbers: [Int]) throws -> (graph: Graph, roundings: [RoundingSteps]) {
        var taken = Set(nodes.map(\.name)), rounded: [String: String] = [:], entries: [Entry] = []
        var made: [Int: RoundingSteps] = [:]
        let wanted = Set(numbers)
        func round(_ number: Int, _ name: String) {
            guard wanted.contains(number) else { return }
            var own = name + ".rounded"
            while !taken.insert(own).inserted { own += "'" }
            let steps = RoundingSteps()
            entries.append(Entry(own, FakeQuantize(steps), inputs: [name]))
            rounded[name] = own
            made[number] = steps
        }
        round(-1, Graph.inputName)
        for (number, entry) in self.entries.enumerated() {
            entries.append(
                Entry(
                    entry.name, entry.op, inputs: entry.inputs.map { rounded[$0] ?? $0 }, isPrunable: entry.isPrunable,
                    isFrozen: entry.isFrozen, weightsOf: entry.weightsOf))
            round(number, entry.name)
        }
        return (try Graph(input: input, entries), numbers.map { made[$0]! })
    }

    /// The graph as it is without any rounding: the one that files know.
    package var unrounded: Graph {
        guard nodes.contains(where: { $0.op is FakeQuantize }) else { return self }
        var sources: [String: String] = [:], entries: [Entry] = []
        for entry in self.entries {
            let inputs = entry.inputs.map { sources[$0] ?? $0 }
            if entry.op is FakeQuantize {
                sources[entry.name] = inputs[0]
            } else {
                entries.append(
                    Entry(
                        entry.name, entry.op, inputs: inputs, isPrunable: entry.isPrunable, isFrozen: entry.isFrozen,
                        weightsOf: entry.weightsOf))
            }
        }
        // What was a graph before roundings were put in is one.
        return try! Graph(input: input, entries)
    }
}
