/// Sparse weights in a file: a bit for each weight, then the values of those that are kept.
///
/// ```
/// bitmask   byte 0: weights 7 6 5 4 3 2 1 0   byte 1: weights 15 … 8   …   last byte filled up with zeros
/// values    of the kept weights, ascending
/// ```
package struct Bitmask: Sendable, Equatable {
    /// All weights, kept or not.
    package let total: Int
    package let bytes: [UInt8]
    /// One for each kept weight.
    package let values: [Float]

    /// - Precondition: as many values as true flags.
    package init(keep: [Bool], values: [Float]) {
        total = keep.count
        bytes = Self.pack(keep)
        self.values = values
        precondition(Self.kept(bytes) == values.count, "\(values.count) values for another number of flags")
    }

    /// From a dense array; what it holds outside the mask is left out.
    package init(dense: [Float], keep: [Bool]) {
        precondition(dense.count == keep.count)
        self.init(keep: keep, values: zip(dense, keep).compactMap { $1 ? $0 : nil })
    }

    /// Reads back what `tensors` gives.
    ///
    /// - Throws: `FileProblem` where bits and values do not fit together or the total.
    package init(_ name: String, total: Int, from file: TensorFile) throws {
        bytes = try file.bytes(name + ".bitmask", shape: [Self.maskBytes(total)])
        values = try file.floats(name + ".values")
        self.total = total
        let padding = total % 8 == 0 ? 0 : bytes[bytes.count - 1] >> UInt8(total % 8)
        guard padding == 0, Self.kept(bytes) == values.count else {
            throw FileProblem(
                path: file.path, place: "tensor \(FileProblem.quote(name + ".bitmask"))",
                found: "\(Self.kept(bytes)) bits" + (padding == 0 ? "" : ", some past weight \(total)"),
                expected: "\(values.count) bits, one for each value")
        }
    }

    /// `name.bitmask` (U8) and `name.values` (F32).
    package func tensors(_ name: String) -> [Tensor] {
        [Tensor(name + ".bitmask", bytes), Tensor(name + ".values", values)]
    }

    package var keep: [Bool] { Self.unpack(bytes, total: total) }

    /// Ascending positions of the kept weights.
    /// - Complexity: O(total / 8 + nnz).
    package var indices: [Int] { Self.indices(bytes) }

    /// - Complexity: O(bytes + bits set).
    static func indices(_ bytes: [UInt8]) -> [Int] {
        var found: [Int] = []
        for (byte, bits) in bytes.enumerated() where bits != 0 {
            var bits = bits
            while bits != 0 {
                found.append(byte * 8 + bits.trailingZeroBitCount)
                bits &= bits - 1
            }
        }
        return found
    }

    /// Zero outside the mask.
    package var dense: [Float] {
        var next = 0
        return keep.map { stays in
            guard stays else { return 0 }
            next += 1
            return values[next - 1]
        }
    }

    /// Exact bytes of mask and values in a file.
    package static func payloadBytes(total: Int, nnz: Int) -> Int { maskBytes(total) + 4 * nnz }

    package static func pack(_ keep: [Bool]) -> [UInt8] {
        var packed = [UInt8](repeating: 0, count: maskBytes(keep.count))
        for (position, stays) in keep.enumerated() where stays { packed[position / 8] |= 1 << UInt8(position % 8) }
        return packed
    }

    /// - Precondition: positions below the total.
    package static func pack(_ indices: [Int], total: Int) -> [UInt8] {
        var packed = [UInt8](repeating: 0, count: maskBytes(total))
        for position in indices { packed[position / 8] |= 1 << UInt8(position % 8) }
        return packed
    }

    /// - Precondition: ⌈total / 8⌉ bytes.
    package static func unpack(_ packed: [UInt8], total: Int) -> [Bool] {
        precondition(packed.count == maskBytes(total))
        return (0..<total).map { packed[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }
    }

    static func maskBytes(_ total: Int) -> Int { (total + 7) / 8 }

    private static func kept(_ packed: [UInt8]) -> Int { packed.reduce(0) { $0 + $1.nonzeroBitCount } }
}
