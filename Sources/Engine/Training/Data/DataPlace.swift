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
