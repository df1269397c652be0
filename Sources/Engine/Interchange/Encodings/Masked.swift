import Descriptors

extension Encodings {
    /// ```
    /// name.bitmask   U8 [⌈rows·columns / 8⌉]   weight p is bit p mod 8 of byte p / 8, row-major
    /// ```
    package struct Masked: Encoding {
        package let descriptor = Descriptor(name: "bitmask", summary: "A bit a weight, then the kept values")
        package let isExact = true

        package init() {}

        package func size(_ kept: KeptWeights) -> PlacesSize {
            PlacesSize(bytes: Bitmask.maskBytes(kept.total), entries: kept.nnz)
        }

        package func places(_ name: String, _ kept: KeptWeights) -> Places {
            Places(
                tensors: [Tensor(name + ".bitmask", Bitmask.pack(kept.indices, total: kept.total))],
                entries: Array(kept.indices.indices))
        }

        package func positions(_ name: String, rows: Int, columns: Int, from file: TensorFile) throws -> [Int] {
            let total = rows * columns
            let bytes = try file.bytes(name + ".bitmask", shape: [Bitmask.maskBytes(total)])
            if total % 8 != 0, let last = bytes.last, last >> UInt8(total % 8) != 0 {
                throw FileProblem(
                    path: file.path, place: "tensor \(FileProblem.quote(name + ".bitmask"))",
                    found: "bits past weight \(total)", expected: "zeros there")
            }
            return Bitmask.indices(bytes)
        }
    }
}
