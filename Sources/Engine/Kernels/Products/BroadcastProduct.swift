/// Y = W · X, numbers of W broadcast over the lanes of X: four rows × four chunks in registers, which take eight loads for sixteen
/// multiply-adds; with AVX2 six rows × one chunk, of two registers, eight for twelve. Each sum is one chain over the terms,
/// ascending.
struct BroadcastProduct {
    /// Number (row, term) at row · `row` + term · `term`.
    let w: UnsafePointer<Float>
    let row: Int
    let term: Int
    let rows: Int
    let terms: Int
    /// Of X, (terms, width), and of Y, (rows, width), a multiple of 16: their rows have no gaps.
    let width: Int

    func run(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>) {
        var lane = 0
        while lane < width {
            #if ESPALIER_AVX512
                let left = width &- lane
                if left >= 64 {
                    walk(FourRows<Run4>.self, x + lane, y + lane)
                    lane &+= 64
                    continue
                }
                if left >= 32 {
                    walk(FourRows<Run2>.self, x + lane, y + lane)
                    lane &+= 32
                    continue
                }
                walk(FourRows<Run1>.self, x + lane, y + lane)
            #else
                walk(SixRows<Run1>.self, x + lane, y + lane)
            #endif
            lane &+= 16
        }
    }

    @inline(never)
    private func walk<Tile: BroadcastTile>(
        _ tile: Tile.Type, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
    ) {
        var first = 0
        while first < rows {
            let held = min(Tile.rows, rows &- first)
            let places = Places(w + first &* row, row, held)
            var sums = Tile()
            var at = 0, from = x
            for _ in 0..<terms {
                sums.add(places, at, Tile.Chunks(from, 16))
                at &+= term
                from += width
            }
            sums.store(y + first &* width, width, held)
            first &+= Tile.rows
        }
    }
}

/// Where the rows of a tile begin; those that are missing repeat the last one, and are not stored.
private struct Places {
    let w0, w1, w2, w3, w4, w5: UnsafePointer<Float>

    @inline(__always)
    init(_ w: UnsafePointer<Float>, _ step: Int, _ held: Int) {
        func place(_ row: Int) -> UnsafePointer<Float> { w + min(row, held &- 1) &* step }
        (w0, w1, w2, w3, w4, w5) = (place(0), place(1), place(2), place(3), place(4), place(5))
    }
}

private protocol BroadcastTile {
    associatedtype Chunks: Run
    static var rows: Int { get }
    init()
    /// Each row += its number at `at` · x.
    mutating func add(_ w: Places, _ at: Int, _ x: Chunks)
    func store(_ y: UnsafeMutablePointer<Float>, _ pitch: Int, _ held: Int)
}

#if ESPALIER_AVX512
    private struct FourRows<Chunks: Run>: BroadcastTile {
        private var a0, a1, a2, a3: Chunks
        static var rows: Int { 4 }
        @inline(__always)
        init() { (a0, a1, a2, a3) = (.zeros, .zeros, .zeros, .zeros) }
        @inline(__always)
        mutating func add(_ w: Places, _ at: Int, _ x: Chunks) {
            a0.add(w.w0[at], x)
            a1.add(w.w1[at], x)
            a2.add(w.w2[at], x)
            a3.add(w.w3[at], x)
        }
        @inline(__always)
        func store(_ y: UnsafeMutablePointer<Float>, _ pitch: Int, _ held: Int) {
            a0.store(y, 16)
            if held > 1 { a1.store(y + pitch, 16) }
            if held > 2 { a2.store(y + 2 &* pitch, 16) }
            if held > 3 { a3.store(y + 3 &* pitch, 16) }
        }
    }
#else
    private struct SixRows<Chunks: Run>: BroadcastTile {
        private var a0, a1, a2, a3, a4, a5: Chunks
        static var rows: Int { 6 }
        @inline(__always)
        init() { (a0, a1, a2, a3, a4, a5) = (.zeros, .zeros, .zeros, .zeros, .zeros, .zeros) }
        @inline(__always)
        mutating func add(_ w: Places, _ at: Int, _ x: Chunks) {
            a0.add(w.w0[at], x)
            a1.add(w.w1[at], x)
            a2.add(w.w2[at], x)
            a3.add(w.w3[at], x)
            a4.add(w.w4[at], x)
            a5.add(w.w5[at], x)
        }
        @inline(__always)
        func store(_ y: UnsafeMutablePointer<Float>, _ pitch: Int, _ held: Int) {
            a0.store(y, 16)
            if held > 1 { a1.store(y + pitch, 16) }
            if held > 2 { a2.store(y + 2 &* pitch, 16) }
            if held > 3 { a3.store(y + 3 &* pitch, 16) }
            if held > 4 { a4.store(y + 4 &* pitch, 16) }
            if held > 5 { a5.store(y + 5 &* pitch, 16) }
        }
    }
#endif

extension Run {
    /// Sums that begin from zero.
    @inline(__always)
    fileprivate static var zeros: Self {
        // With a start nothing is read.
        Self(0, UnsafePointer(bitPattern: 64)!, 16)
    }
}
