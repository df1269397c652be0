import Descriptors

extension ValueEncodings {
    /// `name.values` F16, a value an entry.
    package struct Half: ValueEncoding {
        package let descriptor = Descriptor(
            name: "half", summary: "Half precision, 11 bits, to nearest even; weights below 65,520")
        package let bits = 16

        package init() {}

        package func bytes(entries: Int, rows _: Int) -> Int { 2 * entries }

        package func tensors(_ name: String, _ values: [Float?], rowOf _: [Int], rows _: Int) throws -> [Tensor] {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(2 * values.count)
            for value in values {
                let half = Float16(value ?? 0)
                guard half.isFinite else {
                    throw ValueEncodings.unfit(name, value ?? 0, "numbers below 65,520, which half precision holds")
                }
                bytes += [UInt8(half.bitPattern & 255), UInt8(half.bitPattern >> 8)]
            }
            return [Tensor(name + ".values", .f16, shape: [values.count], bytes: bytes)]
        }

        package func values(_ name: String, rowOf: [Int], rows _: Int, from file: TensorFile) throws -> [Float] {
            let bits: [UInt16] = try file.tensor(name + ".values", .f16, shape: [rowOf.count]).decoded()
            return bits.map { HalfFloat.value($0) }
        }
    }
}
