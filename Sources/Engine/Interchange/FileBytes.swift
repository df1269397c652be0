import Foundation
import Text

/// Whole files as bytes, within a limit.
package enum FileBytes {
    /// 8 GiB: far beyond any file read here, and short of what would take a machine down.
    package static let limit = 8 << 30

    /// - Throws: `FileProblem` where the path is not a regular file that can be read, or is larger than the limit.
    package static func read(_ path: String, limit: Int = limit) throws -> [UInt8] {
        let file = try OpenFile(path)
        guard file.size <= limit else {
            throw FileProblem(
                path: path, place: "size", found: "\(file.size) bytes", expected: "at most \(limit) bytes")
        }
        try file.requireMemory()
        return try file.read(0..<file.size, mayEnd: true)
    }

    /// The first bytes, fewer where the file is shorter.
    /// - Throws: `FileProblem`.
    package static func start(_ path: String, count: Int) throws -> [UInt8] {
        let file = try OpenFile(path)
        return try file.read(0..<min(count, file.size), mayEnd: true)
    }

    /// The last bytes, fewer where the file is shorter.
    /// - Throws: `FileProblem`.
    package static func end(_ path: String, count: Int) throws -> [UInt8] {
        let file = try OpenFile(path)
        return try file.read(max(0, file.size - count)..<file.size, mayEnd: true)
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

/// A regular file that is read in parts: a size in it is believed only once it is known to fit.
final class OpenFile {
    let path: String
    let size: Int
    private let file: Int32

    /// - Throws: `FileProblem` where the path is not a regular file that can be read.
    init(_ path: String) throws {
        self.path = path
        // Without O_NONBLOCK a named pipe would hold us here until somebody writes to it.
        let file = open(path.cPath, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw FileProblem.system(path, "opening", expected: "a file that can be read") }
        var status = stat()
        guard fstat(file, &status) == 0 else {
            let problem = FileProblem.system(path, "opening", expected: "a file that can be read")
            close(file)
            throw problem
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(file)
            throw FileProblem(path: path, place: "opening", found: "no regular file", expected: "a file")
        }
        self.file = file
        size = Int(status.st_size)
    }

    deinit { close(file) }

    /// All of it, to be read only; nil or MAP_FAILED where that cannot be.
    func map() -> UnsafeMutableRawPointer? { mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0) }

    /// - Throws: `FileProblem` where all of it is more than memory can take.
    func requireMemory() throws {
        let free = FreeMemory.now
        guard Double(size) > free.bytes else { return }
        throw FileProblem(
            path: path, place: "size", found: "\(size) bytes",
            expected: "no more than memory takes: \(Int(free.bytes)) bytes are \(free.holder)")
    }

    /// - Parameter mayEnd: a file that became shorter meanwhile gives what is left; its reader will say where it ends.
    /// - Throws: `FileProblem`.
    func read(_ range: Range<Int>, mayEnd: Bool = false) throws -> [UInt8] {
        // An array made with no capacity is the library's shared empty one, which must not be written to.
        if range.isEmpty { return [] }
        var failure: FileProblem?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                let place = range.lowerBound + count
                let got = pread(file, buffer.baseAddress! + count, range.count - count, off_t(place))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = FileProblem.system(path, "byte \(place)", expected: "bytes that can be read") }
                if got <= 0 { break }
                count += got
            }
        }
        if let failure { throw failure }
        guard mayEnd || bytes.count == range.count else {
            throw FileProblem(
                path: path, place: "size", found: "\(range.lowerBound + bytes.count) bytes",
                expected: "the \(size) bytes that it had")
        }
        return bytes
    }
}
