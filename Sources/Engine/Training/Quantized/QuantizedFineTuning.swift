import Descriptors
import Devices
import Graph
import Kernels

/// Some steps of training under quantisation, of a network that is there: its masks stay, and its weights learn to be rounded.
package struct QuantizedFineTuning {
    package let plan: TrainingPlan
    private let trainer: Trainer

    /// - Parameters:
    ///   - network: as it was trained, at rest.
    ///   - rate: of the beginning; nil: half of the recipe's of a retraining.
    /// - Throws: `FitError` where the data's samples are not what it was trained on; `DeviceProblem`, `MemoryError`.
    package init(
        _ network: AnalysedNetwork, _ choice: QuantizationChoice, rate: Double?, team: Team
    ) throws {
        let given = network.plan
        guard network.normalization == nil || network.normalization == given.data.normalization else {
            throw FitError(
                ["data"],
                "fine-tuning trains on samples as they are normalised here, and the network was trained on others")
        }
        var recipe = given.recipe.fineTuning
        recipe.quantization = choice
        if let rate {
            recipe.set("rate", of: "learning-rate", to: .number(rate))
            recipe.settings["retrain-rate"] = .number(1)
        } else {
            recipe.settings["retrain-rate"] = .number(recipe.number("retrain-rate") / 2)
        }
        plan = try TrainingPlan(
            recipe, data: given.data,
            starting: StartingNetwork(
                graph: network.graph,
                weights: StartWeights(
                    network.graph, layers: network.layers.map(\.arrays), parameters: network.parameters)),
            targetScale: given.data.targetScale, parent: given.parent.map(ParentChoice.kept) ?? .none)
        try plan.requireTrainable()
        try plan.requireMemory()
        trainer = Trainer(plan, team: team)
    }

    /// - Throws: `FitError` where the loss becomes none.
    package func train(steps: Int) throws {
        trainer.restartRate(steps: steps)
        for _ in 0..<steps {
            guard try trainer.step().isFinite else {
                throw FitError(
                    ["learning-rate"],
                    "fine-tuning lost its numbers at step \(trainer.progress.step); a smaller rate may help")
            }
        }
    }

    /// The network as it stands, in floats.
    package func network(capacity: Int) -> Network { trainer.answeringCopy(capacity: capacity) }

    /// The figure of the validation samples as its integers will have it, but for the rounding of single values.
    package func validate() -> Reading { trainer.validate() }

    /// That it was trained with; nil before the first step.
    package var ranges: [TensorRange]? { trainer.progress.ranges }
}
