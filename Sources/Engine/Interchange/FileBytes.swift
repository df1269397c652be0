import Foundation
import Text

/// Whole files as bytes, within a limit.
package enum FileBytes {
    /// 8 GiB: far beyond any file read here, and short of what would take a machine down.
    package static let limit = 8 << 30

    /// - Throws: `FileProblem` where the path is not a regular file that can be read, or is larger than the limit.
    package static func read(_ path: String, limit: Int = limit) throws -> [UInt8] {
        try read(path, limit: limit, most: .max)
    }

    /// The first bytes, fewer where the file is shorter.
    /// - Throws: `FileProblem`.
    package static func start(_ path: String, count: Int) throws -> [UInt8] {
        try read(path, limit: .max, most: count)
    }

    private static func read(_ path: String, limit: Int, most: Int) throws -> [UInt8] {
        // Without O_NONBLOCK a named pipe would hold us here until somebody writes to it.
        let file = open(path.cPath, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw FileProblem.system(path, "opening", expected: "a file that can be read") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else {
            throw FileProblem.system(path, "opening", expected: "a file that can be read")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileProblem(path: path, place: "opening", found: "no regular file", expected: "a file")
        }
        let whole = Int(status.st_size)
        guard whole <= limit else {
            throw FileProblem(
                path: path, place: "size", found: "\(whole) bytes", expected: "at most \(limit) bytes")
        }
        let size = min(whole, most)
        // An array made with no capacity is the library's shared empty one, which must not be written to.
        if size == 0 { return [] }
        var failure: FileProblem?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Foundation.read(file, buffer.baseAddress! + count, size - count)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = FileProblem.system(path, "byte \(count)", expected: "bytes that can be read") }
                // The file became shorter while it was read; its reader will say where it ends.
                if got <= 0 { break }
                count += got
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes all bytes; an interrupted or partial write goes on.
    static func write(_ bytes: [UInt8], to file: Int32, path: String) throws {
        try bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let written = Foundation.write(file, buffer.baseAddress! + done, buffer.count - done)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else {
                    throw FileProblem.system(path, "writing", expected: "room for \(buffer.count - done) more bytes")
                }
                done += written
            }
        }
    }
}
