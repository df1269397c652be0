import Descriptors
import Graph
import Kernels
import Sparsity

extension Recoveries {
    /// Some steps of training as the network's recipe has them, at the rate of its retraining, that learn from what the network
    /// answered before the cut, beside the labels.
    ///
    /// Reference: arXiv:1503.02531
    package struct Distillation: Recovery {
        package static let descriptor = Descriptor(
            name: "distillation",
            summary: "Trains some steps on the labels and on what the network answered before the cut",
            citation: "Hinton, Vinyals & Dean 2015, arXiv:1503.02531",
            parameters: [
                Parameter("steps", "of training", .integer(1...1_000_000)),
                Parameter("temperature", "that softens outputs", .number(0.1...100), default: .number(4)),
                Parameter("share", "of the loss; the labels have the rest", .number(0...1), default: .number(0.9)),
            ])
        package static let trains = true
        private let steps: Int
        private let settings: DistillationChoice

        package init(_ arguments: Arguments) {
            steps = arguments.integer("steps")
            settings = DistillationChoice(
                from: "", temperature: arguments.number("temperature"), share: arguments.number("share"))
        }

        package func recover(_ network: CutNetwork) throws {
            guard network.normalization == nil || network.normalization == network.plan.data.normalization else {
                throw FitError(
                    ["data"],
                    "'distillation' trains on samples as they are normalised here, and the network was trained on others"
                )
            }
            var recipe = network.plan.recipe.fineTuning
            recipe.distillation = settings
            let plan = try TrainingPlan(
                recipe, data: network.plan.data, starting: StartingNetwork(graph: network.plan.graph),
                targetScale: network.plan.data.targetScale, parent: .kept(try network.parent()))
            try plan.requireTrainable()
            try plan.requireMemory()
            let trainer = Trainer(plan, team: network.team)
            trainer.restore(network.state(for: trainer))
            trainer.restartRate(steps: steps)
            for _ in 0..<steps {
                guard try trainer.step().isFinite else {
                    throw FitError(
                        ["learning-rate"], "'distillation' lost its numbers at step \(trainer.progress.step)")
                }
            }
            network.take(trainer.state(withOptimizer: false))
        }
    }
}
