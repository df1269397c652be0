/// Rows of a table by token numbers: (points) floats that hold whole numbers → (points, features).
package struct EmbeddingRows: Sendable {
    private let tokens: [Int32]
    private let rows: Columns
    private let vocabulary: Int

    /// - Parameter y: axes of the tokens, then features.
    package init(tokens: AxisStrides, y: AxisStrides, vocabulary: Int) {
        self.tokens = tokens.offsets
        rows = Columns(y, over: [y.axes.count - 1])
        self.vocabulary = vocabulary
    }

    package var count: Int { tokens.count }
    package var features: Int { rows.length }

    /// The row of a token: negative numbers count from the end, those outside read the nearest row, NaN the first.
    @inline(__always)
    private func row(_ token: Float) -> Int {
        guard token == token else { return 0 }
        let number = Int(max(-Float(vocabulary), min(token, Float(vocabulary - 1))))
        return min(max(0, number < 0 ? number &+ vocabulary : number), vocabulary &- 1)
    }

    /// - Parameters:
    ///   - table: values of the pattern's weights; of a full one (vocabulary, features).
    ///   - pattern: which weights are there; the others are zero.
    package func forward(
        points: Range<Int>, _ x: UnsafePointer<Float>, table: UnsafePointer<Float>, _ pattern: TablePattern,
        to y: UnsafeMutablePointer<Float>
    ) {
        guard let starts = pattern.starts, let held = pattern.columns else {
            return forward(points: points, x, table: table, to: y)
        }
        let lanes = rows.lanes
        rows.withTables { columns, offsets in
            for point in points {
                let from = x + Int(tokens[point]), to = y + Int(columns[point])
                for feature in 0..<rows.length { fillLanes(to + Int(offsets[feature]), 0, lanes) }
                for lane in 0..<lanes {
                    let row = row(from[lane])
                    for live in Int(starts[row])..<Int(starts[row &+ 1]) {
                        to[Int(offsets[Int(held[live])]) &+ lane] = table[live]
                    }
                }
            }
        }
    }

    /// The gradient of the weights that are there, of some rows of the table, as the other `addGradient`: each sum has its
    /// terms in the same order.
    package func addGradient(
        rows range: Range<Int>, _ pattern: TablePattern, samples: Int, _ x: UnsafePointer<Float>,
        dy: UnsafePointer<Float>, _ dyTable: Columns, to gradient: UnsafeMutablePointer<Float>
    ) {
        guard let starts = pattern.starts, let held = pattern.columns else { return }
        dyTable.withTables { columns, offsets in
            for point in tokens.indices {
                let from = x + Int(tokens[point]), given = dy + Int(columns[point])
                for sample in 0..<samples {
                    let row = row(from[sample])
                    guard range.contains(row) else { continue }
                    for live in Int(starts[row])..<Int(starts[row &+ 1]) {
                        gradient[live] += given[Int(offsets[Int(held[live])]) &+ sample]
                    }
                }
            }
        }
    }

    /// - Parameter table: (vocabulary, features).
    package func forward(
        points: Range<Int>, _ x: UnsafePointer<Float>, table: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>
    ) {
        let lanes = rows.lanes, features = rows.length
        rows.withTables { columns, offsets in
            for point in points {
                let from = x + Int(tokens[point]), to = y + Int(columns[point])
                if lanes == 1 {
                    let row = table + row(from[0]) &* features
                    for feature in 0..<features { to[Int(offsets[feature])] = row[feature] }
                    continue
                }
                for first in stride(from: 0, to: lanes, by: 16) {
                    withSixteenRows(table, from + first) { rows in
                        for feature in 0..<features {
                            let target = to + (Int(offsets[feature]) &+ first)
                            for lane in 0..<16 { target[lane] = rows[lane][feature] }
                        }
                    }
                }
            }
        }
    }

    @inline(__always)
    private func withSixteenRows(
        _ table: UnsafePointer<Float>, _ tokens: UnsafePointer<Float>,
        _ body: (UnsafeMutablePointer<UnsafePointer<Float>>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: 16) { rows in
            for lane in 0..<16 { rows[lane] = table + row(tokens[lane]) &* features }
            body(rows.baseAddress!)
        }
    }

    /// The gradient of the table is zero and, for each panel, point and sample in ascending order, its row of dy is added: of
    /// some features, so that tasks of other features may run beside.
    /// - Parameters:
    ///   - samples: of the panel.
    ///   - dyTable: where dy lies, features summed over.
    package func addGradient(
        features: Range<Int>, samples: Int, _ x: UnsafePointer<Float>, dy: UnsafePointer<Float>, _ dyTable: Columns,
        to gradient: UnsafeMutablePointer<Float>
    ) {
        dyTable.withTables { columns, offsets in
            for point in tokens.indices {
                let from = x + Int(tokens[point]), given = dy + Int(columns[point])
                for sample in 0..<samples {
                    let row = gradient + row(from[sample]) &* rows.length
                    for feature in features { row[feature] += given[Int(offsets[feature]) &+ sample] }
                }
            }
        }
    }
}
