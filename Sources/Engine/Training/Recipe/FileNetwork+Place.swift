import Interchange

extension Recipe {
    /// The recipe with the network that it learns from made absolute, as the file of its own is.
    /// - Throws: `RecipeError` where it is in neither place.
    package func placingParent(besideFile file: String?) throws -> Recipe {
        guard var given = distillation else { return self }
        given.from = try placed(given.from, keys: ["distill.from", "distill"], besideFile: file)
        var placed = self
        placed.distillation = given
        return placed
    }

    /// The recipe with the file of its network made absolute. A relative one is looked for beside the recipe's file and in the working
    /// folder; of the command line, in the working folder alone.
    ///
    /// - Throws: `RecipeError` where it is in neither.
    package func placingNetwork(besideFile file: String?) throws -> Recipe {
        guard case .file(var given) = network else { return self }
        given.file = try self.placed(given.file, keys: ["network.file", "network"], besideFile: file)
        var placed = self
        placed.network = .file(given)
        return placed
    }

    private func placed(_ given: String, keys: [String], besideFile file: String?) throws -> String {
        let path = HomeFolder.expand(given)
        let isChange = keys.contains { lines.keys[$0]?.isChange == true }
        let beside = isChange ? nil : file.map { DataPlace.absolute(Files.folder(of: $0)) }
        var candidates: [String] = []
        for folder in [beside, Files.workingFolder] {
            let candidate = folder.map { DataPlace.absolute(path, in: $0) }
            if let candidate, !candidates.contains(candidate) { candidates.append(candidate) }
        }
        guard let found = candidates.first(where: Files.exists) else {
            throw lines.error(
                keys.lazy.compactMap { lines.keys[$0] }.first,
                "'\(keys[1])' is \(given), which is not there; looked for: " + candidates.joined(separator: ", "),
                of: [keys[1]])
        }
        return found
    }
}
