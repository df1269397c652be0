import Foundation

/// Which weights of a layer are kept: all that the bytes of an encoding depend on.
package struct KeptWeights: Sendable, Equatable {
    /// Outputs.
    package let rows: Int
    /// Inputs · kernel height · kernel width, in the file's order.
    package let columns: Int
    /// Ascending row-major positions.
    package let indices: [Int]

    /// - Precondition: ascending positions below rows · columns.
    package init(rows: Int, columns: Int, indices: [Int]) {
        (self.rows, self.columns, self.indices) = (rows, columns, indices)
    }

    /// - Parameter keep: row-major.
    package init(rows: Int, columns: Int, keep: [Bool]) {
        precondition(keep.count == rows * columns)
        self.init(rows: rows, columns: columns, indices: keep.indices.filter { keep[$0] })
    }

    package var total: Int { rows * columns }
    package var nnz: Int { indices.count }
    package var density: Double { total == 0 ? 1 : Double(nnz) / Double(total) }

    /// The bytes below which no code of positions can stay where weights are cut independently of each other: the entropy of
    /// the mask, and the values.
    package func entropyBound(valueBits: Int) -> Double {
        func term(_ share: Double) -> Double { share == 0 ? 0 : -share * log2(share) }
        return Double(total) * (term(density) + term(1 - density)) / 8 + Double(nnz * valueBits) / 8
    }

    /// Calls with the kept weights of each row, by their ordinals.
    func forEachRow(_ visit: (_ row: Int, _ ordinals: Range<Int>) throws -> Void) rethrows {
        var next = 0
        for row in 0..<rows {
            let start = next
            while next < indices.count, indices[next] < (row + 1) * columns { next += 1 }
            try visit(row, start..<next)
        }
    }
}
