/// The numbers of an array as training reads them, bytes or floats, in memory once or in a mapped file, shared by all who
/// read them.
package struct Elements: Sendable {
    package enum Kind: String, Sendable {
        case uint8, float32

        package var bytes: Int { self == .uint8 ? 1 : 4 }
    }

    private enum Storage: Sendable {
        case floats([Float])
        /// Floats need not be aligned.
        case slice(ByteSlice)
    }

    package let kind: Kind
    package let count: Int
    private let storage: Storage

    package init(_ bytes: [UInt8]) { self.init(.uint8, ByteSlice(bytes)) }

    package init(_ floats: [Float]) { (kind, count, storage) = (.float32, floats.count, .floats(floats)) }

    /// - Precondition: whole elements.
    package init(_ kind: Kind, _ slice: ByteSlice) {
        precondition(slice.count % kind.bytes == 0)
        (self.kind, count, storage) = (kind, slice.count / kind.bytes, .slice(slice))
    }

    package var isMapped: Bool { if case .slice(let slice) = storage { slice.isMapped } else { false } }
    /// Memory they take for as long as they are held.
    package var heldBytes: Int { isMapped ? 0 : count * kind.bytes }

    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        switch storage {
        case .floats(let floats): try floats.withUnsafeBytes(body)
        case .slice(let slice): try slice.withBytes(body)
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
