import Foundation
import Text

/// Replaces a file whole: after a crash, a kill or a full disk there is the old file or the new one.
package enum AtomicFile {
    package static func write(_ bytes: [UInt8], to path: String) throws { try write([bytes], to: path) }

    /// Writes the chunks one after the other.
    ///
    /// The order is what makes it safe: all bytes go to a temporary file beside the target and to the disk, then the
    /// name changes, then the folder goes to the disk. The temporary file is removed where any of it fails.
    ///
    /// - Throws: `FileProblem`.
    package static func write(_ chunks: [[UInt8]], to path: String) throws {
        let folder = Files.folder(of: path)
        let directory = folder.isEmpty ? "." : folder
        try refuseSpecial(path)
        let (file, temporary) = try create(in: directory, for: path)
        do {
            defer { close(file) }
            for chunk in chunks { try FileBytes.write(chunk, to: file, path: path) }
            guard fsync(file) == 0 else {
                throw FileProblem.system(path, "flushing", expected: "a disk that takes the file")
            }
            guard rename(temporary.cPath, path.cPath) == 0 else {
                throw FileProblem.system(path, "renaming", expected: "a place for the file")
            }
        } catch {
            unlink(temporary.cPath)
            throw error
        }
        try flush(folder: directory, for: path)
    }

    /// A rename would replace a device (`/dev/null`) by a file, and a link by a file that is not where it points.
    private static func refuseSpecial(_ path: String) throws {
        switch try FileKind.at(path) {
        case .absent, .file: return
        case .link: throw FileProblem.link(path)
        case .folder, .special:
            throw FileProblem(
                path: path, place: "opening", found: try FileKind.at(path) == .folder ? "a folder" : "no regular file",
                expected: "a file or nothing yet")
        }
    }

    /// Whether a file's name is one of those that a process makes on the way, and leaves where it is killed:
    /// `.espalier-PROCESS-NUMBER`.
    package static func isTemporary(_ name: String) -> Bool {
        let prefix = ".espalier-"
        guard name.hasPrefix(prefix) else { return false }
        let parts = name.utf8.dropFirst(prefix.utf8.count).split(separator: 45, omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { (48...57).contains($0) } }
    }

    /// Removes what killed processes left in a folder. A file that somebody is writing is locked, and stays.
    package static func removeLeftOvers(in folder: String) {
        for name in Files.names(in: folder) ?? [] where isTemporary(name) {
            let path = folder + "/" + name
            let file = open(path.cPath, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
            guard file >= 0 else { continue }
            defer { close(file) }
            // Locked, and still there under that name: else its writer has given it the name that it was made for.
            guard flock(file, LOCK_EX | LOCK_NB) == 0, isStill(file, at: path) else { continue }
            unlink(path.cPath)
        }
    }

    private static func isStill(_ file: Int32, at path: String) -> Bool {
        var held = stat(), named = stat()
        return fstat(file, &held) == 0 && lstat(path.cPath, &named) == 0 && held.st_mode & S_IFMT == S_IFREG
            && held.st_dev == named.st_dev && held.st_ino == named.st_ino
    }

    /// A new file that nobody else has, locked; its short name fits where the target's fits.
    private static func create(in directory: String, for path: String) throws -> (Int32, String) {
        for attempt in 0..<1000 {
            let temporary = directory + "/.espalier-\(getpid())-\(attempt)"
            let file = open(temporary.cPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if file >= 0 {
                // Some file systems have no locks: there nobody takes it for a left-over either.
                _ = flock(file, LOCK_EX)
                if isStill(file, at: temporary) { return (file, temporary) }
                close(file)
                continue
            }
            guard errno == EEXIST else {
                throw FileProblem.system(path, "creating", expected: "a folder that can be written to")
            }
        }
        throw FileProblem(
            path: path, place: "creating", found: "1000 temporary files", expected: "a folder without left-overs")
    }

    /// Takes a new name to the disk.
    static func flush(folder: String, for path: String) throws {
        let directory = open(folder.cPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else {
            // A folder that may be written but not read cannot be flushed; the file itself is complete.
            if errno == EACCES { return }
            throw FileProblem.system(path, "flushing the folder", expected: "a folder that can be opened")
        }
        defer { close(directory) }
        // Some file systems answer EINVAL: they have nothing to flush.
        guard fsync(directory) == 0 || errno == EINVAL else {
            throw FileProblem.system(path, "flushing the folder", expected: "a disk that takes the name")
        }
    }
}
