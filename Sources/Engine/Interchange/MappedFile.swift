import Foundation

/// A file in the address space of the process: a page is read when it is first touched, and given back when memory is short.
///
/// The file must stay as it is while it is mapped. One that is cut meanwhile ends the process at the first touch of a page
/// that is gone (SIGBUS), which is why only data that does not fit into memory, and large models, are mapped.
package final class MappedFile: @unchecked Sendable {
    // Unchecked: the bytes are never written, and unmapped only when nobody holds them.
    package let path: String
    package let size: Int
    /// Whether pages can be read again where they are let go.
    private let isFile: Bool
    private let start: UnsafeMutableRawPointer?

    /// - Throws: `FileProblem` where the path is not a regular file that can be read and mapped.
    package convenience init(_ path: String) throws { try self.init(OpenFile(path)) }

    init(_ file: OpenFile) throws {
        path = file.path
        size = file.size
        isFile = true
        guard size > 0 else {
            start = nil
            return
        }
        guard let start = file.map(), start != MAP_FAILED else {
            throw FileProblem.system(path, "mapping", expected: "a file that can be mapped into memory")
        }
        self.start = start
    }

    /// Bytes in memory of their own, for what reads mapped files.
    package init(_ bytes: [UInt8], path: String) {
        self.path = path
        size = bytes.count
        isFile = false
        guard size > 0 else {
            start = nil
            return
        }
        let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else { preconditionFailure("no memory for \(size) bytes") }
        bytes.withUnsafeBytes { memory.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        start = memory
    }

    /// What was read and is not needed soon: its pages need not stay in memory.
    package func release(_ range: Range<Int>) {
        let page = Int(getpagesize())
        let first = (range.lowerBound + page - 1) / page * page, last = range.upperBound / page * page
        guard isFile, let start, last > first else { return }
        madvise(start + first, last - first, MADV_DONTNEED)
    }

    deinit { if let start { munmap(start, size) } }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: size) }
}
