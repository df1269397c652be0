import Graph
import Interchange
import Sparsity

extension ImageOperations {
    /// Counts zero activations on training images, spread evenly over all: as many as a budget of multiply-adds is enough for, four
    /// at least and 256 at most.
    ///
    /// - Parameters:
    ///   - normalization: of a kept network, which may come from other data than the plan's.
    ///   - budget: multiply-adds with weights that are there.
    /// - Throws: `FileProblem` where the images do not fit the network, `MemoryError`.
    package mutating func measure(
        _ plan: TrainingPlan, _ graph: Graph, _ arrays: GraphArrays, normalization: Normalization? = nil, budget: Int,
        isCancelled: () -> Bool = { false }
    ) throws {
        guard plan.data.train.shape == graph.input else {
            throw FileProblem(
                path: plan.data.name, place: "images", found: "a size of \(plan.data.train.shape)",
                expected: "\(graph.input), which the network takes")
        }
        try MemoryNeed(running: graph, capacity: 16, counts: arrays.layers.map { $0.values.count }).times(2)
            .require(plan.recipe.networkName, to: "count zero activations")
        let images = try plan.calibrationImages(
            max(4, min(256, budget / max(1, kept))), shape: graph.input, normalization: normalization)
        measure(graph, arrays, on: images, isCancelled: isCancelled)
    }
}
