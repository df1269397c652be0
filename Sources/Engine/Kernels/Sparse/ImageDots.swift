// The sampled dot of an image. Up to eight positions of dy, with AVX-512 sixteen, stay in registers while the nonzeros of
// a row stream by, as those of a gather kernel do; what is summed, 64 bytes a nonzero, waits in memory from one group of
// positions to the next. So x and dy are read once, a group of positions and a tile of channels at a time.

/// The gradient of every weight, and of the bias, of some blocks of rows of an image's layer.
/// - Parameters:
///   - gradient: (nnz) in the canonical order; overwritten.
///   - bias: (rows); overwritten.
/// - Complexity: O(nnz of the rows × floats of all panels).
func imageDots(
    _ pattern: TiledRows, map: WeightMap, gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>,
    panels: Int, blocks: Range<Int>, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
) {
    func nonzeros(_ tiles: Range<Int>, _ blocks: Range<Int>) -> Int {
        tiles.reduce(0) { $0 + pattern.nonzeros(tile: $1, blocks: blocks).count }
    }
    map.positions.withAllGroups(panels: panels) { groups in
        // As many blocks, and then tiles, as have chains that leave the second-level cache room for what they read, but one
        // of each at least.
        let most = map.caches.chains
        var block = blocks.lowerBound
        while block < blocks.upperBound {
            var end = block + 1
            while end < blocks.upperBound,
                (0..<pattern.tiles).allSatisfy({ nonzeros($0..<$0 + 1, block..<end + 1) <= most })
            {
                end += 1
            }
            let rows = map.rows(ofBlocks: block..<end)
            let pieces = PieceWalk(
                sweep: map.positions, groups: groups, reach: map.reach(ofRows: rows), x: input,
                y: outputGradient + rows.lowerBound * map.outputGradientRowFloats, rows: rows.count,
                outputRowFloats: map.outputGradientRowFloats)
            var tile = 0
            while tile < pattern.tiles {
                var last = tile + 1
                while last < pattern.tiles, nonzeros(tile..<last + 1, block..<end) <= most { last += 1 }
                let count = nonzeros(tile..<last, block..<end)
                withScratch(of: Float.self, capacity: (count + 8) * 16 + 8) { scratch in
                    let dots = ImageDots(
                        pattern: pattern, gradient: gradient, sweep: map.positions, tiles: tile..<last,
                        blocks: block..<end, input: input, outputGradient: outputGradient,
                        gradientRowFloats: map.outputGradientRowFloats, chains: scratch.baseAddress!)
                    // dy is read for all tiles, the bias needs it once.
                    if tile == 0 {
                        RowSums.run(bias, map: map, rows: rows, outputGradient: outputGradient) { sums in
                            dots.run(groups, pieces) { sums.add($0) }
                        }
                    } else {
                        dots.run(groups, pieces) { _ in }
                    }
                    dots.sum(count)
                }
                tile = last
            }
            block = end
        }
    }
}

private struct ImageDots {
    let pattern: TiledRows
    let gradient: UnsafeMutablePointer<Float>
    let sweep: Sweep
    let tiles: Range<Int>
    let blocks: Range<Int>
    let input: UnsafePointer<Float>
    let outputGradient: UnsafePointer<Float>
    let gradientRowFloats: Int
    /// Tile by tile, in the order of the nonzeros.
    let chains: UnsafeMutablePointer<Float>

    /// Calls `body` with each group before the nonzeros pass over it.
    @inline(__always)
    func run(_ groups: UnsafeBufferPointer<ChunkGroup>, _ pieces: PieceWalk, _ body: (ChunkGroup) -> Void) {
        for (number, group) in groups.enumerated() {
            let inside = pattern.tiling.tiles(ofKernelRows: group.kernelRows).clamped(to: tiles)
            var ahead = pieces.ahead(of: number, calls: pattern.entryCount(tiles: inside, blocks: blocks))
            body(group)
            var chains = chains
            for tile in tiles {
                let nonzeros = pattern.nonzeros(tile: tile, blocks: blocks)
                if inside.contains(tile) {
                    pass(tile, group, chains - nonzeros.lowerBound * 16, isFirst: number == 0, &ahead)
                } else if number == 0 {
                    chains.update(repeating: 0, count: nonzeros.count * 16)
                }
                chains += nonzeros.count * 16
            }
        }
    }

