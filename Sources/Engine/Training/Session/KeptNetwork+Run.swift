import Graph
import Interchange

extension KeptNetwork.Opened {
    /// Of another recipe, a file under the name of a run's own would be shown or measured as what the run made.
    package func requireNetwork(of recipe: Recipe, _ graph: Graph? = nil, path: String) throws {
        let there = self.recipe.yaml
        if let changed = Checkpoint.difference(recipe.yaml, there) {
            throw FileProblem(
                path: path, place: "metadata 'recipe'", found: "another recipe ('\(changed.there)')",
                expected: "that of the run's recipe.yaml ('\(changed.here)')")
        }
        guard let graph else { return }
        // The same recipe makes other layers of other images.
        func shapes(_ graph: Graph) -> [String] { graph.nodes.map { "\($0.name) \($0.inputShapes) \($0.shape)" } }
        let here = shapes(graph), found = shapes(self.graph)
        guard here != found else { return }
        throw FileProblem(
            path: path, place: "metadata 'input_height'", found: "a network for images of \(self.graph.input)",
            expected: "one for \(graph.input), as the run's data has them")
    }
}
