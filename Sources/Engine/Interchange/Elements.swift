/// The numbers of an array as training reads them, bytes or floats, in memory once or in a mapped file, shared by all who
/// read them.
package struct Elements: Sendable {
    package enum Kind: String, Sendable {
        case uint8, float32

        package var bytes: Int { self == .uint8 ? 1 : 4 }
    }

    private enum Storage: Sendable {
        case bytes([UInt8])
        case floats([Float])
        /// From that byte of the file on; floats need not be aligned.
        case mapped(MappedFile, offset: Int)
    }

    package let kind: Kind
    package let count: Int
    private let storage: Storage

    package init(_ bytes: [UInt8]) {
        (kind, count, storage) = (.uint8, bytes.count, .bytes(bytes))
    }

    package init(_ floats: [Float]) {
        (kind, count, storage) = (.float32, floats.count, .floats(floats))
    }

    /// - Precondition: the file holds them.
    package init(_ kind: Kind, count: Int, in file: MappedFile, offset: Int) {
        precondition(offset >= 0 && count >= 0 && count <= (file.size - offset) / kind.bytes)
        (self.kind, self.count, storage) = (kind, count, .mapped(file, offset: offset))
    }

    package var isMapped: Bool { if case .mapped = storage { true } else { false } }
    /// Memory they take for as long as they are held.
    package var heldBytes: Int { isMapped ? 0 : count * kind.bytes }

    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        switch storage {
        case .bytes(let bytes): try bytes.withUnsafeBytes(body)
        case .floats(let floats): try floats.withUnsafeBytes(body)
        case .mapped(let file, let offset):
            try withExtendedLifetime(file) {
                try body(UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + count * kind.bytes]))
            }
        }
    }

    /// One of them, for messages and tests.
    package subscript(index: Int) -> Float {
        withBytes { bytes in
            kind == .uint8 ? Float(bytes[index]) : bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)
        }
    }

    /// CRC-32 of the bytes as they lie.
    package var checksum: UInt32 { withBytes { Checksum.crc32($0) } }
}
