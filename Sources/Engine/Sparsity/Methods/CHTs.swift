import Descriptors
import Foundation
import Kernels

extension Methods {
    /// Cannistraci–Hebb training, soft rule: what comes follows from the mask alone, no gradient is looked at.
    ///
    /// Weights that stay are sampled with probabilities ∝ |w|^T, T from 1 to 3 on the way; then as many links as went are sampled
    /// with probabilities ∝ their CH2-L3n scores in the mask that is left. Both without replacement. Masks start at random, or as
    /// receptive fields. Neurons that lose all links keep their neighbours' (the paper's chain removal is not here).
    ///
    /// Reference: Zhang et al. 2025, arXiv:2501.19107
    package struct CHTs: Exchanging {
        package static let descriptor = Descriptor(
            name: "chts",
            summary: "Sparse from the start; weights are sampled to stay, others come by the mask's topology alone",
            citation: "Zhang et al. 2025, arXiv:2501.19107",
            parameters: [
                Parameter("drop", "ζ: share of a layer's weights that goes", .number(0...1), default: .number(0.3)),
                Parameter(
                    "every", "Steps from one exchange to the next; 0: an epoch", .integer(0...Int.max),
                    default: .integer(0)),
                Parameter(
                    "until", "Share of the run's steps after which nothing is exchanged", .number(0...1),
                    default: .number(0.75)),
                Parameter(
                    "field",
                    "r: how far the receptive fields spread that masks start with; 0: the nearest units, 1: all alike",
                    .number(0...1), default: .number(1)),
            ])

        package let drop: Double
        package let every: Int
        package let until: Double
        package let receptiveField: Double?
        /// Scores exist for all places of a layer.
        private static let mostPlaces = 1 << 27

        package init(_ arguments: Arguments) {
            drop = arguments.number("drop")
            every = arguments.integer("every")
            until = arguments.number("until")
            let field = arguments.number("field")
            receptiveField = field < 1 ? field : nil
        }

        private func end(_ context: StepContext) -> Double { max(1, until * Double(context.totalSteps)) }

        package func exchanges(_ context: StepContext) -> Bool {
            let step = context.scheduleStep
            return step > 0 && Double(step) < end(context) && step < context.totalSteps
                && step % (every == 0 ? context.stepsPerEpoch : every) == 0
        }

        package func exchange(_ layer: Int, _ context: StepContext) -> MaskChange? {
            let weights = context.weights(layer)
            let gone = whole(drop, of: weights.values.count)
            guard gone > 0, let indices = weights.indices else { return nil }
            let random = CounterRandom(seed: context.seed, purpose: .growth).among(layer, context.step)
            // The larger of ln p − ln(−ln u) win: sampling without replacement, as a race of exponential times.
            func race(_ logarithm: Double, _ position: Int, _ draw: Int) -> Float {
                let uniform = (Double(random.bits(position, draw) >> 12) + 0.5) * 0x1p-52
                return Float(logarithm - log(-log(uniform)))
            }
            let power = 1 + 2 * Double(context.scheduleStep) / end(context)
            let goes = Exchange.smallest(
                gone,
                of: weights.values.indices.map { race(power * log(Double(abs(weights.values[$0]))), indices[$0], 0) })
            let left = indices.indices.filter { !goes[$0] }.map { indices[$0] }
            let scores = BipartiteScores(rows: weights.rows, columns: weights.columns, links: left).scores
            // Where fewer have a score than shall come, all others have a little chance.
            let least = scores.count { $0 > 0 } < gone ? 1e-5 : 0
            var isLeft = [Bool](repeating: false, count: scores.count)
            for position in left { isLeft[position] = true }
            let candidates = scores.indices.filter { !isLeft[$0] && Double(scores[$0]) + least > 0 }
            let wins = Exchange.smallest(
                min(gone, candidates.count),
                of: candidates.map { -race(log(Double(scores[$0]) + least), $0, 1) })
            return Exchange.change(
                layer: layer, drop: goes.indices.filter { goes[$0] }.map { indices[$0] },
                grow: candidates.indices.filter { wins[$0] }.map { MaskChange.Weight(candidates[$0]) })
        }

        package func require(_ layers: [LiveWeights], masker: Masker) throws {
            try requireSingleWeights(masker)
            guard let large = layers.first(where: { $0.total > Self.mostPlaces && !$0.isProtected }) else { return }
            throw ArgumentError.outOfRange(
                name: "method", of: "recipe",
                value: "\(Self.descriptor.name), and layer \(large.name) has \(large.total) places",
                accepted: "it for layers up to \(Self.mostPlaces) places, all of which it scores; gse for larger ones")
        }
    }
}
