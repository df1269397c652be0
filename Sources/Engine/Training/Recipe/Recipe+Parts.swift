import Descriptors
import Graph
import Sparsity

/// The parts of a recipe, made.
package struct RecipeParts: Sendable {
    package let optimizer: any Optimizer
    package let learningRate: any LearningRate
    /// As the recipe has them; the plan fits them to the data.
    package let loss: any Loss
    package let figure: (any Figure)?
    package let augmentations: [any Augmentation]
    package let method: any Method
    package let schedule: any Schedule
    package let masker: Masker
    /// In the order in which they are carried out.
    package let recoveries: [any Recovery]
}

extension Recipe {
    /// - Throws: `ArgumentError` where values do not fit together.
    package func parts() throws -> RecipeParts {
        let method = try Methods.make(method.name, method.values)
        if type(of: method).usesSchedule, schedule == nil {
            throw ArgumentError.missing(
                name: "schedule", of: "method \(self.method.name)",
                accepted: "one of " + Schedules.all.map { $0.descriptor.name }.joined(separator: ", "))
        }
        return RecipeParts(
            optimizer: try Optimizers.make(optimizer.name, optimizer.values),
            learningRate: try LearningRates.make(learningRate.name, learningRate.values),
            loss: try Losses.make(loss.name, loss.values),
            figure: try figure.map { try Figures.make($0.name, $0.values) },
            augmentations: try augment.map { try Augmentations.make($0.name, $0.values) }, method: method,
            // Methods that use no schedule are never asked for one's numbers.
            schedule: try schedule.map { try Schedules.make($0.name, $0.values) }
                ?? Schedules.make("constant", ["final": .number(0)]),
            masker: Masker(
                criterion: try Criteria.make(criterion.name, criterion.values),
                granularity: try Granularities.make(granularity.name, granularity.values),
                distribution: try Distributions.make(distribution.name, distribution.values),
                refinement: try refine.map { try Refinements.make($0.name, $0.values) },
                limits: try LayerLimits(distribution.values)),
            recoveries: try Recoveries.inRuns.flatMap { type in
                try recover.filter { $0.name == type.descriptor.name }.prefix(1).map {
                    try type.init(Arguments($0.values, for: type.descriptor))
                }
            })
    }
}

extension Recipe {
    /// What the workbench opens on when it is given nothing.
    package static let standard = """
        name: lenet-300-100-dense
        network: lenet-300-100
        data: fashion-mnist
        epochs: 14
        learning-rate: {name: cosine, rate: 0.05}
        optimizer: {name: sgd, momentum: 0.9, weight-decay: 0.0001}
        """
}
