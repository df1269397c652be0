import Foundation
import Graph
import Sparsity

/// Everything about a run that does not change while it trains: made once, shared by session and previews.
package struct TrainingPlan: Sendable {
    package let recipe: Recipe
    package let parts: RecipeParts
    package let data: DataSet
    package let split: Split
    package let graph: Graph

    /// - Throws: `FileProblem`, `DataError`, `GraphError`, `ArgumentError`.
    package init(_ recipe: Recipe) throws { try self.init(recipe, data: DataSources.load(recipe.data)) }

    package init(_ recipe: Recipe, data: DataSet) throws {
        self.recipe = recipe
        self.data = data
        parts = try recipe.parts()
        graph = try recipe.graph(input: data.train.shape, classes: data.classes)
        guard graph.output.isFlat, graph.output.channels >= data.classes else {
            throw DataError.shape(
                network: recipe.networkName, found: "\(graph.output)", expected: "\(data.classes)")
        }
        let shapes = graph.nodes.compactMap { $0.op.weightShape($0.inputShapes) }
        guard !shapes.isEmpty else { throw GraphError.noWeights }
        // Value, gradient, optimizer state, and a copy of them on its way to a checkpoint.
        let slots = type(of: parts.optimizer).slots
        let bytes = shapes.reduce(0.0) { $0 + Double($1.rows) * Double($1.columns) } * 4 * Double(2 * (2 + slots))
        guard bytes < Double(ProcessInfo.processInfo.physicalMemory) else {
            throw DataError.tooLarge(network: recipe.networkName, gigabytes: bytes / 1e9)
        }
        // A layer that a distribution names and the network has not is an error now, not at the first cut.
        let layers = graph.nodes.filter { $0.op.weightShape($0.inputShapes) != nil }
        _ = try parts.masker.distribution.allocate(
            target: 0, final: 0, layers: layers.map { LiveWeights(name: $0.name, rows: 0, columns: 0, values: []) })
        split = try Split(
            data.train, validation: recipe.integer("validation"), seed: recipe.seed)
    }

    package var stepsPerEpoch: Int { (split.train.count + recipe.batch - 1) / recipe.batch }
    package var totalSteps: Int { recipe.integer("epochs") * stepsPerEpoch }
    package var retrainSteps: Int { recipe.integer("retrain-epochs") * stepsPerEpoch }
}
