import Foundation
import Interchange

/// Where the data of a recipe is looked for.
package enum DataPlace {
    /// Without slashes and points that mean nothing: one place has one name. Two points stay, for a link may lead away.
    package static func absolute(_ path: String, in folder: String = Files.workingFolder) -> String {
        let whole = path.hasPrefix("/") ? path : folder + "/" + path
        return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    /// Where a way that `relative` gave leads to from a folder, which is there.
    static func following(_ way: String, from folder: String) -> String {
        var parts = (Files.resolved(folder) ?? absolute(folder)).split(separator: "/")
        for part in way.split(separator: "/") {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// The way from one folder to another, both with their links followed: it stays right when both are moved together.
    static func relative(_ path: String, from folder: String) -> String? {
        func parts(_ path: String) -> [Substring]? { Files.resolved(path)?.split(separator: "/") }
        guard let target = parts(path), let start = parts(folder) else { return nil }
        let common = zip(target, start).prefix { $0 == $1 }.count
        return ([Substring](repeating: "..", count: start.count - common) + target[common...]).joined(separator: "/")
    }
}

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
        let isFromFile = lines.keys["data"] != .change
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
