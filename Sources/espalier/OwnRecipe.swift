import Foundation
import Interchange
import Training

/// Recipes of those who have none: a model or a network's name, and data.
enum OwnRecipe {
    /// Whether a path is that of a model by its name, as `model.onnx`. Whether it is one says its reader.
    static func isModel(_ path: String) -> Bool {
        ["onnx", "safetensors"].contains(Files.ending(of: path.lowercased())) && Files.isFile(path)
    }

    /// A model that is trained on: small steps, for its weights know something already.
    ///
    /// - Parameter changes: of the command line; `data=…` among them.
    /// - Throws: `RecipeError`, `FileProblem`.
    static func ofModel(_ path: String, changes: [String]) throws -> Recipe {
        let text = """
            network: {file: \(Recipe.yaml(text: DataPlace.absolute(path)))}
            epochs: 10
            optimizer: {name: adam}
            learning-rate: {name: cosine, rate: 0.0003}
            """
        return try RecipeReader.read(
            text, file: "the recipe of \(path)", name: Files.withoutEnding(Files.name(of: path)), changes: changes)
    }

    /// A network from its first weights: as its sample recipe trains it, where it has one.
    static func ofNetwork(_ name: String, changes: [String]) throws -> Recipe {
        let sample = DataSources.samples.map { Files.folder(of: $0) + "/recipes/\(name)-dense.yaml" }
        if let sample, Files.exists(sample) {
            var recipe = try RecipeReader.read(sample, changes: changes)
            recipe.name = name
            return recipe
        }
        let text = """
            network: \(Recipe.yaml(text: name))
            epochs: 10
            optimizer: {name: sgd, momentum: 0.9, weight-decay: 0.0001}
            learning-rate: {name: cosine, rate: 0.02}
            """
        return try RecipeReader.read(text, file: "the recipe of \(name)", name: name, changes: changes)
    }
}
