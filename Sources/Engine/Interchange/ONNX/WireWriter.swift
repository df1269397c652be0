/// The bytes of one message of a protocol buffer.
package struct WireWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    private mutating func varint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func key(_ number: Int, _ kind: UInt64) { varint(UInt64(number) << 3 | kind) }

    package mutating func integer(_ number: Int, _ value: Int) {
        key(number, 0)
        varint(UInt64(bitPattern: Int64(value)))
    }

    package mutating func float(_ number: Int, _ value: Float) {
        key(number, 5)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
    }

    package mutating func data(_ number: Int, _ value: some Collection<UInt8>) {
        key(number, 2)
        varint(UInt64(value.count))
        bytes += value
    }

    /// Key and length alone: as many bytes have to follow.
    package mutating func start(_ number: Int, bytes count: Int) {
        key(number, 2)
        varint(UInt64(count))
    }

    package mutating func text(_ number: Int, _ value: String) { data(number, value.utf8) }

    package mutating func message(_ number: Int, _ fill: (inout WireWriter) -> Void) {
        var inner = WireWriter()
        fill(&inner)
        data(number, inner.bytes)
    }

    package mutating func integers(_ number: Int, _ values: [Int]) {
        guard !values.isEmpty else { return }
        var inner = WireWriter()
        for value in values { inner.varint(UInt64(bitPattern: Int64(value))) }
        data(number, inner.bytes)
    }

    package mutating func floats(_ number: Int, _ values: [Float]) {
        guard !values.isEmpty else { return }
        key(number, 2)
        varint(UInt64(4 * values.count))
        for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
    }

    /// Bytes that are a field already.
    package mutating func copy(_ field: some Collection<UInt8>) { bytes += field }
}
