// A tile of the dense weight gradient: chains of six rows (with AVX2 two) × four terms in registers, or of the three rows
// that a layer's last block may have.

#if ESPALIER_AVX512
    /// 24 chains in registers.
    let tileRows = 6
    typealias WholeTile = TwoThrees
#else
    /// 8 chains, a half of each in registers at a time.
    let tileRows = 2
    typealias WholeTile = TwoRows
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
    #if ESPALIER_AVX512
        if rows <= 3 {
            dots(ThreeRows.self, inputs, sweep, groups, dy, chains, isFirst: isFirst)
            return
        }
    #endif
    dots(WholeTile.self, inputs, sweep, groups, dy, chains, isFirst: isFirst)
}

@inline(never)
private func dots<Rows: TileRows>(
    _ rows: Rows.Type, _ inputs: TileInputs, _ sweep: Sweep, _ groups: UnsafeBufferPointer<ChunkGroup>,
    _ dy: UnsafePointer<Float>, _ chains: UnsafeMutablePointer<Float>, isFirst: Bool
) {
    let si = sweep.inputStride
    let so = sweep.outputStride
    var first = 0
    repeat {
        // Where a chain is two registers, its halves take turns over groups that stay in the first-level cache.
        let last = ChainLanes.scalarCount == 16 ? groups.count : min(groups.count, first &+ sweep.groupsPerPart)
        var lane = 0
        while lane < 16 {
            var sums = isFirst && first == 0 ? Rows() : Rows(chains + lane)
            var number = first
            repeat {
                let group = groups[number]
                var t = group.input &+ lane
                var d = dy + (group.output &+ lane)
                var left = group.chunks
                number &+= 1
                repeat {
                    sums.add(d, inputs, t)
                    t &+= si
                    d += so
                    left &-= 1
                } while left > 0
            } while number < last
            sums.store(chains + lane)
            lane &+= ChainLanes.scalarCount
        }
        first = last
    } while first < groups.count
}

/// Four inputs, and the distances from the first row of dy to the others.
struct TileInputs {
    fileprivate let x0, x1, x2, x3: UnsafePointer<Float>
    fileprivate let s1, s2, s3, s4, s5: Int

    /// - Parameters:
    ///   - held: terms that there are, and `rows`; those past the last repeat it.
    @inline(__always)
    init(
        _ x: UnsafePointer<Float>, _ offsets: UnsafePointer<UInt32>, held: Int, rows: Int, rowFloats: Int
    ) {
        func input(_ index: Int) -> UnsafePointer<Float> { x + Int(offsets[min(index, held &- 1)]) &* 16 }
        func row(_ row: Int) -> Int { row < rows ? row &* rowFloats : 0 }
        (x0, x1, x2, x3) = (input(0), input(1), input(2), input(3))
        (s1, s2, s3, s4, s5) = (row(1), row(2), row(3), row(4), row(5))
    }
}

/// The chains of some rows × four terms.
private protocol TileRows {
    init()
    /// Chains that wait in memory, from one of their lanes on.
    init(_ memory: UnsafePointer<Float>)
    mutating func add(_ d: UnsafePointer<Float>, _ x: TileInputs, _ t: Int)
    func store(_ memory: UnsafeMutablePointer<Float>)
}

/// x at a position, for four terms.
private struct FourInputs {
    let v0, v1, v2, v3: ChainLanes

    @inline(__always)
    init(_ x: TileInputs, _ t: Int) {
        (v0, v1, v2, v3) = (loadChain(x.x0 + t), loadChain(x.x1 + t), loadChain(x.x2 + t), loadChain(x.x3 + t))
    }
}

#if !ESPALIER_AVX512
    struct TwoRows: TileRows {
        private var r0 = RowChains(), r1 = RowChains()

        @inline(__always) init() {}

        @inline(__always)
        init(_ memory: UnsafePointer<Float>) {
            r0 = RowChains(memory)
            r1 = RowChains(memory + 16)
        }

        @inline(__always)
        mutating func add(_ d: UnsafePointer<Float>, _ x: TileInputs, _ t: Int) {
            let v = FourInputs(x, t)
            r0.add(loadChain(d), v)
            r1.add(loadChain(d + x.s1), v)
        }

        @inline(__always)
        func store(_ memory: UnsafeMutablePointer<Float>) {
            r0.store(memory)
            r1.store(memory + 16)
        }
    }
#else
    struct ThreeRows: TileRows {
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
            add(d, d + x.s1, d + x.s2, FourInputs(x, t))
        }

        @inline(__always)
        fileprivate mutating func add(
            _ d0: UnsafePointer<Float>, _ d1: UnsafePointer<Float>, _ d2: UnsafePointer<Float>, _ v: FourInputs
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

    struct TwoThrees: TileRows {
        private var upper = ThreeRows(), lower = ThreeRows()

        @inline(__always) init() {}

        @inline(__always)
        init(_ memory: UnsafePointer<Float>) {
            upper = ThreeRows(memory)
            lower = ThreeRows(memory + 48)
        }

        @inline(__always)
        mutating func add(_ d: UnsafePointer<Float>, _ x: TileInputs, _ t: Int) {
            let v = FourInputs(x, t)
            upper.add(d, d + x.s1, d + x.s2, v)
            lower.add(d + x.s3, d + x.s4, d + x.s5, v)
        }

        @inline(__always)
        func store(_ memory: UnsafeMutablePointer<Float>) {
            upper.store(memory)
            lower.store(memory + 48)
        }
    }
#endif

/// The chains of one row of a tile.
private struct RowChains {
    private var c0 = ChainLanes.zero, c1 = ChainLanes.zero, c2 = ChainLanes.zero, c3 = ChainLanes.zero
    /// Floats from one term to the next.
    private static var step: Int { tileRows &* 16 }

    @inline(__always)
    init() {}

    @inline(__always)
    init(_ memory: UnsafePointer<Float>) {
        c0 = loadChain(memory)
        c1 = loadChain(memory + Self.step)
        c2 = loadChain(memory + 2 &* Self.step)
        c3 = loadChain(memory + 3 &* Self.step)
    }

    @inline(__always)
    mutating func add(_ dy: ChainLanes, _ x: FourInputs) {
        c0 = c0.plus(dy, times: x.v0)
        c1 = c1.plus(dy, times: x.v1)
        c2 = c2.plus(dy, times: x.v2)
        c3 = c3.plus(dy, times: x.v3)
    }

    @inline(__always)
    func store(_ memory: UnsafeMutablePointer<Float>) {
        storeChain(c0, memory)
        storeChain(c1, memory + Self.step)
        storeChain(c2, memory + 2 &* Self.step)
        storeChain(c3, memory + 3 &* Self.step)
    }
}
