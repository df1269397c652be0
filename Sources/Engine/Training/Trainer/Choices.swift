import Descriptors
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
            changes: choices.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" },
            origins: choices.reduce(into: [:]) { $0[$1.key] = ":\($1.key)" })
    }
}

extension Trainer {
    /// - Throws: what the reader, the masker or the method says against it.
    func require(_ choices: Choices) throws -> (recipe: Recipe, parts: RecipeParts) {
        let recipe = try plan.recipe.choosing(choices)
        let parts = try recipe.parts()
        let new = type(of: parts.method)
        if !goesOn(parts.method) { try requireBeginning(parts.method) }
        _ = try parts.masker.distribution.allocate(target: 0, final: 0, layers: plan.layers)
        if new.usesSchedule, parts.schedule.final > 0 { try parts.masker.requireReachable(plan.layers) }
        try parts.method.require(plan.layers, masker: parts.masker)
        try TrainingPlan.requireKept(parts)
        try TrainingPlan.requireRecoverable(parts)
        return (recipe, parts)
    }

    /// Whether something that a method keeps for each weight comes or goes.
    func exchangesArrays(for parts: RecipeParts) -> Bool {
        !goesOn(parts.method) && [type(of: method), type(of: parts.method)].contains { !$0.weightSlots.isEmpty }
    }

    /// The parts are these from now on. A method that stays the same goes on with what it remembers; another one begins with the
    /// weights that there are, as the network answers with them.
    func adopt(_ choices: Choices, _ chosen: (recipe: Recipe, parts: RecipeParts)) {
        let isSame = goesOn(chosen.parts.method), exchanges = exchangesArrays(for: chosen.parts)
        progress.choices = choices.isEmpty ? nil : choices
        (recipe, parts) = chosen
        method = parts.method
        // Gates and groups may be others from now on.
        latentPlaces = []
        lassoGroups = nil
        if isSame, let memory = progress.methodMemory { try? method.setMemory(memory.text) }
        if exchanges {
            makeRoom(forgets: true)
            beginLatent()
            // States of another kind: nothing leads back to them but undo.
            (progress.keptForFloor, progress.missedLooks, progress.best) = (nil, nil, nil)
        }
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
