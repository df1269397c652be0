import Descriptors
import Foundation
import Kernels

extension Methods {
    /// Cannistraci–Hebb training, soft rule: what comes follows from the mask alone, no gradient is looked at.
    ///
    /// Weights that stay are sampled with probabilities ∝ |w|^T, T from 1 to 3 on the way; then as many links as went are sampled
    /// with probabilities ∝ their CH2-L3n scores in the mask that is left. Both without replacement. Between the two go all links of
    /// neurons that none enters or none leaves any more, and so on along the chain of layers; as many come elsewhere in their layer.
    /// Masks start at random, or as receptive fields.
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

        private func end(of context: StepContext) -> Double { max(1, until * Double(context.totalSteps)) }

        package func exchanges(_ context: StepContext) -> Bool {
            let step = context.scheduleStep
            return step > 0 && Double(step) < end(of: context) && step < context.totalSteps
                && step % (every == 0 ? context.stepsPerEpoch : every) == 0
        }

        package func exchange(_ layers: [Int], _ context: StepContext) -> [MaskChange] {
            let weights = layers.map(context.weights)
            var goes = zip(layers, weights).map { flagsOfGone($0, $1, context) }
            if let graph = context.graph {
                var masks = [[Int]?](repeating: nil, count: context.layers.count)
                for layer in masks.indices where !layers.contains(layer) {
                    masks[layer] = context.weights(layer).indices
                }
                for (place, layer) in layers.enumerated() {
                    masks[layer] = weights[place].indices.map { left($0, goes[place]) }
                }
                let idle = IdleLinks(graph, masks: masks)
                for (place, layer) in layers.enumerated() where weights[place].indices != nil {
                    var live = 0
                    for number in goes[place].indices where !goes[place][number] {
                        goes[place][number] = idle.contains(layer, live)
                        live += 1
                    }
                }
            }
            return layers.indices.compactMap { change(layers[$0], weights[$0], goes[$0], context) }
        }

        /// The larger of ln p − ln(−ln u) win: sampling without replacement, as a race of exponential times.
        private func race(_ logarithm: Double, _ random: CounterRandom, _ position: Int, _ draw: Int) -> Float {
            let uniform = (Double(random.bits(position, draw) >> 12) + 0.5) * 0x1p-52
            return Float(logarithm - log(-log(uniform)))
        }

        private func random(_ layer: Int, _ context: StepContext) -> CounterRandom {
            CounterRandom(seed: context.seed, purpose: .growth).among(layer, context.step)
        }

        private func left(_ indices: [Int], _ goes: [Bool]) -> [Int] {
            indices.indices.filter { !goes[$0] }.map { indices[$0] }
        }

        private func flagsOfGone(_ layer: Int, _ weights: LiveWeights, _ context: StepContext) -> [Bool] {
            let gone = whole(drop, of: weights.values.count)
            guard gone > 0, let indices = weights.indices else {
                return [Bool](repeating: false, count: weights.values.count)
            }
            let random = random(layer, context)
            let power = 1 + 2 * Double(context.scheduleStep) / end(of: context)
            return Exchange.smallest(
                gone,
                of: weights.values.indices.map {
                    race(power * log(Double(abs(weights.values[$0]))), random, indices[$0], 0)
                })
        }

        private func change(
            _ layer: Int, _ weights: LiveWeights, _ goes: [Bool], _ context: StepContext
        ) -> MaskChange? {
            let gone = goes.count { $0 }
            guard gone > 0, let indices = weights.indices else { return nil }
            let left = left(indices, goes), random = random(layer, context)
            let scores = BipartiteScores(rows: weights.rows, columns: weights.columns, links: left).scores
            // Where fewer have a score than shall come, all others have a little chance.
            let least = scores.count { $0 > 0 } < gone ? 1e-5 : 0
            var isLeft = [Bool](repeating: false, count: scores.count)
            for position in left { isLeft[position] = true }
            let candidates = scores.indices.filter { !isLeft[$0] && Double(scores[$0]) + least > 0 }
            let wins = Exchange.smallest(
                min(gone, candidates.count),
                of: candidates.map { -race(log(Double(scores[$0]) + least), random, $0, 1) })
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
