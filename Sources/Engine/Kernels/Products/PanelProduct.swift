/// Four sums of a row of C, with AVX2 three.
private struct TileRow {
    var c0 = ChainLanes.zero
    var c1 = ChainLanes.zero
    var c2 = ChainLanes.zero
    #if ESPALIER_AVX512
        static let width = 4
        var c3 = ChainLanes.zero
    #else
        static let width = 3
    #endif

    @inline(__always) init() {}

    @inline(__always)
    mutating func add(_ a: ChainLanes, _ b: TileRow) {
        c0 = c0.plus(a, times: b.c0)
        c1 = c1.plus(a, times: b.c1)
        c2 = c2.plus(a, times: b.c2)
        #if ESPALIER_AVX512
            c3 = c3.plus(a, times: b.c3)
        #endif
    }

    @inline(__always)
    func store(_ c: UnsafeMutablePointer<Float>, _ step: Int, _ count: Int, _ adds: Bool) {
        func store(_ sum: ChainLanes, _ target: UnsafeMutablePointer<Float>) {
            storeChain(adds ? loadChain(target) + sum : sum, target)
        }
        store(c0, c)
        if count > 1 { store(c1, c + step) }
        if count > 2 { store(c2, c + 2 &* step) }
        #if ESPALIER_AVX512
            if count > 3 { store(c3, c + 3 &* step) }
        #endif
    }
}

/// Columns of B that stand beside one another in a tile; missing ones repeat the last, and their sums are not stored.
private struct TileColumns {
    let b0, b1, b2: UnsafePointer<Float>
    #if ESPALIER_AVX512
        let b3: UnsafePointer<Float>
    #endif

    @inline(__always)
    init(_ b: UnsafePointer<Float>, _ step: Int, _ count: Int) {
        b0 = b
        b1 = b + min(1, count &- 1) &* step
        b2 = b + min(2, count &- 1) &* step
        #if ESPALIER_AVX512
            b3 = b + min(3, count &- 1) &* step
        #endif
    }

    @inline(__always)
    func load(_ place: Int) -> TileRow {
        var row = TileRow()
        row.c0 = loadChain(b0 + place)
        row.c1 = loadChain(b1 + place)
        row.c2 = loadChain(b2 + place)
        #if ESPALIER_AVX512
            row.c3 = loadChain(b3 + place)
        #endif
        return row
    }
}

extension MatrixProduct {
    /// Some rows of one product. Columns of B are walked outside, so that a column of tiles finds its part of B in the cache.
    func panel(
        _ rows: Range<Int>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>,
        adds: Bool
    ) {
        for lane in stride(from: 0, to: lanes, by: ChainLanes.scalarCount) {
            var column = 0
            while column < columns {
                let count = min(TileRow.width, columns &- column)
                let right = TileColumns(b + (lane &+ column &* self.b.column), self.b.column, count)
                var row = rows.lowerBound
                while row < rows.upperBound {
                    tile(
                        a + (lane &+ row &* self.a.row), right,
                        c + (lane &+ row &* self.c.row &+ column &* self.c.column),
                        rows: min(4, rows.upperBound &- row), columns: count, adds: adds)
                    row &+= 4
                }
                column &+= TileRow.width
            }
        }
    }

    @inline(__always)
    private func tile(
        _ a: UnsafePointer<Float>, _ right: TileColumns, _ c: UnsafeMutablePointer<Float>, rows: Int, columns: Int,
        adds: Bool
    ) {
        let last = rows &- 1, pitch = self.a.row
        let a0 = a, a1 = a + min(1, last) &* pitch, a2 = a + min(2, last) &* pitch, a3 = a + min(3, last) &* pitch
        var r0 = TileRow(), r1 = TileRow(), r2 = TileRow(), r3 = TileRow()
        let stepA = self.a.column, stepB = self.b.row
        var at = 0, to = 0
        for _ in 0..<depth {
            let b = right.load(to)
            r0.add(loadChain(a0 + at), b)
            r1.add(loadChain(a1 + at), b)
            r2.add(loadChain(a2 + at), b)
            r3.add(loadChain(a3 + at), b)
            at &+= stepA
            to &+= stepB
        }
        let step = self.c.column
        r0.store(c, step, columns, adds)
        if last > 0 { r1.store(c + self.c.row, step, columns, adds) }
        if last > 1 { r2.store(c + 2 &* self.c.row, step, columns, adds) }
        if last > 2 { r3.store(c + 3 &* self.c.row, step, columns, adds) }
    }
}
