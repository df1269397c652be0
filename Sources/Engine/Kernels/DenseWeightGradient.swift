/// dW for the row blocks in `blocks`, all panels, in register tiles of `tileRows` × 4 columns; overwritten, packed as the
/// weights are.
package func denseWeightGradient(
    _ gradient: UnsafeMutablePointer<Float>, map: WeightMap, panels: Int, blocks: Range<Int>,
    input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
) {
    let columns = map.columns
    let rowFloats = map.rowOffsetOfGradient * 16
    let offsets = map.columnOffsets.pointer
    // Columns whose chunks of all panels stay in the first-level cache while the rows pass.
    let pointBytes = map.input.isFlat ? panels * map.input.lanes * 4 : 4_096
    let tile = max(4, 16_384 / max(pointBytes, 1) / 4 * 4)
    map.positions.withAllGroups(panels: panels) { groups in
        withScratch(of: Float.self, capacity: 2 * tileRows * 4 * 16) { scratch in
            let chains = scratch.baseAddress!
            var first = 0
            while first < columns {
                let end = min(columns, first + tile)
                for block in blocks {
                    let held = min(6, map.rows - block * 6)
                    for row in stride(from: 0, to: held, by: tileRows) {
                        let rows = min(tileRows, held - row)
                        let dy = outputGradient + (block &* 6 &+ row) &* rowFloats
                        var column = first
                        while column < end {
                            let quad = min(4, columns - column)
                            let inputs = TileInputs(input, offsets + column, quad, rows, rowFloats)
                            dotsOfTile(inputs, map.positions, groups, dy, chains)
                            let packedStart: Int = (block &* columns &+ column) &* 6 &+ row
                            storeTile(chains, gradient + packedStart, rows: rows, columns: quad)
                            column += 4
                        }
                    }
                }
                first = end
            }
        }
    }
}

/// Writes the sums of a tile's chains, [column][row], to packed order.
@inline(__always)
private func storeTile(
    _ chains: UnsafeMutablePointer<Float>, _ place: UnsafeMutablePointer<Float>, rows: Int, columns: Int
) {
    let count = tileRows * 4
    if tileRows == 6, rows == 6, columns == 4 {
        for first in stride(from: 0, to: count, by: 8) { treeSums(chains + first &* 16, to: place + first) }
        return
    }
    let sums = chains + count &* 16
    for first in stride(from: 0, to: count, by: 8) { treeSums(chains + first &* 16, to: sums + first) }
    for column in 0..<columns {
        for row in 0..<rows { place[column &* 6 &+ row] = sums[column &* tileRows &+ row] }
    }
}

/// Groups whose data is walked once for each part of a chain, where it has two.
private let groupsPerPart = ChainLanes.scalarCount == 16 ? Int.max : 16

/// Chains of `tileRows` × 4 columns, [column][row].
@inline(__always)
private func dotsOfTile(
    _ inputs: TileInputs, _ sweep: Sweep, _ groups: UnsafeBufferPointer<ChunkGroup>, _ dy: UnsafePointer<Float>,
    _ chains: UnsafeMutablePointer<Float>
) {
    let si = sweep.inputStride
    let so = sweep.outputStride
    var first = 0
    while first < groups.count {
        let last = groups.count &- first > groupsPerPart ? first &+ groupsPerPart : groups.count
        var lane = 0
        while lane < 16 {
            var sums = first == 0 ? TileChains() : TileChains(chains + lane)
            var number = first
            while number < last {
                let group = groups[number]
                let t = group.input &+ lane
                let d = dy + (group.output &+ lane)
                number &+= 1
                sums.add(d, inputs, t)
                if group.chunks == 1 { continue }
                sums.add(d + so, inputs, t &+ si)
                if group.chunks == 2 { continue }
                sums.add(d + 2 &* so, inputs, t &+ 2 &* si)
                sums.add(d + 3 &* so, inputs, t &+ 3 &* si)
            }
            sums.store(chains + lane)
            lane &+= ChainLanes.scalarCount
        }
        first = last
    }
}

