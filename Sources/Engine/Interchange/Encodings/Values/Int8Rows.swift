import Descriptors

extension ValueEncodings {
    /// ```
    /// name.values   I8 [entries]   to nearest even, −127 … 127
    /// name.scales   F32 [rows]     the largest magnitude of the row / 127; 0 of a row without one
    /// ```
    package struct Int8Rows: ValueEncoding {
        package let descriptor = Descriptor(
            name: "int8", summary: "8 bits and a float scale a row, symmetric: a weight is value × scale")
        package let bits = 8

        package init() {}

        package func bytes(entries: Int, rows: Int) -> Int { entries + 4 * rows }

        package func tensors(_ name: String, _ values: [Float?], rowOf: [Int], rows: Int) throws -> [Tensor] {
            var scales = [Float](repeating: 0, count: rows)
            for (value, row) in zip(values, rowOf) {
                guard let value else { continue }
                guard value.isFinite else { throw ValueEncodings.unfit(name, value, "finite numbers") }
                scales[row] = max(scales[row], abs(value) / 127)
            }
            let codes = zip(values, rowOf).map { value, row -> UInt8 in
                guard let value, scales[row] > 0 else { return 0 }
                // A scale below the smallest normal number is rounded itself, so the quotient may pass 127.
                let code = min(max((value / scales[row]).rounded(.toNearestOrEven), -127), 127)
                return UInt8(bitPattern: Int8(code))
            }
            return [
                Tensor(name + ".values", .i8, shape: [codes.count], bytes: codes), Tensor(name + ".scales", scales),
            ]
        }

        package func values(_ name: String, rowOf: [Int], rows: Int, from file: TensorFile) throws -> [Float] {
            let scales = try file.floats(name + ".scales", shape: [rows])
            let codes = try file.tensor(name + ".values", .i8, shape: [rowOf.count]).bytes
            return zip(codes, rowOf).map { Float(Int8(bitPattern: $0)) * scales[$1] }
        }
    }
}
