extension MatrixProduct {
    /// Of one image columns of C stand in the lanes: B is copied, sixteen columns at a time, and each number of A multiplies
    /// them all.
    func image(
        _ rows: Range<Int>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>,
        adds: Bool
    ) {
        withScratch(of: Float.self, capacity: max(depth, 1) * 16) { scratch in
            let packed = scratch.baseAddress!
            var column = 0
            while column < columns {
                let count = min(16, columns &- column)
                for k in 0..<depth {
                    let from = b + (k &* self.b.row &+ column &* self.b.column)
                    store16(loadPoints(from, self.b.column, count), packed + k &* 16)
                }
                var row = rows.lowerBound
                while row < rows.upperBound {
                    rowsOfImage(
                        a + row &* self.a.row, packed, c + (row &* self.c.row &+ column &* self.c.column),
                        rows: min(4, rows.upperBound &- row), columns: count, adds: adds)
                    row &+= 4
                }
                column &+= 16
            }
        }
    }

    @inline(__always)
    private func rowsOfImage(
        _ a: UnsafePointer<Float>, _ packed: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>, rows: Int,
        columns: Int, adds: Bool
    ) {
        let last = rows &- 1, pitch = self.a.row
        let a0 = a, a1 = a + min(1, last) &* pitch, a2 = a + min(2, last) &* pitch, a3 = a + min(3, last) &* pitch
        let step = self.c.column
        func place(_ row: Int) -> UnsafeMutablePointer<Float> { c + min(row, last) &* self.c.row }
        func begin(_ row: Int) -> Sixteen { adds ? loadPoints(place(row), step, columns) : .zero }
        var c0 = begin(0), c1 = begin(1), c2 = begin(2), c3 = begin(3)
        var at = 0
        for k in 0..<depth {
            let b = load16(packed + k &* 16)
            c0 = c0.plus(Sixteen(repeating: a0[at]), times: b)
            c1 = c1.plus(Sixteen(repeating: a1[at]), times: b)
            c2 = c2.plus(Sixteen(repeating: a2[at]), times: b)
            c3 = c3.plus(Sixteen(repeating: a3[at]), times: b)
            at &+= self.a.column
        }
        storePoints(c0, place(0), step, columns)
        if last > 0 { storePoints(c1, place(1), step, columns) }
        if last > 1 { storePoints(c2, place(2), step, columns) }
        if last > 2 { storePoints(c3, place(3), step, columns) }
    }
}
