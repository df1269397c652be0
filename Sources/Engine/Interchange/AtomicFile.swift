import Foundation
import Text

/// Replaces a file whole: after a crash, a kill or a full disk there is the old file or the new one.
package enum AtomicFile {
    package static func write(_ bytes: [UInt8], to path: String) throws { try write([bytes], to: path) }

    /// Writes the chunks one after the other.
    package static func write(_ chunks: [[UInt8]], to path: String) throws { try write([(path, chunks)]) }

    /// Writes several files that belong together, all or none: names change once the bytes of all are on the disk.
    ///
    /// The order is what makes it safe: all bytes go to temporary files beside the targets and to the disk, then the
    /// names change, in the order of the files, then the folders go to the disk. Temporary files are removed where any of
    /// it fails, and so is a file that was not there before, where another could not get its name.
    ///
    /// - Throws: `FileProblem`.
    package static func write(_ files: [(path: String, chunks: [[UInt8]])]) throws {
        var pending: [Pending] = []
        defer { for file in pending { file.discard() } }
        for (path, chunks) in files {
            try refuseSpecial(path)
            let file = try create(for: path)
            pending.append(file)
            for chunk in chunks { try FileBytes.write(chunk, to: file.file, path: path) }
            guard fsync(file.file) == 0 else {
                throw FileProblem.system(path, "flushing", expected: "a disk that takes the file")
            }
        }
        var new: [String] = []
        do {
            while let file = pending.first {
                if try FileKind.at(file.path) == .absent { new.append(file.path) }
                guard rename(file.temporary.cPath, file.path.cPath) == 0 else {
                    throw FileProblem.system(file.path, "renaming", expected: "a place for the file")
                }
                // From here on somebody else may have a temporary file of that name.
                close(file.file)
                pending.removeFirst()
            }
        } catch {
            for path in new { unlink(path.cPath) }
            throw error
        }
        for folder in Set(files.map { folder(for: $0.path) }) { try flush(folder: folder, for: files[0].path) }
    }

    /// A temporary file that is to get the name of its target.
    private struct Pending {
        let path: String
        let temporary: String
        let file: Int32

        func discard() {
            unlink(temporary.cPath)
            close(file)
        }
    }

    private static func folder(for path: String) -> String {
        let folder = Files.folder(of: path)
        return folder.isEmpty ? "." : folder
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
    private static func create(for path: String) throws -> Pending {
        let directory = folder(for: path)
        for attempt in 0..<1000 {
            let temporary = directory + "/.espalier-\(getpid())-\(attempt)"
            let file = open(temporary.cPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if file >= 0 {
                // Some file systems have no locks: there nobody takes it for a left-over either.
                _ = flock(file, LOCK_EX)
                if isStill(file, at: temporary) { return Pending(path: path, temporary: temporary, file: file) }
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
