import Foundation
import Text

/// What lies at a path, links not followed. A file that cannot be looked at is not an absent one: starting anew in its
/// place would lose it.
package enum FileKind: Sendable, Equatable {
    case absent
    case file
    case folder
    case link
    /// A device, a pipe, a socket.
    case special

    /// - Throws: `FileProblem` where it cannot be seen whether there is anything.
    package static func at(_ path: String) throws -> FileKind {
        var status = stat()
        guard lstat(path.cPath, &status) == 0 else {
            if errno == ENOENT { return .absent }
            throw FileProblem.system(path, "opening", expected: "a place that can be looked at")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        case S_IFLNK: return .link
        default: return .special
        }
    }

    /// - Throws: `FileProblem` where a symbolic link is there. What is written through one lands anywhere.
    package static func refuseLink(_ path: String) throws {
        if try at(path) == .link { throw FileProblem.link(path) }
    }
}

extension FileProblem {
    package static func link(_ path: String) -> FileProblem {
        FileProblem(
            path: path, place: "opening", found: "a symbolic link, which is not followed for writing",
            expected: "a file or folder of its own")
    }
}
