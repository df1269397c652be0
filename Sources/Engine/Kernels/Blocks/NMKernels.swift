// y += W x for N of every M columns: a fixed trip count for each group of M and none to look up for a row.

/// A tile of columns, and up to four chunks of the run.
struct NMTile {
    let values: UnsafePointer<Float>
    let places: UnsafePointer<UInt8>
    /// Floats from one column's input to the next.
    let columnFloats: Int
    let perRow, kept, of: Int
    let groups: Range<Int>
    /// Weights of a row after its last whole group, where the tile is the last.
    let last: Int
    let x: UnsafePointer<Float>
    let si: Int
    let y: UnsafeMutablePointer<Float>
    let so, rowFloats: Int

    func accumulate(rows: Range<Int>, chunks: Int) {
        let inputs = Columns(x: x, columnFloats: columnFloats)
        switch (chunks, kept) {
        case (4, 1): addRows(Run4.self, One.self, inputs, rows, self)
        case (4, 2): addRows(Run4.self, Two.self, inputs, rows, self)
        case (4, 4): addRows(Run4.self, Four.self, inputs, rows, self)
        case (4, _): addRows(Run4.self, AnyCount.self, inputs, rows, self)
        case (2, _): addRows(Run2.self, AnyCount.self, inputs, rows, self)
        default: addRows(Run1.self, AnyCount.self, inputs, rows, self)
        }
    }
}

/// Where the inputs of a group of columns are.
private struct Columns {
    var x: UnsafePointer<Float>
    let columnFloats: Int
    @inline(__always) mutating func advance(_ columns: Int) { x += columns &* columnFloats }
    @inline(__always) func input(_ place: UInt8) -> UnsafePointer<Float> { x + Int(place) &* columnFloats }
}

/// N, known to the compiler where it is usual, so that the loop over a group is none.
private protocol Kept {
    static func count(_ kept: Int) -> Int
}
private enum One: Kept {
    @inline(__always) static func count(_ kept: Int) -> Int { 1 }
}
private enum Two: Kept {
    @inline(__always) static func count(_ kept: Int) -> Int { 2 }
}
private enum Four: Kept {
    @inline(__always) static func count(_ kept: Int) -> Int { 4 }
}
private enum AnyCount: Kept {
    @inline(__always) static func count(_ kept: Int) -> Int { kept }
}

@inline(never)
private func addRows<R: Run, K: Kept>(
    _ run: R.Type, _ kind: K.Type, _ inputs: Columns, _ rows: Range<Int>, _ tile: NMTile
) {
    let kept = K.count(tile.kept)
    let of = tile.of
    let si = tile.si
    let groups = tile.groups.count
    var start = inputs
    start.advance(tile.groups.lowerBound &* of)
    for row in rows {
        let y = tile.y + row &* tile.rowFloats
        var sums = R(y, tile.so)
        let first = row &* tile.perRow &+ tile.groups.lowerBound &* kept
        var places = tile.places + first
        var values = tile.values + first
        var inputs = start
        var group = 0
        while group < groups {
            var index = 0
            while index < kept {
                sums.add(values[index], R(inputs.input(places[index]), si))
                index &+= 1
            }
            places += kept
            values += kept
            inputs.advance(of)
            group &+= 1
        }
        for index in 0..<tile.last { sums.add(values[index], R(inputs.input(places[index]), si)) }
        sums.store(y, tile.so)
    }
}
