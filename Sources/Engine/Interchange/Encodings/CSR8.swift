import Descriptors

extension Encodings {
    /// Rows are taken in pieces of 255 columns, so that the column within a piece and the number of weights in it are a byte
    /// each, however wide the layer is.
    ///
    /// ```
    /// name.counts    U8 [rows, ⌈columns / 255⌉]   kept weights of each piece, row after row
    /// name.columns   U8 [nnz]                     column within its piece, ascending
    /// ```
    package struct CSR8: Encoding {
        package let descriptor = Descriptor(
            name: "csr8", summary: "Rows in pieces of 255 columns: a byte of count a piece, a byte of column a weight")
        package let isExact = true

        package init() {}

        private static let width = 255

        private static func pieces(_ columns: Int) -> Int { (columns + width - 1) / width }

        package func size(_ kept: KeptWeights) -> PlacesSize {
            PlacesSize(bytes: kept.rows * Self.pieces(kept.columns) + kept.nnz, entries: kept.nnz)
        }

        package func places(_ name: String, _ kept: KeptWeights) -> Places {
            let pieces = Self.pieces(kept.columns)
            var counts = [UInt8](repeating: 0, count: kept.rows * pieces)
            var columns: [UInt8] = []
            columns.reserveCapacity(kept.nnz)
            for position in kept.indices {
                let (row, column) = position.quotientAndRemainder(dividingBy: kept.columns)
                counts[row * pieces + column / Self.width] += 1
                columns.append(UInt8(column % Self.width))
            }
            return Places(
                tensors: [
                    Tensor(name + ".counts", counts, shape: [kept.rows, pieces]), Tensor(name + ".columns", columns),
                ], entries: Array(kept.indices.indices))
        }

        package func positions(_ name: String, rows: Int, columns: Int, from file: TensorFile) throws -> [Int] {
            let pieces = Self.pieces(columns)
            let counts = try file.bytes(name + ".counts", shape: [rows, pieces])
            let columnOf = try file.bytes(name + ".columns", shape: [counts.reduce(0) { $0 + Int($1) }])
            var positions: [Int] = []
            positions.reserveCapacity(columnOf.count)
            for (piece, count) in counts.enumerated() {
                let first = piece % pieces * Self.width
                for _ in 0..<count {
                    let column = first + Int(columnOf[positions.count])
                    try file.require(column, below: min(columns, first + Self.width), name + ".columns")
                    positions.append(piece / pieces * columns + column)
                }
            }
            return positions
        }
    }
}