    private func pass(
        _ tile: Int, _ group: ChunkGroup, _ chains: UnsafeMutablePointer<Float>, isFirst: Bool, _ ahead: inout Ahead
    ) {
        if sweep.inputStride == 16 {
            pass(tile, group, Adjacent(), chains, isFirst, &ahead)
        } else {
            pass(tile, group, AnyDistances(next: sweep.inputStride, high: sweep.inputHigh), chains, isFirst, &ahead)
        }
    }

    @inline(__always)
    private func pass(
        _ tile: Int, _ group: ChunkGroup, _ from: some Distances, _ chains: UnsafeMutablePointer<Float>,
        _ isFirst: Bool, _ ahead: inout Ahead
    ) {
        switch group.chunks {
        case 1: rows(Point.self, tile, group, from, chains, isFirst, &ahead)
        case 2: rows(Points2.self, tile, group, from, chains, isFirst, &ahead)
        case 3: rows(Points3.self, tile, group, from, chains, isFirst, &ahead)
        case 4: rows(Points4.self, tile, group, from, chains, isFirst, &ahead)
        case 5: rows(Points5.self, tile, group, from, chains, isFirst, &ahead)
        case 6: rows(Points6.self, tile, group, from, chains, isFirst, &ahead)
        case 7: rows(Points7.self, tile, group, from, chains, isFirst, &ahead)
        #if ESPALIER_AVX512
            case 9: rows(Points9.self, tile, group, from, chains, isFirst, &ahead)
            case 10: rows(Points10.self, tile, group, from, chains, isFirst, &ahead)
            case 11: rows(Points11.self, tile, group, from, chains, isFirst, &ahead)
            case 12: rows(Points12.self, tile, group, from, chains, isFirst, &ahead)
            case 13: rows(Points13.self, tile, group, from, chains, isFirst, &ahead)
            case 14: rows(Points14.self, tile, group, from, chains, isFirst, &ahead)
            case 15: rows(Points15.self, tile, group, from, chains, isFirst, &ahead)
            case 16: rows(Points16.self, tile, group, from, chains, isFirst, &ahead)
        #endif
        default: rows(Points8.self, tile, group, from, chains, isFirst, &ahead)
        }
    }

    /// - Parameter chains: that of nonzero p lies at 16 · p.
    @inline(never)
    private func rows<P: Points>(
        _ points: P.Type, _ tile: Int, _ group: ChunkGroup, _ from: some Distances,
        _ chains: UnsafeMutablePointer<Float>, _ isFirst: Bool, _ ahead: inout Ahead
    ) {
        let entries = pattern.entries(tile: tile, blocks: blocks)
        let entryRows = pattern.entryRows.pointer
        let entryStarts = pattern.entryStarts.pointer
        let offsets = pattern.offsets.pointer
        let so = sweep.outputStride
        var entry = entries.lowerBound
        while entry < entries.upperBound {
            let start = Int(entryStarts[entry]), end = Int(entryStarts[entry &+ 1])
            let line = outputGradient + (Int(entryRows[entry]) &* gradientRowFloats &+ group.output)
            var lane = 0
            while lane < 16 {
                let dy = P(line + lane, so)
                let x = input + (group.input &+ lane)
                var nonzero = start
                // Four side by side, so that none waits for its own chain.
                while end &- nonzero >= 4 {
                    let chain = chains + (nonzero &* 16 &+ lane)
                    var four = isFirst ? Four() : Four(chain)
                    dy.add(
                        &four, x + Int(offsets[nonzero]) &* 16, x + Int(offsets[nonzero &+ 1]) &* 16,
                        x + Int(offsets[nonzero &+ 2]) &* 16, x + Int(offsets[nonzero &+ 3]) &* 16, from)
                    four.store(chain)
                    nonzero &+= 4
                }
                while nonzero < end {
                    let chain = chains + (nonzero &* 16 &+ lane)
                    let sum = dy.added(
                        to: isFirst ? .zero : loadChain(chain), x + Int(offsets[nonzero]) &* 16, from)
                    storeChain(sum, chain)
                    nonzero &+= 1
                }
                lane &+= ChainLanes.scalarCount
            }
            ahead.next()
            entry &+= 1
        }
    }

    /// Takes the sums of the chains to the gradient.
    func sum(_ count: Int) {
        // The last are taken eight at a time, too.
        let sums = chains + (count + 8) * 16
        var before = 0
        for tile in tiles {
            let range = pattern.nonzeros(tile: tile, blocks: blocks)
            for done in stride(from: 0, to: range.count, by: 8) {
                treeSums(chains + (before + done) * 16, to: sums)
                for index in 0..<min(8, range.count - done) {
                    gradient[range.lowerBound + done + index] = sums[index]
                }
            }
            before += range.count
        }
    }
}

