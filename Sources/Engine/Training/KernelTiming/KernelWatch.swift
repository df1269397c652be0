import Graph
import Kernels

/// Chooses the kernels of a trainer's layers: by the table when a mask changes, then by what the steps themselves say.
///
/// A few steps after the latest change of a mask the layers that dense and sparse kernels compete for are tried both ways
/// (`StepTrial`), and now and then again. What the steps say goes before the table, for this trainer; where they contradict it,
/// the table is told.
final class KernelWatch {
    let times: KernelTimes
    private let network: Network
    private let samples: Int
    private var heard: [Heard?]
    private var trial: StepTrial?
    /// Whole batches so far.
    private var steps = 0
    /// When it is looked again whether a layer is to be tried.
    private var nextLook = KernelWatch.leastPatience
    private var patience = KernelWatch.leastPatience

    /// What steps said about a layer.
    private struct Heard {
        var density: Double
        var costs: KernelCosts
        /// When it is tried again.
        var until: Int
    }

    /// Steps with the same mask before a trial; twice as many after each that a change of a mask cut short.
    private static let leastPatience = 4
    /// A trial is repeated after so many times its steps: what is lost on the slower kernels stays below a hundredth.
    private static let pause = 100
    /// What steps said holds so far around their density, and beyond it the table goes before.
    private static let reach = 0.05
    private static let mostReach = 0.15
    /// Weights of the layers that are tried at once, for their patterns take memory. Larger ones go by the table, which
    /// stands for them: around their kernels there is little.
    private static let mostWeights = 1 << 22
    /// The table is wrong where its choice takes so many times what another takes.
    private static let contradiction = 1.1

    init(_ times: KernelTimes, network: Network, samples: Int) {
        self.times = times
        self.network = network
        self.samples = samples
        heard = Array(repeating: nil, count: network.layers.count)
    }

    /// Whether every layer runs by kernels that steps have found the faster ones, or has nothing to choose.
    var isSettled: Bool { trial == nil && toBeTried.isEmpty }

    // MARK: Masks

    /// Before layers are set, all in one change.
    func maskWillChange() {
        if let trial {
            trial.abandon()
            patience = min(2 * patience, 1024)
            self.trial = nil
        }
        nextLook = steps + patience
    }

    /// Gives a layer the costs by which it chooses its kernels for a mask.
    func price(_ number: Int, nonzeros: Int) {
        let layer = network.layers[number]
        let density = Double(nonzeros) / Double(max(layer.map.weights, 1))
        if let heard = heard[number], abs(heard.density - density) <= Self.mostReach {
            layer.costs = heard.costs
        } else {
            layer.costs = times.costs(of: layer.map, samples: samples, density: density)
        }
    }

    // MARK: Steps

    func stepBegins() {
        if trial == nil, steps >= nextLook { look() }
        trial?.stepBegins()
    }

    func stepEnded() {
        steps += 1
        guard let verdicts = trial?.stepEnded() else { return }
        trial = nil
        patience = Self.leastPatience
        for verdict in verdicts { hear(verdict) }
        times.save()
        nextLook = steps + 1
    }

    private func look() {
        let layers = toBeTried
        if !layers.isEmpty { trial = StepTrial(layers) }
        nextLook = layers.isEmpty ? heard.compactMap { $0?.until }.filter { $0 > steps }.min() ?? Int.max : Int.max
    }

    /// As many as have room.
    private var toBeTried: [(number: Int, layer: WeightLayer)] {
        var weights = 0
        return network.layers.enumerated().compactMap { number, layer in
            guard layer.hasChoice, !isKnown(number, layer), weights + layer.map.weights <= Self.mostWeights else {
                return nil
            }
            weights += layer.map.weights
            return (number, layer)
        }
    }

    private func isKnown(_ number: Int, _ layer: WeightLayer) -> Bool {
        guard let heard = heard[number] else { return false }
        return steps < heard.until && abs(heard.density - layer.density) <= Self.reach
    }

    private func hear(_ verdict: StepTrial.Verdict) {
        let layer = network.layers[verdict.number]
        // Of the table, not of an earlier trial: corrections do not add up.
        let table = times.costs(of: layer.map, samples: samples, density: verdict.density)
        let costs = table?.corrected(by: verdict.steps) ?? verdict.steps
        heard[verdict.number] = Heard(
            density: verdict.density, costs: costs, until: steps + Self.pause * StepTrial.steps)
        func seconds(_ passes: DensePasses) -> Double {
            costs.seconds(passes, at: verdict.density, needsInputGradient: layer.needsInputGradient)
        }
        let best = costs.densePasses(
            at: verdict.density, now: verdict.before, needsInputGradient: layer.needsInputGradient)
        if seconds(verdict.before) > Self.contradiction * seconds(best) { times.doubt(layer.map, samples: samples) }
        layer.costs = costs
        verdict.settle()
    }
}
