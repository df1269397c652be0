import Foundation
import Text

/// A file that grows by whole lines (journal, metrics). Owned by one queue: not `Sendable`.
package final class AppendFile {
    package let path: String
    /// Bytes in the file: all of them complete lines.
    package private(set) var length: Int
    private let file: Int32
    /// A line may be in the file that was refused: nothing may follow it.
    private var isTorn = false
    /// Where the line begins that was written last.
    private var lastLine: Int?

    /// Opens or creates the file and cuts it to `keeping` bytes where that is given: what `JSONLines` found complete. A
    /// last line of them that has no line break gets one. Without it the file must end in a complete line.
    ///
    /// - Throws: `FileProblem`; a symbolic link is not followed.
    package init(_ path: String, keeping: Int? = nil) throws {
        self.path = path
        file = open(path.cPath, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0o666)
        length = 0
        guard file >= 0 else {
            if errno == ELOOP { throw FileProblem.link(path) }
            throw FileProblem.system(path, "opening", expected: "a file that can be written")
        }
        // All properties are set, so where this throws `deinit` runs and closes the file.
        try settle(keeping: keeping)
    }

    deinit { if file >= 0 { close(file) } }

    /// Writes one line. Where that fails the file is cut back: no half line is left before later ones, and no line whose
    /// writer was told that it is not there.
    ///
    /// - Parameter flush: whether the line is on the disk when this returns.
    /// - Precondition: no line break in the line.
    package func append(_ line: String, flush: Bool = false) throws {
        precondition(!line.utf8.contains(10), "a line break in a line of \(path)")
        if isTorn { try cutBack() }
        let bytes = Array(line.utf8) + [10]
        do {
            try FileBytes.write(bytes, to: file, path: path)
            if flush { try self.flush() }
        } catch {
            isTorn = true
            try? cutBack()
            throw error
        }
        lastLine = length
        length += bytes.count
    }

    /// Takes back the line that this process wrote last, where it is told so before it writes another.
    package func dropLast() throws {
        guard let begin = lastLine else { return }
        isTorn = true
        (length, lastLine) = (begin, nil)
        try cutBack()
    }

    private func cutBack() throws {
        guard ftruncate(file, off_t(length)) == 0 else {
            throw FileProblem.system(path, "cutting to \(length) bytes", expected: "a file that can be cut")
        }
        isTorn = false
    }

    package func flush() throws {
        guard fsync(file) == 0 else {
            throw FileProblem.system(path, "flushing", expected: "a disk that takes the lines")
        }
    }

    private func settle(keeping: Int?) throws {
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw FileProblem(path: path, place: "opening", found: "no regular file", expected: "a file")
        }
        length = Int(status.st_size)
        if let keeping {
            guard keeping >= 0, keeping <= length else {
                throw FileProblem(
                    path: path, place: "size", found: "\(length) bytes", expected: "at least \(keeping) bytes")
            }
            guard ftruncate(file, off_t(keeping)) == 0 else {
                throw FileProblem.system(path, "cutting to \(keeping) bytes", expected: "a file that can be cut")
            }
            length = keeping
        }
        var last: UInt8 = 10
        guard length == 0 || pread(file, &last, 1, off_t(length - 1)) == 1 else {
            throw FileProblem.system(path, "byte \(length - 1)", expected: "a byte that can be read")
        }
        if last != 10, keeping != nil {
            try FileBytes.write([10], to: file, path: path)
            length += 1
            last = 10
        }
        guard last == 10 else {
            throw FileProblem(
                path: path, place: "byte \(length - 1)", found: "half a line", expected: "a line break at the end")
        }
        // The name of a new file must outlive a crash as its lines do.
        let folder = Files.folder(of: path)
        try AtomicFile.flush(folder: folder.isEmpty ? "." : folder, for: path)
    }
}
