import Graph
import Kernels
import Sparsity

/// What a sparse network is compared with, so that a person sees whether its mask earned its cost: networks of the same size,
/// trained from their first weights for the same steps by the same learning rate.
package enum Control: String, CaseIterable, Sendable {
    /// As many weights in each layer, at random places.
    case randomMask = "random mask"
    /// The network's own mask over other first weights.
    case newWeights = "own mask, new weights"
    /// A dense network of the same form with as many weights, narrower throughout.
    case smallerDense = "smaller dense"

    /// - Parameter steps: that are trained; nil: those of the recipe.
    /// - Returns: nil where it was cancelled or the loss became none.
    /// - Throws: `AnalysisError`, `GraphError` where there is no such network.
    package func trained(
        _ subject: AnalysedNetwork, threads: Int, steps: Int? = nil, isCancelled: () -> Bool = { false }
    ) throws -> AnalysedNetwork? {
        let seed = subject.plan.recipe.integer("seed")
        let retraining: FineTuning
        switch self {
        case .randomMask:
            retraining = try FineTuning(subject, threads: threads)
            retraining.mask(
                zip(subject.layers, subject.weights).enumerated().map { number, layer in
                    guard layer.0.arrays.indices != nil else { return nil }
                    return RandomMask.positions(
                        rows: layer.1.rows, columns: layer.1.columns, count: layer.0.arrays.values.count,
                        seed: UInt64(seed), layer: number)
                })
        case .newWeights:
            retraining = try FineTuning(subject, threads: threads)
            // Of another seed, and the recipe's order and split of the data all the same.
            _ = retraining.trainer.network.initialize(seed: UInt64(seed) ^ 0x5EED, counts: nil)
            retraining.mask(subject.layers.map(\.arrays.indices))
        case .smallerDense:
            retraining = try FineTuning(
                subject, graph: subject.graph.narrowed(toWeights: subject.nnz), threads: threads)
        }
        guard try retraining.train(steps: steps ?? retraining.trainer.plan.totalSteps, isCancelled: isCancelled) else {
            return nil
        }
        return retraining.network
    }
}
