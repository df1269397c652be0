import Interchange

extension Recipe {
    /// The recipe with the file of its network made absolute. A relative one is looked for beside the recipe's file and in the working
    /// folder; of the command line, in the working folder alone.
    ///
    /// - Throws: `RecipeError` where it is in neither.
    package func placingNetwork(besideFile file: String?) throws -> Recipe {
        guard case .file(var given) = network else { return self }
        let path = HomeFolder.expand(given.file)
        let isChange = lines.keys["network.file"] == .change || lines.keys["network"] == .change
        let beside = isChange ? nil : file.map { DataPlace.absolute(Files.folder(of: $0)) }
        var candidates: [String] = []
        for folder in [beside, Files.workingFolder] {
            let candidate = folder.map { DataPlace.absolute(path, in: $0) }
            if let candidate, !candidates.contains(candidate) { candidates.append(candidate) }
        }
        guard let found = candidates.first(where: Files.exists) else {
            throw lines.error(
                at: "network.file", "network",
                message: "'network' is \(given.file), which is not there; looked for: "
                    + candidates.joined(separator: ", "))
        }
        given.file = found
        var placed = self
        placed.network = .file(given)
        return placed
    }
}
