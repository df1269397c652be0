import Sparsity

/// What a person chose in place of the recipe, while the run was on: parts by their keys, each as a recipe writes it.
typealias Choices = [String: String]

extension Recipe {
    /// Parts that may be changed while a run is on: what cuts, and when. The weights that there are stay as they are.
    package static let changeable = ["method", "schedule", "criterion", "granularity", "distribution"]

    /// The recipe with other parts.
    /// - Throws: `RecipeError` that names the part, the value and what is accepted.
    func choosing(_ choices: Choices?) throws -> Recipe {
        guard let choices, !choices.isEmpty else { return self }
        return try RecipeReader.read(
            yaml, file: lines.file, name: name,
            changes: choices.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
    }
}

extension Trainer {
    /// - Throws: what the reader, the masker or the method says against it.
    func require(_ choices: Choices) throws -> (recipe: Recipe, parts: RecipeParts) {
        let recipe = try plan.recipe.choosing(choices)
        let parts = try recipe.parts()
        let (old, new) = (type(of: self.parts.method), type(of: parts.method))
        if old != new {
            // Arrays for each weight, and weights made of others, are there from the beginning or not at all.
            for method in [old, new] where !method.weightSlots.isEmpty || method is any LatentMethod.Type {
                throw ChoiceError(
                    description:
                        "method '\(method.descriptor.name)' keeps something for each weight from the first step on: "
                        + "it can be chosen in a recipe, not while a run is on")
            }
        }
        _ = try parts.masker.distribution.allocate(target: 0, final: 0, layers: plan.layers)
        if new.usesSchedule, parts.schedule.final > 0 { try parts.masker.requireReachable(plan.layers) }
        try parts.method.require(plan.layers, masker: parts.masker)
        try TrainingPlan.requireKept(parts)
        try TrainingPlan.requireRecoverable(parts)
        return (recipe, parts)
    }

    /// The parts are these from now on. A method that stays the same goes on with what it remembers.
    func adopt(_ choices: Choices, _ chosen: (recipe: Recipe, parts: RecipeParts)) {
        let isSame = type(of: method) == type(of: chosen.parts.method)
        progress.choices = choices.isEmpty ? nil : choices
        (recipe, parts) = chosen
        method = parts.method
        if isSame, let memory = progress.methodMemory { try? method.setMemory(memory) }
        keepMemory()
    }

    /// As a state has it. A checkpoint's reader has made sure that the choices can be read.
    func restoreChoices() {
        guard progress.choices != nil || recipe != plan.recipe else { return }
        let chosen = (try? plan.recipe.choosing(progress.choices)) ?? plan.recipe
        recipe = chosen
        parts = (try? chosen.parts()) ?? plan.parts
    }
}

package struct ChoiceError: Error, CustomStringConvertible {
    package let description: String
}
