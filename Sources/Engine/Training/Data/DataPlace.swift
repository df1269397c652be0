import Foundation
import Interchange

/// Where the folder of a recipe's data is looked for.
package enum DataPlace {
    /// Without slashes and points that mean nothing: one place has one name. Two points stay, for a link may lead away.
    static func absolute(_ path: String, in folder: String = Files.workingFolder) -> String {
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

    /// The recipe with its data's folder made absolute. A relative one is looked for beside the recipe's file and in the
    /// working folder; of the command line, in the working folder alone.
    ///
    /// - Throws: `RecipeError` where no folder is there, or two.
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
        let there = candidates.filter(Files.isFolder)
        // The working folder may have one of that name for anything else.
        let withData = there.compactMap { path in
            let folder = IDXFolder(path, prefix: "")
            return (try? folder.find(.train, .images)) == nil ? nil : folder
        }
        // One that holds the files goes before one with folders of them, as the folder above the recipe's has.
        let holders = withData.contains { !$0.isBelow } ? withData.filter { !$0.isBelow } : withData
        let found = withData.isEmpty ? Array(there.prefix(1)) : holders.map(\.path)
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
