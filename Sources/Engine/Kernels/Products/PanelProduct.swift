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

    /// What sums go on from; those of missing columns are not used.
    @inline(__always)
    mutating func load(_ c: UnsafePointer<Float>, _ step: Int, _ count: Int) {
        c0 = loadChain(c)
        c1 = loadChain(c + min(1, count &- 1) &* step)
        c2 = loadChain(c + min(2, count &- 1) &* step)
        #if ESPALIER_AVX512
            c3 = loadChain(c + min(3, count &- 1) &* step)
        #endif
    }

    @inline(__always)
    func store(_ c: UnsafeMutablePointer<Float>, _ step: Int, _ count: Int) {
        storeChain(c0, c)
        if count > 1 { storeChain(c1, c + step) }
        if count > 2 { storeChain(c2, c + 2 &* step) }
        #if ESPALIER_AVX512
            if count > 3 { storeChain(c3, c + 3 &* step) }
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
        let most = stepDepth
        for lane in stride(from: 0, to: lanes, by: ChainLanes.scalarCount) {
            var k = 0
            repeat {
                let steps = min(most, depth &- k)
                walk(
                    rows, a + (lane &+ k &* self.a.column), b + (lane &+ k &* self.b.row), c + lane, depth: steps,
                    continues: k > 0 || adds)
                k &+= steps
            } while k < depth
        }
    }

    /// Some steps of k.
    private func walk(
        _ rows: Range<Int>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>,
        depth: Int, continues: Bool
    ) {
        var column = 0
        while column < columns {
            let count = min(TileRow.width, columns &- column)
            let right = TileColumns(b + column &* self.b.column, self.b.column, count)
            var row = rows.lowerBound
            while row < rows.upperBound {
                tile(
                    a + row &* self.a.row, right, c + (row &* self.c.row &+ column &* self.c.column),
                    rows: min(4, rows.upperBound &- row), columns: count, depth: depth,
                    continues: continues)
                row &+= 4
            }
            column &+= TileRow.width
        }
    }

    @inline(__always)
    private func tile(
        _ a: UnsafePointer<Float>, _ right: TileColumns, _ c: UnsafeMutablePointer<Float>, rows: Int, columns: Int,
        depth: Int, continues: Bool
    ) {
        let last = rows &- 1, pitch = self.a.row
        let a0 = a, a1 = a + min(1, last) &* pitch, a2 = a + min(2, last) &* pitch, a3 = a + min(3, last) &* pitch
        let c0 = c, c1 = c + min(1, last) &* self.c.row, c2 = c + min(2, last) &* self.c.row
        let c3 = c + min(3, last) &* self.c.row, step = self.c.column
        var r0 = TileRow(), r1 = TileRow(), r2 = TileRow(), r3 = TileRow()
        if continues {
            r0.load(c0, step, columns)
            r1.load(c1, step, columns)
            r2.load(c2, step, columns)
            r3.load(c3, step, columns)
        }
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
        // Rows that are missing repeat the last one, and are not stored.
        r0.store(c0, step, columns)
        if last > 0 { r1.store(c1, step, columns) }
        if last > 1 { r2.store(c2, step, columns) }
        if last > 2 { r3.store(c3, step, columns) }
    }
}
