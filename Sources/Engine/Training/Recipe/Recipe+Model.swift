import Interchange

extension Recipe {
    /// A recipe that says no more than which model and which data, with what trains a given network gently.
    ///
    /// - Parameter changes: `key=value`, as `--set` has them.
    /// - Throws: `RecipeError`.
    package static func of(model path: String, data: String, changes: [String] = []) throws -> Recipe {
        var recipe = try RecipeReader.read(
            """
            network: {file: model.onnx}
            data: {path: fashion-mnist}
            epochs: 5
            optimizer: {name: sgd, momentum: 0.9, weight-decay: 0.0001}
            learning-rate: {name: cosine, rate: 0.005}
            """, file: "the recipe of \(path)", name: Files.withoutEnding(Files.name(of: path)),
            changes: ["network.file=\(DataPlace.absolute(path))", "data.path=\(data)"] + changes,
            origins: ["data.path": "--data"])
        recipe.lines.isCounted = false
        return recipe
    }
}
