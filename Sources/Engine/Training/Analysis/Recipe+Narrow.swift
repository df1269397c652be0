import Graph

extension Recipe {
    /// The recipe with a network of the same form that has at most this share of the weights, narrower throughout and written out
    /// node by node.
    ///
    /// - Parameter plan: of this recipe, for the sizes that follow from the data.
    /// - Throws: what `Graph.narrowed` throws.
    package func narrowed(to share: Double, _ plan: TrainingPlan) throws -> Recipe {
        let weights = plan.layers.reduce(0) { $0 + $1.total }
        let narrow = try plan.graph.narrowed(toWeights: Int(share * Double(weights)))
        var recipe = self
        recipe.network = .nodes(
            NodeList(narrow).nodes.map { node in
                NodeChoice(
                    name: node.name, inputs: node.inputs,
                    op: Choice(node.operator, (node.arguments ?? [:]).mapValues(\.value)))
            })
        return recipe
    }
}
