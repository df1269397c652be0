/// Sparse weights of rows × columns in a file: their positions as a bitmask or as compressed rows, whichever takes fewer
/// bytes, so that nothing in a file grows with the zeros beyond what the weights themselves take; and the values of those
/// that are kept, ascending, as `name.values` (F32).
///
/// A bitmask takes an eighth of a byte a weight, compressed rows four bytes a nonzero: they meet at 1 in 32.
package struct SparseTensor: Sendable, Equatable {
    package let rows: Int
    package let columns: Int
    /// Ascending row-major positions.
    package let indices: [Int]
    package let values: [Float]

    /// - Precondition: one value an index.
    package init(rows: Int, columns: Int, indices: [Int], values: [Float]) {
        precondition(indices.count == values.count)
        (self.rows, self.columns, self.indices, self.values) = (rows, columns, indices, values)
    }

    package static func prefersRows(rows: Int, total: Int, nnz: Int) -> Bool {
        CompressedRows.payloadBytes(rows: rows, nnz: nnz) < Bitmask.maskBytes(total)
    }

    /// Exact bytes of positions and values in a file.
    package static func payloadBytes(rows: Int, total: Int, nnz: Int) -> Int {
        4 * nnz + min(CompressedRows.payloadBytes(rows: rows, nnz: nnz), Bitmask.maskBytes(total))
    }

    package func tensors(_ name: String) -> [Tensor] {
        let mask =
            Self.prefersRows(rows: rows, total: rows * columns, nnz: indices.count)
            ? CompressedRows.tensors(name, indices: indices, rows: rows, columns: columns)
            : [Tensor(name + ".bitmask", Bitmask.pack(indices, total: rows * columns))]
        return mask + [Tensor(name + ".values", values)]
    }

    /// Whether a file holds a sparse tensor of that name, in either form.
    package static func isIn(_ file: TensorFile, _ name: String) -> Bool {
        file[name + ".bitmask"] != nil || file[name + ".crow_indices"] != nil
    }

    /// Reads either form.
    ///
    /// - Throws: `FileProblem` where positions and values do not fit together, or rows × columns.
    package init(_ name: String, rows: Int, columns: Int, from file: TensorFile) throws {
        (self.rows, self.columns) = (rows, columns)
        if file[name + ".crow_indices"] == nil {
            let mask = try Bitmask(name, total: rows * columns, from: file)
            (indices, values) = (mask.indices, mask.values)
        } else if file[name + ".bitmask"] != nil {
            throw FileProblem(
                path: file.path, place: "tensor \(FileProblem.quote(name))", found: "a bitmask and compressed rows",
                expected: "one of them")
        } else {
            indices = try CompressedRows.indices(name, rows: rows, columns: columns, from: file)
            values = try file.floats(name + ".values", shape: [indices.count])
        }
    }
}
