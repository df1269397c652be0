/// Softmax of each column, or its logarithm.
package struct SoftmaxColumns: Sendable {
    private let x: Columns
    private let y: Columns
    private let isLogarithm: Bool

    package init(x: Columns, y: Columns, isLogarithm: Bool) {
        (self.x, self.y, self.isLogarithm) = (x, y, isLogarithm)
    }

    package var count: Int { x.count }

    /// y may be x.
    package func forward(columns: Range<Int>, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>) {
        self.x.withTables { xColumns, xPoints in
            self.y.withTables { yColumns, yPoints in
                SoftmaxForward(
                    x: x, y: y, xColumns: xColumns, xPoints: xPoints, yColumns: yColumns, yPoints: yPoints,
                    length: self.x.length, isLogarithm: isLogarithm
                ).run(lanes: self.x.lanes, columns: columns)
            }
        }
    }

    /// dx = y · (dy − Σ dy · y), of the logarithm dy − eʸ · Σ dy; or added to dx.
    /// - Parameters:
    ///   - dyTable, dxTable: where the gradients lie.
    package func backward(
        columns: Range<Int>, y: UnsafePointer<Float>, dy: UnsafePointer<Float>, _ dyTable: Columns,
        to dx: UnsafeMutablePointer<Float>, _ dxTable: Columns, adds: Bool
    ) {
        self.y.withTables { yColumns, yPoints in
            dyTable.withTables { dyColumns, dyPoints in
                dxTable.withTables { dxColumns, dxPoints in
                    SoftmaxBackward(
                        y: y, dy: dy, dx: dx, yColumns: yColumns, yPoints: yPoints, dyColumns: dyColumns,
                        dyPoints: dyPoints, dxColumns: dxColumns, dxPoints: dxPoints, length: self.y.length,
                        isLogarithm: isLogarithm, adds: adds
                    ).run(lanes: self.y.lanes, columns: columns)
                }
            }
        }
    }
}

private struct SoftmaxForward: ColumnWork {
    let x: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let xColumns, xPoints, yColumns, yPoints: UnsafePointer<Int32>
    let length: Int
    let isLogarithm: Bool

    @inline(__always)
    func run<P: Place>(_ place: P.Type, column: Int, part: Int) {
        let from = P(xColumns, column: column, part: part), to = P(yColumns, column: column, part: part)
        var largest = from.load(x, xPoints[0])
        for point in 1..<max(length, 1) {
            let value = from.load(x, xPoints[point])
            largest.replace(with: value, where: value .> largest)
        }
        // A column that holds NaN has no largest value to count on, but NaN in its sum.
        let one = Sixteen(repeating: 1)
        if isLogarithm {
            let total = fourChains(length) { point, sum in
                sum.plus(one, times: exponential(from.load(x, xPoints[point]) - largest, isNegative: true))
            }
            let shift = logarithm(total)
            for point in 0..<length { to.store(from.load(x, xPoints[point]) - largest - shift, y, yPoints[point]) }
            return
        }
        let total = fourChains(length) { point, sum in
            let power = exponential(from.load(x, xPoints[point]) - largest, isNegative: true)
            to.store(power, y, yPoints[point])
            return sum.plus(one, times: power)
        }
        let factor = one / total
        for point in 0..<length { to.store(to.load(y, yPoints[point]) * factor, y, yPoints[point]) }
    }
}

private struct SoftmaxBackward: ColumnWork {
    let y: UnsafePointer<Float>
    let dy: UnsafePointer<Float>
    let dx: UnsafeMutablePointer<Float>
    let yColumns, yPoints, dyColumns, dyPoints, dxColumns, dxPoints: UnsafePointer<Int32>
    let length: Int
    let isLogarithm: Bool
    let adds: Bool

    @inline(__always)
    func run<P: Place>(_ place: P.Type, column: Int, part: Int) {
        let value = P(yColumns, column: column, part: part), given = P(dyColumns, column: column, part: part)
        let target = P(dxColumns, column: column, part: part)
        let one = Sixteen(repeating: 1)
        let total = fourChains(length) { point, sum in
            let slope = given.load(dy, dyPoints[point])
            return sum.plus(slope, times: isLogarithm ? one : value.load(y, yPoints[point]))
        }
        for point in 0..<length {
            let slope = given.load(dy, dyPoints[point]), held = value.load(y, yPoints[point])
            var gradient =
                isLogarithm ? slope.plus(-exponential(held), times: total) : held * (slope - total)
            if adds { gradient = gradient + target.load(dx, dxPoints[point]) }
            target.store(gradient, dx, dxPoints[point])
        }
    }
}
