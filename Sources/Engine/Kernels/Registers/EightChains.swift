import CProcessor

// Eight chains of a weight gradient side by side, which hides the latency of the multiply-add: in which shape, that is,
// which of them share a row of dy and which an input, is the caller's choice.

/// The rows of dy and the inputs of eight chains; missing columns repeat the last, their sums are not stored.
struct Tile8 {
    let d0, d1, d2, d3: UnsafePointer<Float>
    let x: Inputs8

    @inline(__always)
    init(
        rows: UnsafePointer<UInt32>, rowCount: Int, offsets: UnsafePointer<UInt32>, held: Int,
        x: UnsafePointer<Float>, dy: UnsafePointer<Float>, rowFloats: Int
    ) {
        func row(_ index: Int) -> UnsafePointer<Float> { dy + Int(rows[min(index, rowCount &- 1)]) &* rowFloats }
        (d0, d1, d2, d3) = (row(0), row(1), row(2), row(3))
        self.x = Inputs8(x, offsets, held)
    }

    /// Of one row.
    @inline(__always)
    init(offsets: UnsafePointer<UInt32>, held: Int, x: UnsafePointer<Float>, dy: UnsafePointer<Float>) {
        (d0, d1, d2, d3) = (dy, dy, dy, dy)
        self.x = Inputs8(x, offsets, held)
    }

    /// Of four columns and their rows.
    @inline(__always)
    init(x: UnsafePointer<Float>, offset: (Int) -> UInt32, row: (Int) -> UnsafePointer<Float>) {
        (d0, d1, d2, d3) = (row(0), row(1), row(2), row(3))
        self.x = Inputs8(x, four: offset)
    }
}

/// Eight chains, [column][row].
protocol Shape8 {
    /// Adds dy · x at r in dy and t in x to chains c.
    static func add(_ c: inout Eight, _ tile: Tile8, _ r: Int, _ t: Int)
}

struct Eight {
    var c0, c1, c2, c3, c4, c5, c6, c7: ChainLanes

    @inline(__always)
    init() {
        (c0, c1, c2, c3) = (.zero, .zero, .zero, .zero)
        (c4, c5, c6, c7) = (.zero, .zero, .zero, .zero)
    }
    @inline(__always)
    init(_ memory: UnsafePointer<Float>) {
        (c0, c1, c2, c3) = (
            loadChain(memory), loadChain(memory + 16), loadChain(memory + 32), loadChain(memory + 48)
        )
        (c4, c5, c6, c7) = (
            loadChain(memory + 64), loadChain(memory + 80), loadChain(memory + 96), loadChain(memory + 112)
        )
    }
    @inline(__always)
    func store(_ memory: UnsafeMutablePointer<Float>) {
        storeChain(c0, memory)
        storeChain(c1, memory + 16)
        storeChain(c2, memory + 32)
        storeChain(c3, memory + 48)
        storeChain(c4, memory + 64)
        storeChain(c5, memory + 80)
        storeChain(c6, memory + 96)
        storeChain(c7, memory + 112)
    }
}

extension Eight {
    /// The sums by the tree of `treeSums`, which takes the chains from registers.
    /// - Parameter lowerLanes: of chains that are halves, these being the upper ones, the first half of each sixteen floats.
    @inline(__always)
    func treeSums(lowerLanes: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>) {
        #if ESPALIER_AVX512
            espalier_tree_of_folded(
                espalier_folded(c0), espalier_folded(c1), espalier_folded(c2), espalier_folded(c3),
                espalier_folded(c4), espalier_folded(c5), espalier_folded(c6), espalier_folded(c7), sums)
        #else
            espalier_tree_of_folded(
                espalier_folded_halves(loadChain(lowerLanes), c0),
                espalier_folded_halves(loadChain(lowerLanes + 16), c1),
                espalier_folded_halves(loadChain(lowerLanes + 32), c2),
                espalier_folded_halves(loadChain(lowerLanes + 48), c3),
                espalier_folded_halves(loadChain(lowerLanes + 64), c4),
                espalier_folded_halves(loadChain(lowerLanes + 80), c5),
                espalier_folded_halves(loadChain(lowerLanes + 96), c6),
                espalier_folded_halves(loadChain(lowerLanes + 112), c7), sums)
        #endif
    }
}

/// The same of one chain.
@inline(__always)
func treeSum(_ chain: ChainLanes, lowerLanes: UnsafePointer<Float>) -> Float {
    #if ESPALIER_AVX512
        espalier_tree_of_one(espalier_folded(chain))
    #else
        espalier_tree_of_one(espalier_folded_halves(loadChain(lowerLanes), chain))
    #endif
}

