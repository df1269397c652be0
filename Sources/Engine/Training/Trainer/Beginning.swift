import Descriptors
import Sparsity

/// A method that is taken up in the middle of a run.
extension Trainer {
    /// Whether it is the method at hand with other values, and not the same again after its end.
    func goesOn(_ next: any Sparsity.Method) -> Bool {
        guard type(of: method) == type(of: next) else { return false }
        guard let now = method as? any LatentMethod, let next = next as? any LatentMethod else { return true }
        return next.span.begin < now.span.end
    }

    /// - Throws: `ChoiceError` where what it begins with is past.
    func requireBeginning(_ method: any Sparsity.Method) throws {
        let name = type(of: method).descriptor.name
        if let latent = method as? any LatentMethod, latent.span.end <= progress.scheduleStep {
            throw ChoiceError(
                description: "method '\(name)' ends at step \(latent.span.end), and \(progress.scheduleStep) are done: "
                    + "a later 'end'")
        }
        if let iterative = method as? Methods.IterativeRewinding, iterative.rewind <= progress.step {
            throw ChoiceError(
                description: "method '\(name)' goes back to step \(iterative.rewind), which is past: "
                    + "'rewind' is more than \(progress.step)")
        }
    }

    /// - Throws: `ChoiceError` of a method that exchanges weights, where all are there. A run that did so before goes on.
    func requireSparse(_ parts: RecipeParts) throws {
        let method = type(of: parts.method)
        guard parts.method.initialSparsity(parts.schedule) != nil, maskedCount == 0 else { return }
        throw ChoiceError(
            description:
                "method '\(method.descriptor.name)' starts sparse and keeps as many zeros as there are, and here are "
                + "none: cut first, by a line or another method")
    }

    private var maskedCount: Int { network.layers.reduce(0) { $0 + $1.map.weights - $1.nnz } }

    /// A criterion that reads what a method keeps comes with it, and goes with it: to the recipe's, or to magnitude.
    func withItsCriterion(_ given: Choices) -> Choices {
        var choices = given
        func unmet(_ choices: Choices) -> Bool {
            guard let recipe = try? plan.recipe.choosing(choices) else { return false }
            return !Self.reads(recipe.criterion.name).isSubset(of: Self.kept(recipe.method.name))
        }
        if unmet(choices) { choices["criterion"] = nil }
        if unmet(choices) { choices["criterion"] = "{name: magnitude}" }
        guard let recipe = try? plan.recipe.choosing(choices), Self.reads(recipe.criterion.name).isEmpty else {
            return choices
        }
        let kept = Self.kept(recipe.method.name)
        let own = Criteria.all.map { $0.descriptor.name }.first { name in
            let reads = Self.reads(name)
            return !reads.isEmpty && reads.isSubset(of: kept)
        }
        if let own { choices["criterion"] = "{name: \(own)}" }
        return choices
    }

    private static func kept(_ method: String) -> Set<String> {
        Set(Methods.all.first { $0.descriptor.name == method }?.weightSlots ?? [])
    }

    private static func reads(_ criterion: String) -> Set<String> {
        var names: Set<String> = []
        for case .kept(let name) in (try? Criteria.make(criterion))?.needs ?? [] { names.insert(name) }
        return names
    }

    /// What a person typed as it is to be journalled: what would have begun in the past begins now; what goes on goes on.
    func beginningNow(_ part: String, _ value: String) -> String {
        var choices = progress.choices ?? [:]
        choices[part] = value.isEmpty ? nil : value
        guard part == "method", let recipe = try? plan.recipe.choosing(choices),
            let next = try? recipe.parts().method as? any LatentMethod, next.span.begin < progress.scheduleStep
        else { return value }
        var begin = progress.scheduleStep
        if let now = method as? any LatentMethod, type(of: method) == type(of: next), begin < now.span.end {
            begin = min(begin, now.span.begin)
        }
        guard begin != next.span.begin, var choice = recipe.choice(part) else { return value }
        choice.values["begin"] = .integer(begin)
        return recipe.written(choice)
    }
}
