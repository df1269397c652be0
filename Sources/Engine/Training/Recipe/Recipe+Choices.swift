import Descriptors
import Sparsity

/// The parts that a recipe chooses by name. A new part is a line of `parts`; whoever makes it asks for its choice by its key.
extension Recipe {
    package struct Part: Sendable {
        package let key: String
        /// Its name where the recipe says nothing; nil: there is none then.
        package let fallback: String?
        package let options: [Descriptor]
        /// A recipe may name several, in the order in which they are carried out.
        package let isList: Bool

        package init(key: String, fallback: String? = nil, options: [Descriptor], isList: Bool = false) {
            (self.key, self.fallback, self.options, self.isList) = (key, fallback, options, isList)
        }
    }

    package static let parts: [Part] = [
        Part(key: "optimizer", fallback: "sgd", options: Optimizers.all.map { $0.descriptor }),
        Part(key: "learning-rate", fallback: "cosine", options: LearningRates.all.map { $0.descriptor }),
        Part(key: "loss", fallback: "softmax-cross-entropy", options: Losses.all.map { $0.descriptor }),
        Part(key: "figure", options: Figures.all.map { $0.descriptor }),
        Part(key: "method", fallback: "none", options: Methods.all.map { $0.descriptor }),
        Part(key: "schedule", options: Schedules.all.map { $0.descriptor }),
        Part(key: "criterion", fallback: "magnitude", options: Criteria.all.map { $0.descriptor }),
        Part(key: "granularity", fallback: "weight", options: Granularities.all.map { $0.descriptor }),
        Part(key: "distribution", fallback: "global", options: Distributions.descriptors),
        Part(key: "refine", options: Refinements.all.map { $0.descriptor }),
        recover,
        Part(key: "augment", options: Augmentations.all.map { $0.descriptor }, isList: true),
    ]
    /// What makes up for a cut without training.
    package static let recover = Part(key: "recover", options: Recoveries.inRuns.map { $0.descriptor }, isList: true)

    /// The choice of a part, of a list the first; nil where there is none.
    package func choice(_ key: String) -> Choice? { choices[key]?.first }

    package mutating func choose(_ key: String, _ choice: Choice?) { choices[key] = choice.map { [$0] } }

    /// Sets a value of what is chosen for a part.
    package mutating func set(_ parameter: String, of key: String, to value: Value) {
        choices[key]?[0].values[parameter] = value
    }

    // A part with a fallback has a choice in every recipe that was read.
    package var optimizer: Choice { choice("optimizer")! }
    package var learningRate: Choice { choice("learning-rate")! }
    package var loss: Choice { choice("loss")! }
    package var method: Choice { choice("method")! }
    package var criterion: Choice { choice("criterion")! }
    package var granularity: Choice { choice("granularity")! }
    package var distribution: Choice { choice("distribution")! }
    package var schedule: Choice? { choice("schedule") }
    package var refine: Choice? { choice("refine") }
    /// Nil: by the data's targets.
    package var figure: Choice? { choice("figure") }
    /// What is done after a large cut; empty: masks and weights stay as they are.
    package var recover: [Choice] { choices["recover"] ?? [] }
    /// Of training samples.
    package var augment: [Choice] { choices["augment"] ?? [] }
}
