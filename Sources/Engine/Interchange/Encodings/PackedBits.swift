/// Small numbers one after another, the first in the lowest bits of the first byte; the last byte is filled up with zeros.
package enum PackedBits {
    package static func bytes(_ count: Int, bits: Int) -> Int { (count * bits + 7) / 8 }

    /// - Precondition: 1 to 8 bits, numbers that they hold.
    package static func pack(_ values: [UInt8], bits: Int) -> [UInt8] {
        if bits == 8 { return values }
        var packed = [UInt8](repeating: 0, count: bytes(values.count, bits: bits))
        for (index, value) in values.enumerated() {
            let bit = index * bits
            let word = UInt16(value) << UInt16(bit % 8)
            packed[bit / 8] |= UInt8(word & 255)
            if bit % 8 + bits > 8 { packed[bit / 8 + 1] |= UInt8(word >> 8) }
        }
        return packed
    }

    /// - Precondition: as many bytes as `bytes` says.
    package static func unpack(_ packed: [UInt8], count: Int, bits: Int) -> [UInt8] {
        precondition(packed.count == bytes(count, bits: bits))
        if bits == 8 { return packed }
        return (0..<count).map { index in
            let bit = index * bits
            let high = bit % 8 + bits > 8 ? UInt16(packed[bit / 8 + 1]) << 8 : 0
            return UInt8((UInt16(packed[bit / 8]) | high) >> UInt16(bit % 8) & (1 << UInt16(bits) - 1))
        }
    }
}
