/// Where the largest or the smallest value of each column stands, as a number from 0; of equal ones the first or the last.
package struct ExtremePlaces: Sendable {
    private let x: Columns
    private let y: [Int32]
    private let isLargest: Bool
    private let takesLast: Bool

    /// - Parameter y: its axes are those of x that stay, in order; axes of size 1 may stand between.
    package init(x: Columns, y: AxisStrides, isLargest: Bool, takesLast: Bool) {
        (self.x, self.isLargest, self.takesLast) = (x, isLargest, takesLast)
        self.y = y.offsets
    }

    package var count: Int { x.count }

    package func forward(columns: Range<Int>, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>) {
        self.x.withTables { columnTable, points in
            self.y.withUnsafeBufferPointer { targets in
                ExtremeWork(
                    x: x, y: y, columns: columnTable, points: points, targets: targets.baseAddress!,
                    length: self.x.length, isLargest: isLargest, takesLast: takesLast
                ).run(lanes: self.x.lanes, columns: columns)
            }
        }
    }
}

private struct ExtremeWork: ColumnWork {
    let x: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let columns, points, targets: UnsafePointer<Int32>
    let length: Int
    let isLargest: Bool
    let takesLast: Bool

    @inline(__always)
    func run<P: Place>(_ place: P.Type, column: Int, part: Int) {
        let from = P(columns, column: column, part: part)
        var best = from.load(x, points[0]), winner = Sixteen.zero
        for point in 1..<max(length, 1) {
            let value = from.load(x, points[point])
            var wins = isLargest ? value .> best : value .< best
            if takesLast { wins = wins .| (value .== best) }
            best.replace(with: value, where: wins)
            winner.replace(with: Float(point), where: wins)
        }
        P(targets, column: column, part: part).store(winner, y, 0)
    }
}
