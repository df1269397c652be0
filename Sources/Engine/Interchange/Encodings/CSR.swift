import Descriptors

extension Encodings {
    /// Compressed sparse rows with columns of 32 or 16 bits.
    ///
    /// ```
    /// name.starts    U32 [rows + 1]    the entries of row r are starts[r] ..< starts[r + 1]
    /// name.columns   U32 or U16 [nnz]  ascending in a row
    /// ```
    package struct CSR: Encoding {
        package enum Width: Sendable {
            case bits32, bits16
        }

        package let descriptor: Descriptor
        package let isExact = true
        private let width: Width

        package init(_ width: Width) {
            self.width = width
            descriptor =
                width == .bits32
                ? Descriptor(name: "csr32", summary: "Compressed rows: a start a row, 32 bits of column a kept weight")
                : Descriptor(name: "csr16", summary: "Compressed rows, 16 bits of column: up to 65,536 columns")
        }

        package func refusal(_ kept: KeptWeights) -> String? {
            width == .bits16 && kept.columns > 65_536 ? "\(kept.columns) columns, 16 bits count 65,536" : nil
        }

        package func size(_ kept: KeptWeights) -> PlacesSize {
            PlacesSize(
                bytes: 4 * (kept.rows + 1) + (width == .bits32 ? 4 : 2) * kept.nnz, entries: kept.nnz)
        }

        package func places(_ name: String, _ kept: KeptWeights) -> Places {
            var starts: [UInt32] = [0]
            kept.forEachRow { _, ordinals in starts.append(UInt32(ordinals.upperBound)) }
            let columns = kept.indices.map { $0 % kept.columns }
            return Places(
                tensors: [
                    Tensor(name + ".starts", starts),
                    width == .bits32
                        ? Tensor(name + ".columns", columns.map { UInt32($0) })
                        : Tensor(name + ".columns", columns.map { UInt16($0) }),
                ], entries: Array(kept.indices.indices))
        }

        package func positions(_ name: String, rows: Int, columns: Int, from file: TensorFile) throws -> [Int] {
            let columnOf: [Int]
            switch width {
            case .bits32: columnOf = try file.whole(name + ".columns", .u32)
            case .bits16: columnOf = try file.whole(name + ".columns", .u16)
            }
            let starts = try file.starts(name + ".starts", count: rows, entries: columnOf.count)
            var positions: [Int] = []
            positions.reserveCapacity(columnOf.count)
            for row in 0..<rows {
                for entry in starts[row]..<starts[row + 1] {
                    try file.require(columnOf[entry], below: columns, name + ".columns")
                    positions.append(row * columns + columnOf[entry])
                }
            }
            return positions
        }
    }
}
