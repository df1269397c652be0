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
    let count = tileRows * 4
    map.positions.withAllGroups(panels: panels) { groups in
        withScratch(of: ChainLanes.self, capacity: count * chainParts) { chains in
            var first = 0
            while first < columns {
                let end = min(columns, first + tile)
                for block in blocks {
                    let held = min(6, map.rows - block * 6)
                    for row in stride(from: 0, to: held, by: tileRows) {
                        let dy = outputGradient + (block &* 6 &+ row) &* rowFloats
                        var column = first
                        while column < end {
                            let quad = min(4, columns - column)
                            dotsOfTile(
                                offsets + column, quad, map.positions, groups, input, dy, rowFloats,
                                min(tileRows, held - row), chains.baseAddress!)
                            let packedStart: Int = (block &* columns &+ column) &* 6 &+ row
                            let place = gradient + packedStart
                            storeTile(chains.baseAddress!, place, rows: min(tileRows, held - row), columns: quad)
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
    _ chains: UnsafePointer<ChainLanes>, _ place: UnsafeMutablePointer<Float>, rows: Int, columns: Int
) {
    let count = tileRows * 4
    if tileRows == 6, rows == 6, columns == 4 {
        for first in stride(from: 0, to: count, by: 8) {
            chainSums(chains, first: first, count: count, to: place + first)
        }
        return
    }
    withScratch(of: Float.self, capacity: count) { sums in
        for first in stride(from: 0, to: count, by: 8) {
            chainSums(chains, first: first, count: count, to: sums.baseAddress! + first)
        }
        for column in 0..<columns {
            for row in 0..<rows { place[column &* 6 &+ row] = sums[column &* tileRows &+ row] }
        }
    }
}

/// Chains of `tileRows` × 4 columns, [column][row]. Rows and columns that are not held repeat the first and the last.
@inline(__always)
private func dotsOfTile(
    _ offsets: UnsafePointer<UInt32>, _ held: Int, _ sweep: Sweep, _ groups: UnsafeBufferPointer<ChunkGroup>,
    _ x: UnsafePointer<Float>,
    _ dy: UnsafePointer<Float>, _ rowFloats: Int, _ rows: Int, _ chains: UnsafeMutablePointer<ChainLanes>
) {
    let inputs = TileInputs(x, offsets, held, rows, rowFloats)
    let si = sweep.inputStride
    let so = sweep.outputStride
    var first = 0
    while first < groups.count {
        let last = groups.count &- first > chainSegment ? first &+ chainSegment : groups.count
        var part = 0
        while part < chainParts {
            let held = chains + part &* (tileRows &* 4)
            var sums = chainParts == 1 || first == 0 ? TileChains() : TileChains(held)
            let lane = part &* 8
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
            sums.store(held)
            part &+= 1
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
    private let tileRows = 6

    /// 24 chains in registers, [column][row].
    private struct TileChains {
        private var c0, c1, c2, c3, c4, c5, c6, c7: ChainLanes
        private var c8, c9, c10, c11, c12, c13, c14, c15: ChainLanes
        private var c16, c17, c18, c19, c20, c21, c22, c23: ChainLanes

        @inline(__always)
        init() {
            (c0, c1, c2, c3) = (.zero, .zero, .zero, .zero)
            (c4, c5, c6, c7) = (.zero, .zero, .zero, .zero)
            (c8, c9, c10, c11) = (.zero, .zero, .zero, .zero)
            (c12, c13, c14, c15) = (.zero, .zero, .zero, .zero)
            (c16, c17, c18, c19) = (.zero, .zero, .zero, .zero)
            (c20, c21, c22, c23) = (.zero, .zero, .zero, .zero)
        }

        @inline(__always)
        init(_ held: UnsafePointer<ChainLanes>) {
            (c0, c1, c2, c3) = (held[0], held[1], held[2], held[3])
            (c4, c5, c6, c7) = (held[4], held[5], held[6], held[7])
            (c8, c9, c10, c11) = (held[8], held[9], held[10], held[11])
            (c12, c13, c14, c15) = (held[12], held[13], held[14], held[15])
            (c16, c17, c18, c19) = (held[16], held[17], held[18], held[19])
            (c20, c21, c22, c23) = (held[20], held[21], held[22], held[23])
        }

        @inline(__always)
        mutating func add(_ d: UnsafePointer<Float>, _ x: TileInputs, _ t: Int) {
            let d0 = loadChain(d)
            let d1 = loadChain(d + x.s1)
            let d2 = loadChain(d + x.s2)
            let d3 = loadChain(d + x.s3)
            let d4 = loadChain(d + x.s4)
            let d5 = loadChain(d + x.s5)
            let v0 = loadChain(x.x0 + t)
            c0 = c0.plus(d0, times: v0)
            c1 = c1.plus(d1, times: v0)
            c2 = c2.plus(d2, times: v0)
            c3 = c3.plus(d3, times: v0)
            c4 = c4.plus(d4, times: v0)
            c5 = c5.plus(d5, times: v0)
            let v1 = loadChain(x.x1 + t)
            c6 = c6.plus(d0, times: v1)
            c7 = c7.plus(d1, times: v1)
            c8 = c8.plus(d2, times: v1)
            c9 = c9.plus(d3, times: v1)
            c10 = c10.plus(d4, times: v1)
            c11 = c11.plus(d5, times: v1)
            let v2 = loadChain(x.x2 + t)
            c12 = c12.plus(d0, times: v2)
            c13 = c13.plus(d1, times: v2)
            c14 = c14.plus(d2, times: v2)
            c15 = c15.plus(d3, times: v2)
            c16 = c16.plus(d4, times: v2)
            c17 = c17.plus(d5, times: v2)
            let v3 = loadChain(x.x3 + t)
            c18 = c18.plus(d0, times: v3)
            c19 = c19.plus(d1, times: v3)
            c20 = c20.plus(d2, times: v3)
            c21 = c21.plus(d3, times: v3)
            c22 = c22.plus(d4, times: v3)
            c23 = c23.plus(d5, times: v3)
        }

        @inline(__always)
        func store(_ held: UnsafeMutablePointer<ChainLanes>) {
            (held[0], held[1], held[2], held[3]) = (c0, c1, c2, c3)
            (held[4], held[5], held[6], held[7]) = (c4, c5, c6, c7)
            (held[8], held[9], held[10], held[11]) = (c8, c9, c10, c11)
            (held[12], held[13], held[14], held[15]) = (c12, c13, c14, c15)
            (held[16], held[17], held[18], held[19]) = (c16, c17, c18, c19)
            (held[20], held[21], held[22], held[23]) = (c20, c21, c22, c23)
        }
    }
#else
    private let tileRows = 2

    /// 8 chains, a half of each in registers at a time, [column][row].
    private struct TileChains {
        private var c0, c1, c2, c3, c4, c5, c6, c7: ChainLanes

        @inline(__always)
        init() {
            (c0, c1, c2, c3) = (.zero, .zero, .zero, .zero)
            (c4, c5, c6, c7) = (.zero, .zero, .zero, .zero)
        }

        @inline(__always)
        init(_ held: UnsafePointer<ChainLanes>) {
            (c0, c1, c2, c3) = (held[0], held[1], held[2], held[3])
            (c4, c5, c6, c7) = (held[4], held[5], held[6], held[7])
        }

        @inline(__always)
        mutating func add(_ d: UnsafePointer<Float>, _ x: TileInputs, _ t: Int) {
            let d0 = loadChain(d)
            let d1 = loadChain(d + x.s1)
            let v0 = loadChain(x.x0 + t)
            c0 = c0.plus(d0, times: v0)
            c1 = c1.plus(d1, times: v0)
            let v1 = loadChain(x.x1 + t)
            c2 = c2.plus(d0, times: v1)
            c3 = c3.plus(d1, times: v1)
            let v2 = loadChain(x.x2 + t)
            c4 = c4.plus(d0, times: v2)
            c5 = c5.plus(d1, times: v2)
            let v3 = loadChain(x.x3 + t)
            c6 = c6.plus(d0, times: v3)
            c7 = c7.plus(d1, times: v3)
        }

        @inline(__always)
        func store(_ held: UnsafeMutablePointer<ChainLanes>) {
            (held[0], held[1], held[2], held[3]) = (c0, c1, c2, c3)
            (held[4], held[5], held[6], held[7]) = (c4, c5, c6, c7)
        }
    }
#endif