/// Chains of four nonzeros that stand after one another.
private struct Four {
    var c0 = ChainLanes.zero, c1 = ChainLanes.zero, c2 = ChainLanes.zero, c3 = ChainLanes.zero

    @inline(__always)
    init() {}

    @inline(__always)
    init(_ memory: UnsafePointer<Float>) {
        (c0, c1) = (loadChain(memory), loadChain(memory + 16))
        (c2, c3) = (loadChain(memory + 32), loadChain(memory + 48))
    }

    @inline(__always)
    func store(_ memory: UnsafeMutablePointer<Float>) {
        storeChain(c0, memory)
        storeChain(c1, memory + 16)
        storeChain(c2, memory + 32)
        storeChain(c3, memory + 48)
    }
}

/// dy at a few positions after one another, in registers.
private protocol Points {
    static var count: Int { get }
    init(_ dy: UnsafePointer<Float>, _ stride: Int)
    /// The chain with dy · x of every position added, in ascending order.
    func added(to chain: ChainLanes, _ x: UnsafePointer<Float>, _ from: some Distances) -> ChainLanes
    /// The same for four chains.
    func add(
        _ chains: inout Four, _ x0: UnsafePointer<Float>, _ x1: UnsafePointer<Float>, _ x2: UnsafePointer<Float>,
        _ x3: UnsafePointer<Float>, _ from: some Distances)
}

private struct Point: Points {
    private let dy: ChainLanes
    static var count: Int { 1 }

    @inline(__always)
    init(_ dy: UnsafePointer<Float>, _ stride: Int) { self.dy = loadChain(dy) }

    @inline(__always)
    func added(to chain: ChainLanes, _ x: UnsafePointer<Float>, _ from: some Distances) -> ChainLanes {
        chain.plus(dy, times: loadChain(x))
    }

    @inline(__always)
    func add(
        _ chains: inout Four, _ x0: UnsafePointer<Float>, _ x1: UnsafePointer<Float>, _ x2: UnsafePointer<Float>,
        _ x3: UnsafePointer<Float>, _ from: some Distances
    ) {
        chains.c0 = chains.c0.plus(dy, times: loadChain(x0))
        chains.c1 = chains.c1.plus(dy, times: loadChain(x1))
        chains.c2 = chains.c2.plus(dy, times: loadChain(x2))
        chains.c3 = chains.c3.plus(dy, times: loadChain(x3))
    }
}

private struct Both<A: Points, B: Points>: Points {
    private let first: A
    private let second: B
    static var count: Int { A.count + B.count }

    @inline(__always)
    init(_ dy: UnsafePointer<Float>, _ stride: Int) {
        first = A(dy, stride)
        second = B(dy + A.count &* stride, stride)
    }

    @inline(__always)
    func added(to chain: ChainLanes, _ x: UnsafePointer<Float>, _ from: some Distances) -> ChainLanes {
        second.added(to: first.added(to: chain, x, from), x + A.count &* from.next, from)
    }

    @inline(__always)
    func add(
        _ chains: inout Four, _ x0: UnsafePointer<Float>, _ x1: UnsafePointer<Float>, _ x2: UnsafePointer<Float>,
        _ x3: UnsafePointer<Float>, _ from: some Distances
    ) {
        first.add(&chains, x0, x1, x2, x3, from)
        let next = A.count &* from.next
        second.add(&chains, x0 + next, x1 + next, x2 + next, x3 + next, from)
    }
}

private typealias Points2 = Both<Point, Point>
private typealias Points3 = Both<Points2, Point>
private typealias Points4 = Both<Points2, Points2>
private typealias Points5 = Both<Points4, Point>
private typealias Points6 = Both<Points4, Points2>
private typealias Points7 = Both<Points4, Points3>
private typealias Points8 = Both<Points4, Points4>
#if ESPALIER_AVX512
    private typealias Points9 = Both<Points8, Point>
    private typealias Points10 = Both<Points8, Points2>
    private typealias Points11 = Both<Points8, Points3>
    private typealias Points12 = Both<Points8, Points4>
    private typealias Points13 = Both<Points8, Points5>
    private typealias Points14 = Both<Points8, Points6>
    private typealias Points15 = Both<Points8, Points7>
    private typealias Points16 = Both<Points8, Points8>
#endif
