import Foundation

/// `~` in paths that no shell has seen: in recipes, in `--set` and `--run=~/…`, and typed in the workbench.
package enum HomeFolder {
    /// `~` and `~name` at the start of a path, as a shell reads them; a name that nobody has stays as it is.
    package static func expand(_ path: String) -> String {
        guard path.hasPrefix("~") else { return path }
        let name = path.dropFirst().prefix { $0 != "/" }
        let rest = path.dropFirst(1 + name.count)
        let home: String?
        if name.isEmpty {
            home = Files.environment("HOME") ?? getpwuid(getuid()).map { String(pathPointer: $0.pointee.pw_dir) }
        } else {
            home = getpwnam(String(name)).map { String(pathPointer: $0.pointee.pw_dir) }
        }
        return home.map { $0 + rest } ?? path
    }

    /// The same for a thing that must be there: one of that very name goes before.
    package static func find(_ path: String) -> String { Files.exists(path) ? path : expand(path) }
}
