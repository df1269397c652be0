import Interchange
import Kernels
import Testing

@Suite struct SparseTensorTests {
    private func tensor(rows: Int, columns: Int, every: Int) -> SparseTensor {
        let indices = Array(stride(from: every - 1, to: rows * columns, by: every))
        return SparseTensor(
            rows: rows, columns: columns, indices: indices, values: indices.map { Float($0) + 0.5 })
    }

    @Test(arguments: [(1, 1, 1), (4, 7, 3), (30, 100, 2), (30, 100, 200), (5, 4000, 1999), (3, 9, 30)])
    func roundTripInTheSmallerForm(rows: Int, columns: Int, every: Int) throws {
        let given = tensor(rows: rows, columns: columns, every: every)
        let file = TensorFile(tensors: given.tensors("w"))
        let total = rows * columns, nnz = given.values.count
        let bytes = file.tensors.reduce(0) { $0 + $1.bytes.count }
        #expect(bytes == SparseTensor.payloadBytes(rows: rows, total: total, nnz: nnz))
        #expect(bytes <= Bitmask.payloadBytes(total: total, nnz: nnz))
        #expect(bytes <= CompressedRows.payloadBytes(rows: rows, nnz: nnz) + 4 * nnz)
        #expect(SparseTensor.isIn(file, "w") && !SparseTensor.isIn(file, "v"))
        #expect(try SparseTensor("w", rows: rows, columns: columns, from: file) == given)
    }

    @Test func theFormsMeetAtOneIn32() {
        #expect(tensor(rows: 100, columns: 1000, every: 20).tensors("w").map(\.name) == ["w.bitmask", "w.values"])
        #expect(
            tensor(rows: 100, columns: 1000, every: 50).tensors("w").map(\.name)
                == ["w.shape", "w.crow_indices", "w.col_indices", "w.values"])
    }

    @Test func compressedRowsAreLaidOutAsDocumented() {
        // (0, 1), (2, 0), (2, 3) of 4 × 5.
        let tensors = CompressedRows.tensors("w", indices: [1, 10, 13], rows: 4, columns: 5)
        #expect(tensors[0].type == .i64 && tensors[0].bytes == [4, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0])
        #expect(tensors[1].integers == [0, 1, 1, 3, 3])
        #expect(tensors[2].integers == [1, 0, 3])
    }

    /// Each of these is refused with the tensor's name: nothing is written past an array, nothing loops.
    @Test(
        arguments: [
            ([3, 5], [0, 1, 2, 3], [1, 0, 3], "shape"), ([4, 5], [0, 1, 1, 3], [1, 0, 3], "crow_indices"),
            ([4, 5], [1, 1, 1, 3, 3], [1, 0, 3], "crow_indices"),
            ([4, 5], [0, 1, 1, 3, 4], [1, 0, 3], "crow_indices"),
            ([4, 5], [0, 3, 1, 3, 3], [1, 2, 3], "crow_indices"),
            ([4, 5], [0, 9, 1, 3, 3], [1, 0, 3], "crow_indices"),
            ([4, 5], [0, -1, 1, 3, 3], [1, 0, 3], "crow_indices"),
            ([4, 5], [0, 1, 1, 3, 3], [1, 3, 3], "col_indices"),
            ([4, 5], [0, 1, 1, 3, 3], [1, 3, 0], "col_indices"), ([4, 5], [0, 1, 1, 3, 3], [1, 0, 5], "col_indices"),
            ([4, 5], [0, 1, 1, 3, 3], [-1, 0, 3], "col_indices"),
        ] as [([Int64], [Int32], [Int32], String)])
    func whatIsNoMaskIsRefused(shape: [Int64], starts: [Int32], columns: [Int32], part: String) throws {
        let file = TensorFile(tensors: [
            Tensor("w.shape", shape), Tensor("w.crow_indices", starts), Tensor("w.col_indices", columns),
            Tensor("w.values", [1, 2, 3] as [Float]),
        ])
        let problem = #expect(throws: FileProblem.self) { try SparseTensor("w", rows: 4, columns: 5, from: file) }
        #expect(problem?.place == "tensor 'w.\(part)'")
    }

    @Test func bothFormsOrTooFewValuesAreRefused() throws {
        let rows = CompressedRows.tensors("w", indices: [1, 10], rows: 4, columns: 5)
        let both = TensorFile(
            tensors: rows + [Tensor("w.bitmask", [0, 0, 0] as [UInt8]), Tensor("w.values", [] as [Float])])
        #expect(throws: FileProblem.self) { try SparseTensor("w", rows: 4, columns: 5, from: both) }
        let few = TensorFile(tensors: rows + [Tensor("w.values", [1] as [Float])])
        #expect(throws: FileProblem.self) { try SparseTensor("w", rows: 4, columns: 5, from: few) }
    }
}
