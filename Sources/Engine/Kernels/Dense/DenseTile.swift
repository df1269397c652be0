// A tile of the dense weight gradient: chains of six rows × four terms, or of the three rows that a layer's last block may have.
// With AVX-512 all 24 are in registers. With AVX2 those of two terms are, a half of each: twelve chains, two of x and one of dy
// are fifteen of sixteen registers, and of twelve chains none is waited for. Three rows × four terms are twelve chains, too, but
// take all sixteen, and the compiler then keeps some in memory.

let tileRows = 6
#if ESPALIER_AVX512
    let tileTermsAtOnce = 4
#else
    let tileTermsAtOnce = 2
#endif

/// Floats of a tile's chains.
let tileFloats = tileRows * 4 * 16

/// Adds up the chains of a tile over some groups, in memory [term][row].
@inline(__always)
func dotsOfTile(
    rows: Int, _ inputs: TileInputs, _ sweep: Sweep, _ groups: UnsafeBufferPointer<ChunkGroup>,
    _ dy: UnsafePointer<Float>, _ chains: UnsafeMutablePointer<Float>, isFirst: Bool
) {
    guard !groups.isEmpty else {
        if isFirst { chains.update(repeating: 0, count: tileFloats) }
        return
    }
    @inline(__always)
    func pass(_ inputs: TileInputs, _ chains: UnsafeMutablePointer<Float>) {
        if rows > 3 {
            dots(TwoThrees.self, inputs, sweep, groups, dy, chains, isFirst: isFirst)
        } else {
            dots(ThreeRows.self, inputs, sweep, groups, dy, chains, isFirst: isFirst)
        }
    }
    pass(inputs, chains)
    #if !ESPALIER_AVX512
        pass(inputs.lastTwo, chains + 2 &* tileRows &* 16)
    #endif
}

@inline(__always)
private func dots<Rows: TileRows>(
    _ rows: Rows.Type, _ inputs: TileInputs, _ sweep: Sweep, _ groups: UnsafeBufferPointer<ChunkGroup>,
    _ dy: UnsafePointer<Float>, _ chains: UnsafeMutablePointer<Float>, isFirst: Bool
) {
    var first = 0
    repeat {
        // Where a chain is two registers, its halves take turns over groups that stay in the first-level cache.
        let last = ChainLanes.scalarCount == 16 ? groups.count : min(groups.count, first &+ sweep.groupsPerPart)
        var lane = 0
        while lane < 16 {
            dots(
                rows, inputs, sweep.inputStride, sweep.outputStride, groups.baseAddress! + first, last &- first,
                dy + lane, chains + lane, lane: lane, begins: isFirst && first == 0)
            lane &+= ChainLanes.scalarCount
        }
        first = last
    } while first < groups.count
}

/// Over some lanes. By itself: in one function with the loop over halves, the chains of one half wait in memory for the other's.
@inline(never)
private func dots<Rows: TileRows>(
    _ rows: Rows.Type, _ inputs: TileInputs, _ si: Int, _ so: Int, _ groups: UnsafePointer<ChunkGroup>, _ count: Int,
    _ dy: UnsafePointer<Float>, _ chains: UnsafeMutablePointer<Float>, lane: Int, begins: Bool
) {
    var sums = begins ? Rows() : Rows(chains)
    let end = groups + count
    var group = groups
    repeat {
        var t = group.pointee.input &+ lane
        var d = dy + group.pointee.output
        var left = group.pointee.chunks
        group += 1
        repeat {
            sums.add(d, inputs, t)
            t &+= si
            d += so
            left &-= 1
        } while left > 0
    } while group < end
    sums.store(chains)
}

/// Four inputs, and the distances from the first row of dy to the others.
struct TileInputs {
    fileprivate let x0, x1, x2, x3: UnsafePointer<Float>
    fileprivate let s1, s2, s3, s4, s5: Int

    /// Of rows that follow one another.
    /// - Parameters:
    ///   - held: terms that there are, and `rows`; those past the last repeat it.
    @inline(__always)
    init(
        _ x: UnsafePointer<Float>, _ offsets: UnsafePointer<UInt32>, held: Int, rows: Int, rowFloats: Int
    ) {
        self.init(x, offsets, held: held) { $0 < rows ? $0 &* rowFloats : 0 }
    }

    /// - Parameter row: the distance from the first row to another.
    @inline(__always)
    init(
        _ x: UnsafePointer<Float>, _ offsets: UnsafePointer<UInt32>, held: Int, _ row: (_ row: Int) -> Int
    ) {
        func input(_ index: Int) -> UnsafePointer<Float> { x + Int(offsets[min(index, held &- 1)]) &* 16 }
        (x0, x1, x2, x3) = (input(0), input(1), input(2), input(3))
        (s1, s2, s3, s4, s5) = (row(1), row(2), row(3), row(4), row(5))
    }

