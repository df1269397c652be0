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
        init(_ memory: UnsafePointer<Float>) {
            (c0, c1, c2, c3) = (
                loadChain(memory + 0), loadChain(memory + 16), loadChain(memory + 32), loadChain(memory + 48)
            )
            (c4, c5, c6, c7) = (
                loadChain(memory + 64), loadChain(memory + 80), loadChain(memory + 96), loadChain(memory + 112)
            )
            (c8, c9, c10, c11) = (
                loadChain(memory + 128), loadChain(memory + 144), loadChain(memory + 160), loadChain(memory + 176)
            )
            (c12, c13, c14, c15) = (
                loadChain(memory + 192), loadChain(memory + 208), loadChain(memory + 224), loadChain(memory + 240)
            )
            (c16, c17, c18, c19) = (
                loadChain(memory + 256), loadChain(memory + 272), loadChain(memory + 288), loadChain(memory + 304)
            )
            (c20, c21, c22, c23) = (
                loadChain(memory + 320), loadChain(memory + 336), loadChain(memory + 352), loadChain(memory + 368)
            )
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
        func store(_ memory: UnsafeMutablePointer<Float>) {
            storeChain(c0, memory + 0)
            storeChain(c1, memory + 16)
            storeChain(c2, memory + 32)
            storeChain(c3, memory + 48)
            storeChain(c4, memory + 64)
            storeChain(c5, memory + 80)
            storeChain(c6, memory + 96)
            storeChain(c7, memory + 112)
            storeChain(c8, memory + 128)
            storeChain(c9, memory + 144)
            storeChain(c10, memory + 160)
            storeChain(c11, memory + 176)
            storeChain(c12, memory + 192)
            storeChain(c13, memory + 208)
            storeChain(c14, memory + 224)
            storeChain(c15, memory + 240)
            storeChain(c16, memory + 256)
            storeChain(c17, memory + 272)
            storeChain(c18, memory + 288)
            storeChain(c19, memory + 304)
            storeChain(c20, memory + 320)
            storeChain(c21, memory + 336)
            storeChain(c22, memory + 352)
            storeChain(c23, memory + 368)
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
        init(_ memory: UnsafePointer<Float>) {
            (c0, c1, c2, c3) = (
                loadChain(memory + 0), loadChain(memory + 16), loadChain(memory + 32), loadChain(memory + 48)
            )
            (c4, c5, c6, c7) = (
                loadChain(memory + 64), loadChain(memory + 80), loadChain(memory + 96), loadChain(memory + 112)
            )
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
        func store(_ memory: UnsafeMutablePointer<Float>) {
            storeChain(c0, memory + 0)
            storeChain(c1, memory + 16)
            storeChain(c2, memory + 32)
            storeChain(c3, memory + 48)
            storeChain(c4, memory + 64)
            storeChain(c5, memory + 80)
            storeChain(c6, memory + 96)
            storeChain(c7, memory + 112)
        }
    }
#endif