/// Four inputs, and the distances from the first row of dy to the others.
private struct TileInputs {
    let x0, x1, x2, x3: UnsafePointer<Float>
    let s1, s2, s3, s4, s5: Int

    @inline(__always)
    init(
        _ x: UnsafePointer<Float>, _ offsets: UnsafePointer<UInt32>, _ held: Int, _ rows: Int, _ rowFloats: Int
    ) {
        func input(_ index: Int) -> UnsafePointer<Float> { x + Int(offsets[min(index, held &- 1)]) &* 16 }
        func step(_ row: Int) -> Int { row < rows ? row &* rowFloats : 0 }
        (x0, x1, x2, x3) = (input(0), input(1), input(2), input(3))
        (s1, s2, s3, s4, s5) = (step(1), step(2), step(3), step(4), step(5))
    }
}

#if ESPALIER_AVX512
    /// 24 chains in registers.
    private let tileRows = 6
#else
    /// 8 chains, a half of each in registers at a time.
    private let tileRows = 2
#endif

/// The chains of a tile, in memory [column][row].
private struct TileChains {
    private var r0 = RowChains(), r1 = RowChains()
    #if ESPALIER_AVX512
        private var r2 = RowChains(), r3 = RowChains(), r4 = RowChains(), r5 = RowChains()
    #endif

    @inline(__always)
    init() {}

    /// Chains that wait in memory, from one of their lanes on.
    @inline(__always)
    init(_ memory: UnsafePointer<Float>) {
        r0 = RowChains(memory)
        r1 = RowChains(memory + 16)
        #if ESPALIER_AVX512
            r2 = RowChains(memory + 32)
            r3 = RowChains(memory + 48)
            r4 = RowChains(memory + 64)
            r5 = RowChains(memory + 80)
        #endif
    }

    @inline(__always)
    mutating func add(_ d: UnsafePointer<Float>, _ x: TileInputs, _ t: Int) {
        let v0 = loadChain(x.x0 + t), v1 = loadChain(x.x1 + t), v2 = loadChain(x.x2 + t), v3 = loadChain(x.x3 + t)
        r0.add(loadChain(d), v0, v1, v2, v3)
        r1.add(loadChain(d + x.s1), v0, v1, v2, v3)
        #if ESPALIER_AVX512
            r2.add(loadChain(d + x.s2), v0, v1, v2, v3)
            r3.add(loadChain(d + x.s3), v0, v1, v2, v3)
            r4.add(loadChain(d + x.s4), v0, v1, v2, v3)
            r5.add(loadChain(d + x.s5), v0, v1, v2, v3)
        #endif
    }

    @inline(__always)
    func store(_ memory: UnsafeMutablePointer<Float>) {
        r0.store(memory)
        r1.store(memory + 16)
        #if ESPALIER_AVX512
            r2.store(memory + 32)
            r3.store(memory + 48)
            r4.store(memory + 64)
            r5.store(memory + 80)
        #endif
    }
}

/// The chains of one row of a tile.
private struct RowChains {
    private var c0 = ChainLanes.zero, c1 = ChainLanes.zero, c2 = ChainLanes.zero, c3 = ChainLanes.zero
    /// Floats from one column to the next.
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
    mutating func add(_ dy: ChainLanes, _ v0: ChainLanes, _ v1: ChainLanes, _ v2: ChainLanes, _ v3: ChainLanes) {
        c0 = c0.plus(dy, times: v0)
        c1 = c1.plus(dy, times: v1)
        c2 = c2.plus(dy, times: v2)
        c3 = c3.plus(dy, times: v3)
    }

    @inline(__always)
    func store(_ memory: UnsafeMutablePointer<Float>) {
        storeChain(c0, memory)
        storeChain(c1, memory + Self.step)
        storeChain(c2, memory + 2 &* Self.step)
        storeChain(c3, memory + 3 &* Self.step)
    }
}
