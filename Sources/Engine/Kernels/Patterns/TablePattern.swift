/// The weights of a table, of which rows are looked up: in row-major order, those that are there one behind the other.
///
///     starts   0 2 2 3        row r has the weights from starts[r] to starts[r + 1]
///     columns  1 3 0          of each weight
package struct TablePattern: WeightPattern {
    package let map: WeightMap
    package let nnz: Int
    /// (rows + 1); nil where every weight is there.
    let starts: IndexBuffer?
    /// (nnz)
    let columns: IndexBuffer?

    /// - Parameter indices: ascending row-major positions; nil: all.
    package init(map: WeightMap, indices: [Int]?) {
        self.map = map
        nnz = indices?.count ?? map.weights
        guard let indices else {
            (starts, columns) = (nil, nil)
            return
        }
        var starts = [UInt32](repeating: 0, count: map.rows + 1)
        for index in indices { starts[index / map.columns + 1] += 1 }
        for row in 0..<map.rows { starts[row + 1] += starts[row] }
        self.starts = IndexBuffer(starts)
        columns = IndexBuffer(indices.map { UInt32($0 % map.columns) })
    }

    package var isFull: Bool { columns == nil }
    package var storageCount: Int { nnz }
    package var bytes: Int { 4 * ((starts?.count ?? 0) + (columns?.count ?? 0)) }
    package func rowMajorOrder() -> [UInt32] { (0..<UInt32(nnz)).map { $0 } }
    package func rowMajorIndices() -> [Int] {
        guard let starts, let columns else { return Array(0..<map.weights) }
        return (0..<map.rows).flatMap { row in
            (Int(starts[row])..<Int(starts[row + 1])).map { row * map.columns + Int(columns[$0]) }
        }
    }

    // Rows of a table are copied, by `EmbeddingRows`: no sums are made of them.

    package func forward(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>, input: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>
    ) {
        preconditionFailure("a table is looked up")
    }

    package func inputGradient(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>
    ) {
        preconditionFailure("a table is looked up")
    }

    package func weightGradient(
        _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>, panels: Int, blocks: Range<Int>,
        input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
    ) {
        preconditionFailure("a table is looked up")
    }
}

extension WeightMap {
    /// Of a table: it says how many rows and columns there are; nothing walks over it.
    package init(tableOf rows: Int, _ columns: Int, caches: Caches = .machine) {
        let x = ImageLayout(channels: columns, height: 1, width: 1, border: 0, lanes: 16)
        let y = ImageLayout(channels: rows, height: 1, width: 1, border: 0, lanes: 16)
        self.init(input: x, output: y, inputGradient: x, outputGradient: y, caches: caches)
    }
}
