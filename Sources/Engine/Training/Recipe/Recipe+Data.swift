import Foundation
import Interchange

extension Recipe {
    package var hasNamedData: Bool { DataSources.all.contains { $0.descriptor.name == data } }

    /// The recipe with its data's path made absolute. A relative one is looked for beside the recipe's file and in the
    /// working folder; of the command line, in the working folder alone.
    ///
    /// - Throws: `RecipeError` where nothing is there, or two things are.
    package func placingData(besideFile file: String?) throws -> Recipe {
        guard !hasNamedData else { return self }
        var placed = self
        let path = HomeFolder.expand(data)
        let isFromFile = lines.keys["data"]?.isChange != true
        let beside = isFromFile ? file.map { DataPlace.absolute(Files.folder(of: $0)) } : nil
        var candidates: [String] = []
        for folder in [beside, Files.workingFolder] {
            let candidate = folder.map { DataPlace.absolute(path, in: $0) }
            if let candidate, !candidates.contains(candidate) { candidates.append(candidate) }
        }
        let there = candidates.filter(Files.exists)
        // The working folder may have one of that name for anything else.
        let withData = there.filter { DataFormats.find($0) != nil }
        // One that holds the files goes before one with folders of them, as the folder above the recipe's has.
        func isBelow(_ path: String) -> Bool {
            DataFormats.find(path) is IDXData.Type && IDXFolder(path, prefix: "").isBelow
        }
        let holders = withData.contains { !isBelow($0) } ? withData.filter { !isBelow($0) } : withData
        let found = withData.isEmpty ? Array(there.prefix(1)) : holders
        if found.count == 2, DataPlace.relative(found[0], from: found[1])?.isEmpty == false {
            throw located(DataError.twoFolders(data, found))
        }
        guard let first = found.first else {
            throw located(
                DataError.noFolder(data, lookedFor: candidates, known: DataSources.all.map { $0.descriptor.name }))
        }
        // Without '..', which another working folder or a link would lead elsewhere.
        placed.data = first.split(separator: "/").contains("..") ? Files.resolved(first) ?? first : first
        return placed
    }
}

extension Recipe {
    /// The line that says which data, as it stands in a resolved recipe.
    package var dataLine: String {
        yaml.split(separator: "\n").first { $0.hasPrefix("data: ") }.map(String.init) ?? ""
    }
}
