import Descriptors
import Devices
import Graph
import Interchange

/// A quantised network with what a measurement of it needs: a file that stands by itself.
package struct QuantizedKept {
    package let network: QuantizedNetwork
    package let recipe: Recipe
    /// What its input is made with.
    package let normalization: Normalization
    /// Of the data that it was trained on.
    package let identity: DataIdentity?
    package let step: Int

    package init(
        _ network: QuantizedNetwork, recipe: Recipe, normalization: Normalization, identity: DataIdentity?, step: Int
    ) {
        self.network = network
        self.recipe = recipe
        self.normalization = normalization
        // It answers in the data's own units.
        var identity = identity
        identity?.targetScale = nil
        self.identity = identity
        self.step = step
    }

    /// - Throws: `FileProblem`.
    package func write(to path: String, facts: [String: String] = [:]) throws {
        func list(_ numbers: [Float]) -> String { numbers.map { "\($0)" }.joined(separator: ",") }
        var metadata = facts
        metadata["recipe"] = recipe.yaml
        metadata["step"] = "\(step)"
        metadata["input_mean"] = list(normalization.means)
        metadata["input_deviation"] = list(normalization.deviations)
        if let identity { metadata["data"] = try identity.json() }
        try QuantizedFile.write(network, metadata: metadata, to: path)
    }

    /// - Throws: `FileProblem`.
    package static func read(_ path: String) throws -> QuantizedKept {
        let (network, file) = try QuantizedFile.read(path)
        let recipe = try RecipeReader.read(
            try file.text("recipe"), file: "\(path), metadata 'recipe'", name: "network", isInside: true)
        guard let step = Int(try file.text("step")), NumberCheck.steps.contains(step) else {
            throw FileProblem(
                path: path, place: "metadata 'step'", found: FileProblem.quote(try file.text("step")),
                expected: "a number of steps")
        }
        return QuantizedKept(
            network, recipe: recipe,
            normalization: try Normalization(of: file, channels: network.tensors[0].shape.channels),
            identity: try DataIdentity(of: file), step: step)
    }

    /// A network of the same input and output, with next to no weights: what a plan of the data is made for.
    package func standIn() throws -> Graph {
        let output = network.tensors[network.output].shape
        return try Graph(
            input: network.tensors[0].shape,
            [
                Graph.Entry("features", Reshape([-1])),
                Graph.Entry(
                    "first",
                    try Operators.make(
                        "slice", ["starts": .integers([0]), "ends": .integers([1]), "axes": .integers([0])])),
                Graph.Entry("answers", Linear(outputs: output.features)),
                Graph.Entry("output", Reshape(output.axes)),
            ])
    }

    /// - Parameter folder: that the file lies in.
    package func plan(in folder: String, choice: RunData.Choice) throws -> TrainingPlan {
        try RunData.plan(
            recipe, identity: identity, starting: StartingNetwork(graph: standIn()), in: folder, choice: choice)
    }
}
