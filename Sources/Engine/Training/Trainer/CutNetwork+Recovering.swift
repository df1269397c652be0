import Graph
import Sparsity

extension CutNetwork: Recoverable {
    package func momentsBefore(_ samples: Int) -> [[OutputMoments]] { before.rowMoments(samples) }

    package func moments(_ samples: Int, of layer: Int) -> [OutputMoments] {
        calibration().rowMoments(samples, only: layer)[layer]
    }

    package func inputGramsBefore(_ samples: Int) throws -> [LayerFacts] {
        try before.facts([.inputGram], keeping: nil, samples: samples)
    }

    package func normStatistics(_ samples: Int) -> [ParameterState] { calibration().normStatistics(samples) }

    /// As the network's recipe trains, at the rate of its retraining.
    package func distil(steps: Int, temperature: Double, share: Double) throws {
        guard normalization == nil || normalization == plan.data.normalization else {
            throw FitError(
                ["data"],
                "'distillation' trains on samples as they are normalised here, and the network was trained on others")
        }
        var recipe = plan.recipe.fineTuning
        recipe.distillation = DistillationChoice(from: "", temperature: temperature, share: share)
        let training = try TrainingPlan(
            recipe, data: plan.data, starting: StartingNetwork(graph: plan.graph),
            targetScale: plan.data.targetScale, parent: .kept(try parent()))
        try training.requireTrainable()
        try training.requireMemory()
        let trainer = Trainer(training, team: team)
        trainer.restore(state(for: trainer))
        trainer.restartRate(steps: steps)
        for _ in 0..<steps {
            guard try trainer.step().isFinite else {
                throw FitError(["learning-rate"], "'distillation' lost its numbers at step \(trainer.progress.step)")
            }
        }
        take(trainer.state(withOptimizer: false))
    }
}
