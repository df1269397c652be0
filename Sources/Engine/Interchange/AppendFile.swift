import Descriptors
import Foundation
import Text

/// A file that grows by whole lines (journal, metrics). Owned by one queue: not `Sendable`.
package final class AppendFile {
    package let path: String
    /// Bytes in the file: all of them complete lines.
    package private(set) var length: Int
    private let file: Int32

    /// Opens or creates the file and cuts it to `keeping` bytes where that is given: what `JSONLines.read` found
    /// complete, or the place of a checkpoint. Without it the file must end in a complete line.
    ///
    /// - Throws: `FileProblem`.
    package init(_ path: String, keeping: Int? = nil) throws {
        self.path = path
        file = open(path.cPath, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o666)
        length = 0
        guard file >= 0 else { throw FileProblem.system(path, "opening", expected: "a file that can be written") }
        // All properties are set, so where this throws `deinit` runs and closes the file.
        try settle(keeping: keeping)
    }

    deinit { if file >= 0 { close(file) } }

    /// Writes one line. Where that fails the file is cut back, so that no half line is left before later ones.
    ///
    /// - Parameter flush: whether the line is on the disk when this returns.
    /// - Precondition: no line break in the line.
    package func append(_ line: String, flush: Bool = false) throws {
        precondition(!line.utf8.contains(10), "a line break in a line of \(path)")
        let bytes = Array(line.utf8) + [10]
        do {
            try FileBytes.write(bytes, to: file, path: path)
        } catch {
            _ = ftruncate(file, off_t(length))
            throw error
        }
        length += bytes.count
        if flush { try self.flush() }
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
        guard last == 10 else {
            throw FileProblem(
                path: path, place: "byte \(length - 1)", found: "half a line", expected: "a line break at the end")
        }
        // The name of a new file must outlive a crash as its lines do.
        let folder = (path as NSString).deletingLastPathComponent
        try AtomicFile.flush(folder: folder.isEmpty ? "." : folder, for: path)
    }
}

/// Reads back what `AppendFile` wrote.
package struct JSONLines: Sendable, Equatable {
    package static let descriptor = Descriptor(
        name: "json-lines", summary: "Journal and metrics: one JSON object a line, append-only")

    /// The complete lines, without their line breaks.
    package let lines: [String]
    /// Bytes of the complete lines: what `AppendFile` is to keep.
    package let completeBytes: Int
    /// Whether bytes after the last line break were left out: the trace of a crash in the middle of a line.
    package let tailDropped: Bool

    /// - Throws: `FileProblem` where the file cannot be read or a complete line is not UTF-8.
    package static func read(_ path: String) throws -> JSONLines {
        let bytes = try FileBytes.read(path)
        var lines: [String] = []
        var start = 0
        while let end = bytes[start...].firstIndex(of: 10) {
            guard let line = String(validating: bytes[start..<end], as: UTF8.self) else {
                throw FileProblem(
                    path: path, place: "line \(lines.count + 1)", found: "bytes that are not UTF-8", expected: "text")
            }
            lines.append(line)
            start = end + 1
        }
        return JSONLines(lines: lines, completeBytes: start, tailDropped: start < bytes.count)
    }
}
