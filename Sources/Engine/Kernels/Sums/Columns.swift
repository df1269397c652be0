/// A tensor as sums read it: columns of points that are summed, side by side in any order of the axes.
///
///     axes (2, 3, 4), the second one summed: 8 columns of 3 points
///
/// Of panels sixteen samples of a column are one chunk. Of one image sixteen columns are: each sum then has the same terms in
/// the same order, and the same bits.
package struct Columns: Sendable {
    package let lanes: Int
    /// Floats to the first point of each column.
    let columns: [Int32]
    /// From there to each point.
    let points: [Int32]

    /// - Parameter axes: those summed over, ascending.
    package init(_ tensor: AxisStrides, over axes: [Int]) {
        lanes = tensor.lanes
        func offsets(_ kept: [Int]) -> [Int32] {
            AxisStrides(axes: kept.map { tensor.axes[$0] }, strides: kept.map { tensor.strides[$0] }, lanes: 1).offsets
        }
        columns = offsets(tensor.axes.indices.filter { !axes.contains($0) })
        points = offsets(axes)
    }

    package var count: Int { columns.count }
    package var length: Int { points.count }

    /// Sets all points to zero.
    package func clear(_ memory: UnsafeMutablePointer<Float>) {
        for column in columns {
            for point in points { (memory + Int(column &+ point)).update(repeating: 0, count: lanes) }
        }
    }

    @inline(__always)
    func withTables(_ body: (_ columns: UnsafePointer<Int32>, _ points: UnsafePointer<Int32>) -> Void) {
        columns.withUnsafeBufferPointer { columns in
            points.withUnsafeBufferPointer { points in body(columns.baseAddress!, points.baseAddress!) }
        }
    }
}

/// Where sixteen values of a tensor lie that are worked on side by side.
protocol Place {
    /// - Parameters:
    ///   - table: offsets of the columns.
    ///   - part: of panels the lane, of one image how many columns there are.
    init(_ table: UnsafePointer<Int32>, column: Int, part: Int)
    func load(_ memory: UnsafePointer<Float>, _ point: Int32) -> Sixteen
    func store(_ value: Sixteen, _ memory: UnsafeMutablePointer<Float>, _ point: Int32)
}

/// Sixteen samples of a column.
struct SamplePlace: Place {
    private let base: Int

    @inline(__always)
    init(_ table: UnsafePointer<Int32>, column: Int, part: Int) { base = Int(table[column]) &+ part }
    @inline(__always)
    func load(_ memory: UnsafePointer<Float>, _ point: Int32) -> Sixteen { load16(memory + (base &+ Int(point))) }
    @inline(__always)
    func store(_ value: Sixteen, _ memory: UnsafeMutablePointer<Float>, _ point: Int32) {
        store16(value, memory + (base &+ Int(point)))
    }
}

/// Up to sixteen columns of one image.
struct PointPlace: Place {
    private let table: UnsafePointer<Int32>
    private let count: Int
    private let isAdjacent: Bool

    @inline(__always)
    init(_ table: UnsafePointer<Int32>, column: Int, part: Int) {
        self.table = table + column
        count = part
        var isAdjacent = part == 16
        for lane in 1..<max(part, 1) where table[column &+ lane] != table[column] &+ Int32(lane) { isAdjacent = false }
        self.isAdjacent = isAdjacent
    }
    @inline(__always)
    func load(_ memory: UnsafePointer<Float>, _ point: Int32) -> Sixteen {
        if isAdjacent { return load16(memory + Int(table[0] &+ point)) }
        var chunk = Sixteen.zero
        for lane in 0..<count { chunk[lane] = memory[Int(table[lane] &+ point)] }
        return chunk
    }
    @inline(__always)
    func store(_ value: Sixteen, _ memory: UnsafeMutablePointer<Float>, _ point: Int32) {
        if isAdjacent {
            store16(value, memory + Int(table[0] &+ point))
        } else {
            for lane in 0..<count { memory[Int(table[lane] &+ point)] = value[lane] }
        }
    }
}

/// What is done to sixteen columns at a time.
protocol ColumnWork {
    /// - Parameter part: see `Place`.
    func run<P: Place>(_ place: P.Type, column: Int, part: Int)
}

extension ColumnWork {
    @inline(__always)
    func run(lanes: Int, columns: Range<Int>) {
        if lanes == 1 {
            var column = columns.lowerBound
            while column < columns.upperBound {
                run(PointPlace.self, column: column, part: min(16, columns.upperBound &- column))
                column &+= 16
            }
        } else {
            for column in columns {
                for lane in stride(from: 0, to: lanes, by: 16) { run(SamplePlace.self, column: column, part: lane) }
            }
        }
    }
}

/// Sums the terms of a column in four chains, point k in chain k mod 4, then both pairs, then all.
@inline(__always)
func fourChains(_ count: Int, _ term: (_ point: Int, _ sum: Sixteen) -> Sixteen) -> Sixteen {
    var c0 = Sixteen.zero, c1 = c0, c2 = c0, c3 = c0
    var point = 0
    while point &+ 4 <= count {
        c0 = term(point, c0)
        c1 = term(point &+ 1, c1)
        c2 = term(point &+ 2, c2)
        c3 = term(point &+ 3, c3)
        point &+= 4
    }
    if point < count { c0 = term(point, c0) }
    if point &+ 1 < count { c1 = term(point &+ 1, c1) }
    if point &+ 2 < count { c2 = term(point &+ 2, c2) }
    return (c0 + c1) + (c2 + c3)
}
