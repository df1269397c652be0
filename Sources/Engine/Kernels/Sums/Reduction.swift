/// One number of each column.
package enum Reduction: String, Sendable, CaseIterable {
    case mean, sum, max, min, prod, l1, l2
    case sumSquare = "sum-square"
    case logSum = "log-sum"
    case logSumExp = "log-sum-exp"

    /// Whether finite values give infinite ones or none: lanes without a sample are then cleared.
    package var isPartial: Bool { self == .logSum || self == .prod || self == .sumSquare || self == .logSumExp }
    /// Whether the way back reads x and y.
    package var readsValues: Bool { self != .mean && self != .sum }
}

package struct ReductionColumns: Sendable {
    private let kind: Reduction
    private let x: Columns
    /// Where the number of each column goes.
    private let y: [Int32]

    /// - Parameter y: its axes are those of x that stay, in order; axes of size 1 may stand between.
    package init(_ kind: Reduction, x: Columns, y: AxisStrides) {
        (self.kind, self.x) = (kind, x)
        self.y = y.offsets
        precondition(self.y.count == x.count, "one value for each column")
    }

    package var count: Int { x.count }

    package func forward(columns: Range<Int>, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>) {
        self.x.withTables { columnTable, points in
            self.y.withUnsafeBufferPointer { targets in
                ReductionForward(
                    kind: kind, x: x, y: y, columns: columnTable, points: points, targets: targets.baseAddress!,
                    length: self.x.length
                ).run(lanes: self.x.lanes, columns: columns)
            }
        }
    }

    /// dx = dy · ∂y/∂x, or added to dx. Of equal largest or smallest values each has its share of the gradient.
    /// - Parameters:
    ///   - gradient: where dy lies.
    ///   - dxTable: where dx lies.
    package func backward(
        columns: Range<Int>, _ x: UnsafePointer<Float>, y: UnsafePointer<Float>, dy: UnsafePointer<Float>,
        _ gradient: AxisStrides, to dx: UnsafeMutablePointer<Float>, _ dxTable: Columns, adds: Bool
    ) {
        self.x.withTables { columnTable, points in
            dxTable.withTables { dxColumns, dxPoints in
                let dyOffsets = gradient.offsets
                self.y.withUnsafeBufferPointer { values in
                    dyOffsets.withUnsafeBufferPointer { slopes in
                        ReductionBackward(
                            kind: kind, x: x, y: y, dy: dy, dx: dx, columns: columnTable, points: points,
                            values: values.baseAddress!, slopes: slopes.baseAddress!, dxColumns: dxColumns,
                            dxPoints: dxPoints, length: self.x.length, adds: adds
                        ).run(lanes: self.x.lanes, columns: columns)
                    }
                }
            }
        }
    }
}

private struct ReductionForward: ColumnWork {
    let kind: Reduction
    let x: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let columns, points, targets: UnsafePointer<Int32>
    let length: Int

    @inline(__always)
    func run<P: Place>(_ place: P.Type, column: Int, part: Int) {
        let from = P(columns, column: column, part: part)
        let one = Sixteen(repeating: 1)
        @inline(__always)
        func value(_ point: Int) -> Sixteen { from.load(x, points[point]) }
        // NaN wins.
        @inline(__always)
        func extreme(_ wins: (Sixteen, Sixteen) -> SIMDMask<SIMD16<Int32>>) -> Sixteen {
            var best = value(0)
            for point in 1..<max(length, 1) {
                let value = value(point)
                best.replace(with: value, where: wins(value, best) .| (value .!= value))
            }
            return best
        }
        let result: Sixteen
        switch kind {
        case .mean:
            result = fourChains(length) { $1.plus(one, times: value($0)) } / Sixteen(repeating: Float(length))
        case .sum: result = fourChains(length) { $1.plus(one, times: value($0)) }
        case .max: result = extreme { $0 .> $1 }
        case .min: result = extreme { $0 .< $1 }
        case .prod:
            var product = value(0)
            for point in 1..<max(length, 1) { product = product * value(point) }
            result = product
        case .l1: result = fourChains(length) { $1.plus(one, times: magnitude(value($0))) }
        case .l2: result = roots(fourChains(length) { $1.plus(value($0), times: value($0)) })
        case .sumSquare: result = fourChains(length) { $1.plus(value($0), times: value($0)) }
        case .logSum: result = logarithm(fourChains(length) { $1.plus(one, times: value($0)) })
        case .logSumExp:
            let largest = extreme { $0 .> $1 }
            // Where all are −∞ the sum is 0, and ∞ − ∞ is no number.
            let base = largest.replacing(with: 0, where: magnitude(largest) .== Sixteen(repeating: .infinity))
            let total = fourChains(length) { $1.plus(one, times: exact(exponentialOf: value($0) - base)) }
            result = logarithm(total) + base
        }
        P(targets, column: column, part: part).store(result, y, 0)
    }
}

private struct ReductionBackward: ColumnWork {
    let kind: Reduction
    let x, y, dy: UnsafePointer<Float>
    let dx: UnsafeMutablePointer<Float>
    let columns, points, values, slopes, dxColumns, dxPoints: UnsafePointer<Int32>
    let length: Int
    let adds: Bool

    @inline(__always)
    func run<P: Place>(_ place: P.Type, column: Int, part: Int) {
        let from = P(columns, column: column, part: part), target = P(dxColumns, column: column, part: part)
        let given = P(slopes, column: column, part: part).load(dy, 0)
        @inline(__always)
        func forEach(_ slope: (Sixteen) -> Sixteen) {
            for point in 0..<length {
                store(kind.readsValues ? slope(from.load(x, points[point])) : slope(.zero), point)
            }
        }
        @inline(__always)
        func store(_ gradient: Sixteen, _ point: Int) {
            target.store(
                adds ? gradient + target.load(dx, dxPoints[point]) : gradient, dx, dxPoints[point])
        }
        if !kind.readsValues {
            let share = kind == .mean ? given / Sixteen(repeating: Float(length)) : given
            forEach { _ in share }
            return
        }
        let result = P(values, column: column, part: part).load(y, 0)
        switch kind {
        case .max, .min:
            var ties = Sixteen.zero
            for point in 0..<length {
                let isIt = from.load(x, points[point]) .== result
                ties.replace(with: ties + Sixteen(repeating: 1), where: isIt)
            }
            let share = given / ties
            forEach { Sixteen.zero.replacing(with: share, where: $0 .== result) }
        case .prod: products(from, given, store)
        case .l1: forEach { given * Sign().value($0) }
        case .l2:
            let factor = (given / result).replacing(with: 0, where: result .== 0)
            forEach { factor * $0 }
        case .sumSquare: forEach { Sixteen(repeating: 2) * given * $0 }
        case .logSum:
            let share = given * exact(exponentialOf: -result)
            forEach { _ in share }
        case .logSumExp: forEach { given * exact(exponentialOf: $0 - result) }
        case .mean, .sum: break
        }
    }

    /// The product of all others is that of those before and that of those behind: a quotient would not do for zeros.
    @inline(__always)
    private func products(_ from: some Place, _ given: Sixteen, _ store: (Sixteen, Int) -> Void) {
        withScratch(of: Float.self, capacity: length * 16) { scratch in
            let before = scratch.baseAddress!
            var product = given
            for point in 0..<length {
                store16(product, before + point &* 16)
                product = product * from.load(x, points[point])
            }
            product = Sixteen(repeating: 1)
            for point in (0..<length).reversed() {
                store(load16(before + point &* 16) * product, point)
                product = product * from.load(x, points[point])
            }
        }
    }
}