    #if !ESPALIER_AVX512
        /// Those of the last two terms.
        fileprivate var lastTwo: TileInputs { TileInputs(lastTwoOf: self) }

        private init(lastTwoOf all: TileInputs) {
            (x0, x1, x2, x3) = (all.x2, all.x3, all.x2, all.x3)
            (s1, s2, s3, s4, s5) = (all.s1, all.s2, all.s3, all.s4, all.s5)
        }
    #endif
}

/// The chains of some rows × four terms.
private protocol TileRows {
    init()
    /// Chains that wait in memory, from one of their lanes on.
    init(_ memory: UnsafePointer<Float>)
    mutating func add(_ d: UnsafePointer<Float>, _ x: TileInputs, _ t: Int)
    func store(_ memory: UnsafeMutablePointer<Float>)
}

/// x at a position, for the terms at hand.
private struct TileValues {
    #if ESPALIER_AVX512
        let v0, v1, v2, v3: ChainLanes
    #else
        let v0, v1: ChainLanes
    #endif

    @inline(__always)
    init(_ x: TileInputs, _ t: Int) {
        (v0, v1) = (loadChain(x.x0 + t), loadChain(x.x1 + t))
        #if ESPALIER_AVX512
            (v2, v3) = (loadChain(x.x2 + t), loadChain(x.x3 + t))
        #endif
    }
}

private struct ThreeRows: TileRows {
    private var r0 = RowChains(), r1 = RowChains(), r2 = RowChains()

    @inline(__always) init() {}

    @inline(__always)
    init(_ memory: UnsafePointer<Float>) {
        r0 = RowChains(memory)
        r1 = RowChains(memory + 16)
        r2 = RowChains(memory + 32)
    }

    @inline(__always)
    mutating func add(_ d: UnsafePointer<Float>, _ x: TileInputs, _ t: Int) {
        add(d, d + x.s1, d + x.s2, TileValues(x, t))
    }

    @inline(__always)
    fileprivate mutating func add(
        _ d0: UnsafePointer<Float>, _ d1: UnsafePointer<Float>, _ d2: UnsafePointer<Float>, _ v: TileValues
    ) {
        r0.add(loadChain(d0), v)
        r1.add(loadChain(d1), v)
        r2.add(loadChain(d2), v)
    }

    @inline(__always)
    func store(_ memory: UnsafeMutablePointer<Float>) {
        r0.store(memory)
        r1.store(memory + 16)
        r2.store(memory + 32)
    }
}

private struct TwoThrees: TileRows {
    private var upper = ThreeRows(), lower = ThreeRows()

    @inline(__always) init() {}

    @inline(__always)
    init(_ memory: UnsafePointer<Float>) {
        upper = ThreeRows(memory)
        lower = ThreeRows(memory + 48)
    }

    @inline(__always)
    mutating func add(_ d: UnsafePointer<Float>, _ x: TileInputs, _ t: Int) {
        let v = TileValues(x, t)
        upper.add(d, d + x.s1, d + x.s2, v)
        lower.add(d + x.s3, d + x.s4, d + x.s5, v)
    }

    @inline(__always)
    func store(_ memory: UnsafeMutablePointer<Float>) {
        upper.store(memory)
        lower.store(memory + 48)
    }
}

/// The chains of one row of a tile, for the terms at hand.
private struct RowChains {
    private var c0 = ChainLanes.zero, c1 = ChainLanes.zero
    #if ESPALIER_AVX512
        private var c2 = ChainLanes.zero, c3 = ChainLanes.zero
    #endif
    /// Floats from one term to the next.
    private static var step: Int { tileRows &* 16 }

    @inline(__always)
    init() {}

    @inline(__always)
    init(_ memory: UnsafePointer<Float>) {
        c0 = loadChain(memory)
        c1 = loadChain(memory + Self.step)
        #if ESPALIER_AVX512
            c2 = loadChain(memory + 2 &* Self.step)
            c3 = loadChain(memory + 3 &* Self.step)
        #endif
    }

    @inline(__always)
    mutating func add(_ dy: ChainLanes, _ x: TileValues) {
        c0 = c0.plus(dy, times: x.v0)
        c1 = c1.plus(dy, times: x.v1)
        #if ESPALIER_AVX512
            c2 = c2.plus(dy, times: x.v2)
            c3 = c3.plus(dy, times: x.v3)
        #endif
    }

    @inline(__always)
    func store(_ memory: UnsafeMutablePointer<Float>) {
        storeChain(c0, memory)
        storeChain(c1, memory + Self.step)
        #if ESPALIER_AVX512
            storeChain(c2, memory + 2 &* Self.step)
            storeChain(c3, memory + 3 &* Self.step)
        #endif
    }
}
