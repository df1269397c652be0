/// Products of matrices, for each of the leading axes: y[…, row, column] = Σ a[…, row, k] · b[…, k, column].
package struct QuantizedMatrix: Sendable, Equatable, Codable {
    /// Leading axes, and how far apart in a and in b neighbours along each are; 0 where a or b repeats.
    package var leading: QuantizedPairs
    package var rows: Int
    package var columns: Int
    /// Terms of a sum. 255² of them fit into 32 bits.
    package var depth: Int
    /// From one row, and from one term, to the next.
    package var a: Step
    /// From one term, and from one column, to the next.
    package var b: Step
    package var requantization: Requantization

    package struct Step: Sendable, Equatable, Codable {
        package var row: Int
        package var column: Int
        package init(row: Int, column: Int) { (self.row, self.column) = (row, column) }
    }

    /// 33,025 · 255² is below 2³¹.
    package static let mostDepth = 33_025

    package init(
        leading: QuantizedPairs, rows: Int, columns: Int, depth: Int, a: Step, b: Step, requantization: Requantization
    ) {
        (self.leading, self.rows, self.columns, self.depth) = (leading, rows, columns, depth)
        (self.a, self.b, self.requantization) = (a, b, requantization)
    }
}

/// A row of a table for each value of the input, which has scale 1 and zero −128: the numbers 0…255.
package struct QuantizedLookup: Sendable, Equatable, Codable {
    package var features: Int
    /// (rows, features), in steps of the output.
    package var table: [Int8]

    package init(features: Int, table: [Int8]) { (self.features, self.table) = (features, table) }

    package var rows: Int { table.count / features }
    /// Of a value x − zx.
    package func first(_ number: Int) -> Int { min(number, rows - 1) * features }
}
