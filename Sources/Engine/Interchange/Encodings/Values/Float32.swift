import Descriptors

extension ValueEncodings {
    /// `name.values` F32, a value an entry.
    package struct Float32: ValueEncoding {
        package let descriptor = Descriptor(name: "float32", summary: "As they are trained: nothing is lost")
        package let bits = 32

        package init() {}

        package func bytes(entries: Int, rows _: Int) -> Int { 4 * entries }

        package func tensors(_ name: String, _ values: [Float?], rowOf _: [Int], rows _: Int) -> [Tensor] {
            [Tensor(name + ".values", values.map { $0 ?? 0 })]
        }

        package func values(_ name: String, rowOf: [Int], rows _: Int, from file: TensorFile) throws -> [Float] {
            try file.floats(name + ".values", shape: [rowOf.count])
        }
    }
}
