/// Where sparse weights are, in a file where a bit for each weight would take more room: compressed sparse rows, with the
/// names and types that SciPy's `csr_matrix` and PyTorch's `sparse_csr_tensor` take as they are.
///
/// ```
/// name.shape          I64 [2]           rows, columns
/// name.crow_indices   I32 [rows + 1]    the weights of row r are crow[r] ..< crow[r + 1]
/// name.col_indices    I32 [nnz]         ascending in a row
/// ```
package enum CompressedRows {
    /// Exact bytes of these three in a file.
    package static func payloadBytes(rows: Int, nnz: Int) -> Int { 16 + 4 * (rows + 1) + 4 * nnz }

    /// - Parameter indices: ascending row-major positions.
    /// - Precondition: columns and positions fit in 31 bits each, as a layer's weights do.
    package static func tensors(_ name: String, indices: [Int], rows: Int, columns: Int) -> [Tensor] {
        var starts = [Int32](repeating: 0, count: rows + 1)
        var columnOf: [Int32] = []
        columnOf.reserveCapacity(indices.count)
        var row = 0
        for position in indices {
            while position >= (row + 1) * columns {
                row += 1
                starts[row] = Int32(columnOf.count)
            }
            columnOf.append(Int32(position - row * columns))
        }
        for after in row + 1..<rows + 1 { starts[after] = Int32(columnOf.count) }
        return [
            Tensor(name + ".shape", [Int64(rows), Int64(columns)]), Tensor(name + ".crow_indices", starts),
            Tensor(name + ".col_indices", columnOf),
        ]
    }

    /// Reads back what `tensors` gives: ascending row-major positions.
    ///
    /// - Throws: `FileProblem` where they are no mask of rows × columns.
    package static func indices(_ name: String, rows: Int, columns: Int, from file: TensorFile) throws -> [Int] {
        func problem(_ part: String, _ found: String, _ expected: String) -> FileProblem {
            FileProblem(
                path: file.path, place: "tensor \(FileProblem.quote("\(name).\(part)"))", found: found,
                expected: expected)
        }
        let shape: [Int64] = try file.tensor(name + ".shape", .i64, shape: [2]).decoded()
        guard shape == [Int64(rows), Int64(columns)] else {
            throw problem("shape", "\(shape[0])×\(shape[1])", "\(rows)×\(columns)")
        }
        let starts = try file.integers(name + ".crow_indices", shape: [rows + 1])
        let columnOf = try file.integers(name + ".col_indices")
        guard starts[0] == 0, Int(starts[rows]) == columnOf.count else {
            throw problem(
                "crow_indices", "\(starts[0]) to \(starts[rows])", "0 to \(columnOf.count), the number of columns given"
            )
        }
        var indices: [Int] = []
        indices.reserveCapacity(columnOf.count)
        for row in 0..<rows {
            // The end is looked at before it is used: between a right first and last one there may be anything.
            guard starts[row] <= starts[row + 1], Int(starts[row + 1]) <= columnOf.count else {
                throw problem("crow_indices", "\(starts[row]) and then \(starts[row + 1])", "numbers that do not fall")
            }
            var last = -1
            for place in Int(starts[row])..<Int(starts[row + 1]) {
                let column = Int(columnOf[place])
                guard column > last, column < columns else {
                    throw problem(
                        "col_indices", "\(column) after \(last) in row \(row)", "ascending columns below \(columns)")
                }
                indices.append(row * columns + column)
                last = column
            }
        }
        return indices
    }
}
