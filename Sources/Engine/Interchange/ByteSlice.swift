/// A part of a file's bytes, in memory or mapped. Parts share what they are cut from.
package struct ByteSlice: Sendable {
    private enum Storage: Sendable {
        case memory([UInt8])
        case mapped(MappedFile)
    }

    private let storage: Storage
    private let range: Range<Int>

    package init(_ bytes: [UInt8]) { (storage, range) = (.memory(bytes), bytes.indices) }
    package init(_ file: MappedFile) { (storage, range) = (.mapped(file), 0..<file.size) }
    private init(_ storage: Storage, _ range: Range<Int>) { (self.storage, self.range) = (storage, range) }

    /// Reads that part of a file, or maps it where it takes more memory than `mapsAbove`.
    ///
    /// - Throws: `FileProblem`.
    static func read(_ file: OpenFile, _ range: Range<Int>, mapsAbove: Double) throws -> ByteSlice {
        guard Double(range.count) > mapsAbove else { return ByteSlice(try file.read(range)) }
        return try ByteSlice(MappedFile(file))[range]
    }

    /// Half of what is free: the other half is for the network.
    package static var mapsAbove: Double { FreeMemory.now.bytes / 2 }

    package var count: Int { range.count }
    package var isMapped: Bool { if case .mapped = storage { true } else { false } }

    /// - Precondition: inside.
    package subscript(part: Range<Int>) -> ByteSlice {
        precondition(part.lowerBound >= 0 && part.upperBound <= count)
        return ByteSlice(storage, range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
    }

    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        switch storage {
        case .memory(let bytes):
            try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
        case .mapped(let file):
            try withExtendedLifetime(file) { try body(UnsafeRawBufferPointer(rebasing: file.bytes[range])) }
        }
    }
}