enum FourByTwo: Shape8 {
    @inline(__always)
    static func add(_ c: inout Eight, _ tile: Tile8, _ r: Int, _ t: Int) {
        let x0 = loadChain(tile.x.x0 + t), x1 = loadChain(tile.x.x1 + t)
        let d0 = loadChain(tile.d0 + r)
        c.c0 = c.c0.plus(d0, times: x0)
        c.c4 = c.c4.plus(d0, times: x1)
        let d1 = loadChain(tile.d1 + r)
        c.c1 = c.c1.plus(d1, times: x0)
        c.c5 = c.c5.plus(d1, times: x1)
        let d2 = loadChain(tile.d2 + r)
        c.c2 = c.c2.plus(d2, times: x0)
        c.c6 = c.c6.plus(d2, times: x1)
        let d3 = loadChain(tile.d3 + r)
        c.c3 = c.c3.plus(d3, times: x0)
        c.c7 = c.c7.plus(d3, times: x1)
    }
}

enum TwoByFour: Shape8 {
    @inline(__always)
    static func add(_ c: inout Eight, _ tile: Tile8, _ r: Int, _ t: Int) {
        let d0 = loadChain(tile.d0 + r), d1 = loadChain(tile.d1 + r)
        let x0 = loadChain(tile.x.x0 + t)
        c.c0 = c.c0.plus(d0, times: x0)
        c.c1 = c.c1.plus(d1, times: x0)
        let x1 = loadChain(tile.x.x1 + t)
        c.c2 = c.c2.plus(d0, times: x1)
        c.c3 = c.c3.plus(d1, times: x1)
        let x2 = loadChain(tile.x.x2 + t)
        c.c4 = c.c4.plus(d0, times: x2)
        c.c5 = c.c5.plus(d1, times: x2)
        let x3 = loadChain(tile.x.x3 + t)
        c.c6 = c.c6.plus(d0, times: x3)
        c.c7 = c.c7.plus(d1, times: x3)
    }
}

enum OneByEight: Shape8 {
    @inline(__always)
    static func add(_ c: inout Eight, _ tile: Tile8, _ r: Int, _ t: Int) {
        let d = loadChain(tile.d0 + r)
        c.c0 = c.c0.plus(d, times: loadChain(tile.x.x0 + t))
        c.c1 = c.c1.plus(d, times: loadChain(tile.x.x1 + t))
        c.c2 = c.c2.plus(d, times: loadChain(tile.x.x2 + t))
        c.c3 = c.c3.plus(d, times: loadChain(tile.x.x3 + t))
        c.c4 = c.c4.plus(d, times: loadChain(tile.x.x4 + t))
        c.c5 = c.c5.plus(d, times: loadChain(tile.x.x5 + t))
        c.c6 = c.c6.plus(d, times: loadChain(tile.x.x6 + t))
        c.c7 = c.c7.plus(d, times: loadChain(tile.x.x7 + t))
    }
}

/// Four columns, a row each; the other four chains stay zero.
enum FourSingles: Shape8 {
    @inline(__always)
    static func add(_ c: inout Eight, _ tile: Tile8, _ r: Int, _ t: Int) {
        c.c0 = c.c0.plus(loadChain(tile.d0 + r), times: loadChain(tile.x.x0 + t))
        c.c1 = c.c1.plus(loadChain(tile.d1 + r), times: loadChain(tile.x.x1 + t))
        c.c2 = c.c2.plus(loadChain(tile.d2 + r), times: loadChain(tile.x.x2 + t))
        c.c3 = c.c3.plus(loadChain(tile.d3 + r), times: loadChain(tile.x.x3 + t))
    }
}

/// Eight chains of a tile over some groups.
@inline(__always)
func dots<S: Shape8>(
    _ shape: S.Type, _ tile: Tile8, _ sweep: Sweep, _ groups: UnsafeBufferPointer<ChunkGroup>,
    _ chains: UnsafeMutablePointer<Float>
) {
    let si = sweep.inputStride
    let so = sweep.outputStride
    var first = 0
    while first < groups.count {
        // Where a chain is two registers, its halves take turns over groups that stay in the first-level cache.
        let last = ChainLanes.scalarCount == 16 ? groups.count : min(groups.count, first &+ sweep.groupsPerPart)
        var lane = 0
        while lane < 16 {
            var sums = first == 0 ? Eight() : Eight(chains + lane)
            var number = first
            while number < last {
                let group = groups[number]
                var t = group.input &+ lane
                var r = group.output &+ lane
                var left = group.chunks
                number &+= 1
                repeat {
                    S.add(&sums, tile, r, t)
                    t &+= si
                    r &+= so
                    left &-= 1
                } while left > 0
            }
            sums.store(chains + lane)
            lane &+= ChainLanes.scalarCount
        }
        first = last
    }
}
