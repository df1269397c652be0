import Graph
import Kernels

/// Some layers' kernels compared over steps of training: each layer runs by sparse and by dense kernels in turns, whole
/// passes over real data on all threads, and the least time of each kernel counts.
///
/// No step is another for it: all kernels give the same bits.
final class StepTrial {
    /// What the steps said about one layer.
    struct Verdict {
        var number: Int
        var density: Double
        /// Dense figures, and one point.
        var steps: KernelCosts
        /// Passes that were dense when it began.
        var before: DensePasses
        /// Runs by those kernels from now on that the costs of the layer say.
        var settle: () -> Void
    }

    private final class Candidate {
        let number: Int
        let layer: WeightLayer
        let pattern: MixedPattern
        let before: DensePasses
        let ways: [DensePasses]
        let clock = LayerClock()
        /// Seconds of a layer's parts, by way.
        var least: [[Double]]

        init?(_ number: Int, _ layer: WeightLayer) {
            guard let pattern = layer.patternOfAllKernels() else { return nil }
            self.number = number
            self.layer = layer
            self.pattern = pattern
            before = layer.densePasses
            // Kernels are timed apart, so all sparse and all dense tell of any, but where sparse ones make both gradients at
            // once.
            let dense: DensePasses = layer.needsInputGradient ? .all : [.forward, .weightGradient]
            ways =
                layer.needsInputGradient && pattern.running([]).makesBothGradients
                ? [[], .inputGradient, .weightGradient, dense] : [[], dense]
            least = Array(repeating: [], count: ways.count)
            layer.clock = clock
        }
    }

    /// Each way runs for two steps, and the second is timed: its weights are where they are when it goes on like this.
    private static let turns = 4
    static let steps = 4 * 2 * turns

    private let candidates: [Candidate]
    private var step = 0

    init(_ layers: [(number: Int, layer: WeightLayer)]) {
        candidates = layers.compactMap { Candidate($0.number, $0.layer) }
    }

    /// Layers are at different ways at a time, so that none always follows the same way of its neighbour.
    private func way(of candidate: Candidate) -> Int { (step / 2 + candidate.number) % candidate.ways.count }

    func stepBegins() {
        for candidate in candidates {
            if step % 2 == 0 { candidate.layer.exchange(candidate.pattern.running(candidate.ways[way(of: candidate)])) }
            _ = candidate.clock.take()
        }
    }

    /// - Returns: what was found, after the last step.
    func stepEnded() -> [Verdict]? {
        if step % 2 == 1 {
            for candidate in candidates {
                let way = way(of: candidate)
                let seconds = candidate.clock.take(), least = candidate.least[way]
                candidate.least[way] = least.isEmpty ? seconds : zip(least, seconds).map { min($0, $1) }
            }
        }
        step += 1
        guard step == Self.steps else { return nil }
        for candidate in candidates { candidate.layer.clock = nil }
        return candidates.map { candidate in
            Verdict(
                number: candidate.number, density: candidate.layer.density, steps: costs(candidate),
                before: candidate.before
            ) { candidate.layer.choose(from: candidate.pattern, now: candidate.before) }
        }
    }

    /// Ends it before its time: every layer goes on as it began.
    func abandon() {
        for candidate in candidates {
            candidate.layer.clock = nil
            candidate.layer.exchange(candidate.pattern.running(candidate.before).lean)
        }
    }

    /// Each kernel by the ways that it ran in.
    private func costs(_ candidate: Candidate) -> KernelCosts {
        func seconds(_ part: LayerClock.Part, _ way: Int) -> Double { candidate.least[way][part.rawValue] }
        func passes(inputGradient: Int, weightGradient: Int, others way: Int) -> KernelCosts.Passes {
            KernelCosts.Passes(
                forward: seconds(.forward, way), inputGradient: seconds(.inputGradient, inputGradient),
                weightGradient: seconds(.weightGradient, weightGradient))
        }
        let dense = candidate.ways.count - 1, hasBoth = candidate.ways.count > 2
        return KernelCosts(
            dense: passes(inputGradient: dense, weightGradient: dense, others: dense),
            points: [
                KernelCosts.Point(
                    density: candidate.layer.density,
                    // Beside the dense other one each sparse gradient is made by itself.
                    sparse: hasBoth
                        ? passes(inputGradient: 2, weightGradient: 1, others: 0)
                        : passes(inputGradient: 0, weightGradient: 0, others: 0),
                    // One kernel makes both, or where it would leave threads idle two do.
                    gradients: hasBoth
                        ? seconds(.gradients, 0) + seconds(.inputGradient, 0) + seconds(.weightGradient, 0) : nil,
                    scatter: seconds(.prepare, dense), gather: 0)
            ])
    }
}
