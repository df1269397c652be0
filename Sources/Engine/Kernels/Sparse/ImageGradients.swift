// Both gradients of an image's sparse layer in one pass over dy. x and the sums of dx at up to fourteen positions, with AVX2
// six, stay in registers while the nonzeros of a channel stream by, and each number of dy that is loaded serves two
// multiply-adds: dx += w · dy, and dW += x · dy. One pass after the other loads a number for each, and dy twice.
//
// The sums are those of the two passes, in the same order: dx a channel's nonzeros ascending, dW positions ascending.
// The sampled dot adds zeros where x is in its border, this kernel where dy is in its: that changes no bit but the sign of a
// sum so small that it is zero.

extension WeightMap {
    /// Where dx has many more points than dy has (a convolution without padding), the chains run over points at which dy is
    /// border; and in short runs of points a chain is loaded and stored for little. The passes one after the other are
    /// faster there: with 256 channels of 4 × 4 by an eighth.
    package var prefersBothGradients: Bool {
        guard input.lanes == 16, !positions.isFlat, !phases[0].sweep.isFlat else { return false }
        let (x, dy) = (inputGradient, outputGradient)
        let stride = window.stride
        let run = (x.width + stride.x - 1) / stride.x
        return 5 * x.height * x.width <= 7 * stride.y * stride.x * dy.height * dy.width
            && 2 * run >= 9 * ((run + longestPair - 1) / longestPair)
    }
}

extension SparsePattern {
    package var makesBothGradients: Bool {
        // Taps that read the border alone are in no phase.
        map.prefersBothGradients && transposed.reduce(0) { $0 + $1.rows.nnz } == nnz
    }

    package func gradients(
        _ values: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>,
        rows: Range<Int>, stores: Bool, panels: Int, strips: Range<Int>, input: UnsafePointer<Float>,
        outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
        wrote: (_ panel: Int, _ channels: Range<Int>) -> Void
    ) {
        func chains(_ tiles: Range<Int>, _ strips: Range<Int>) -> Int {
            var count = 0
            forEachPhase(of: tiles) { _, transposed, tiles in
                for tile in tiles { count += transposed.rows.nonzeros(tile: tile, blocks: strips).count }
            }
            return count
        }
        let tiles = transposed.reduce(0) { $0 + $1.rows.tiles }
        // As many strips as have so many chains, but one at least; and of one that has more, as many tiles.
        let most = map.caches.chainsOfBoth
        var strip = strips.lowerBound
        while strip < strips.upperBound {
            var end = strip + 1
            var held = chains(0..<tiles, strip..<end)
            while end < strips.upperBound {
                held += chains(0..<tiles, end..<end + 1)
                if held > most { break }
                end += 1
            }
            var tile = 0
            while tile < tiles {
                var last = tile + 1
                while last < tiles, chains(tile..<last + 1, strip..<end) <= most { last += 1 }
                let isFirst = strip == strips.lowerBound && tile == 0
                let count = chains(tile..<last, strip..<end)
                withScratch(of: Float.self, capacity: (count + 8) * 16 + 8) { scratch in
                    let pass = ImageGradients(
                        pattern: self, values: values, gradient: gradient, stores: stores, panels: panels,
                        tiles: tile..<last, strips: strip..<end, x: input, dy: outputGradient, dx: inputGradient,
                        chains: scratch.baseAddress!)
                    // The bias needs dy once.
                    RowSums.run(
                        bias, map: map, rows: isFirst ? rows : rows.lowerBound..<rows.lowerBound,
                        outputGradient: outputGradient
                    ) { sums in
                        for panel in 0..<panels {
                            pass.run(panel, isFirst ? sums : nil)
                            if last == tiles { wrote(panel, map.channels(ofStrips: strip..<end)) }
                        }
                    }
                    pass.sum(count)
                }
                tile = last
            }
            strip = end
        }
    }

    /// The tiles of all phases stand after one another; calls `body` with each phase that has some of these, and which.
    @inline(__always)
    fileprivate func forEachPhase(
        of tiles: Range<Int>, _ body: (WeightMap.Phase, Transposed, _ tiles: Range<Int>) -> Void
    ) {
        var first = 0
        for (phase, transposed) in zip(map.phases, transposed) {
            let held = tiles.clamped(to: first..<first + transposed.rows.tiles)
            if !held.isEmpty { body(phase, transposed, held.lowerBound - first..<held.upperBound - first) }
            first += transposed.rows.tiles
        }
    }
}

private struct ImageGradients {
    let pattern: SparsePattern
    let values: UnsafePointer<Float>
    let gradient: UnsafeMutablePointer<Float>
    /// Whether dx is overwritten.
    let stores: Bool
    let panels: Int
    let tiles: Range<Int>
    let strips: Range<Int>
    let x: UnsafePointer<Float>
    let dy: UnsafePointer<Float>
    let dx: UnsafeMutablePointer<Float>
    /// Sixteen lanes for each nonzero: phase by phase, tile by tile, in the order of the transposed pattern.
    let chains: UnsafeMutablePointer<Float>

    private var map: WeightMap { pattern.map }

    /// One panel. `sums` adds up dy, where it is wanted.
    func run(_ panel: Int, _ sums: RowSums?) {
        let channels = map.channels(ofStrips: strips)
        var before = 0
        // The first phase adds them all.
        var sums = sums
        pattern.forEachPhase(of: tiles) { phase, transposed, tiles in
            let pattern = transposed.rows
            let beginnings = RowBeginnings(
                pattern, blocks: strips, rows: channels, start: stores && tiles.lowerBound == 0 ? .zero : .added)
            phase.both.withUnit(panel, panels: panels) { groups, dyStart, dxStart in
                phase.inputs.withUnit(panel, panels: panels) { inputs, xStart, _ in
                    let dy = dy + dyStart, dx = dx + dxStart, x = x + xStart
                    let reach = map.reach(ofChannels: channels, phase)
                    let walk = PieceWalk(
                        sweep: phase.both, groups: groups, reach: reach, x: dy,
                        y: dx + channels.lowerBound * map.inputGradientRowFloats, rows: channels.count,
                        outputRowFloats: map.inputGradientRowFloats)
                    let inputWalk = PieceWalk(
                        sweep: phase.inputs, groups: inputs, reach: map.reach(ofInputs: channels), x: x, y: x, rows: 0,
                        outputRowFloats: 0, beside: walk)
                    for (number, group) in groups.enumerated() {
                        sums?.add(of: map, panel, panels, part: number, of: groups.count)
                        let inside = pattern.tiling.tiles(ofKernelRows: group.kernelRows).clamped(to: tiles)
                        let calls = pattern.entryCount(tiles: inside, blocks: strips)
                        var ahead = walk.ahead(of: number, calls: calls)
                        var inputAhead = inputWalk.ahead(of: number, calls: calls)
                        var begins = beginnings.begin(
                            group, tiles: inside, sweep: phase.both, y: dx, rowFloats: map.inputGradientRowFloats)
                        let isFirst = panel == 0 && number == 0
                        var chains = chains + before * 16
                        for tile in tiles {
                            let nonzeros = pattern.nonzeros(tile: tile, blocks: strips)
                            if inside.contains(tile) {
                                let piece = Piece(
                                    dy: dy + group.input, x: x + inputs[number].input, dx: dx + group.output,
                                    xStride: phase.inputs.inputStride, dxStride: phase.both.outputStride,
                                    chains: chains - nonzeros.lowerBound * 16, isFirst: isFirst, begins: begins)
                                pass(transposed, tile, group.chunks, piece, &ahead, &inputAhead)
                                begins = false
                            } else if isFirst {
                                chains.update(repeating: 0, count: nonzeros.count * 16)
                            }
                            chains += nonzeros.count * 16
                        }
                    }
                }
            }
            before += tiles.reduce(0) { $0 + pattern.nonzeros(tile: $1, blocks: strips).count }
            sums = nil
        }
    }

    /// Where a group of positions lies, and how its sums begin.
    private struct Piece {
        let dy: UnsafePointer<Float>
        let x: UnsafePointer<Float>
        let dx: UnsafeMutablePointer<Float>
        let xStride: Int
        let dxStride: Int
        /// That of nonzero p lies at 16 · p.
        let chains: UnsafeMutablePointer<Float>
        /// Whether the chains begin.
        let isFirst: Bool
        /// Whether dx begins from zero.
        let begins: Bool
    }

    @inline(__always)
    private func pass(
        _ transposed: SparsePattern.Transposed, _ tile: Int, _ points: Int, _ piece: Piece, _ ahead: inout Ahead,
        _ inputAhead: inout Ahead
    ) {
        switch points {
        case 1: rows(PointPair.self, transposed, tile, piece, &ahead, &inputAhead)
        case 2: rows(PointPairs2.self, transposed, tile, piece, &ahead, &inputAhead)
        case 3: rows(PointPairs3.self, transposed, tile, piece, &ahead, &inputAhead)
        case 4: rows(PointPairs4.self, transposed, tile, piece, &ahead, &inputAhead)
        case 5: rows(PointPairs5.self, transposed, tile, piece, &ahead, &inputAhead)
        #if ESPALIER_AVX512
            case 7: rows(PointPairs7.self, transposed, tile, piece, &ahead, &inputAhead)
            case 8: rows(PointPairs8.self, transposed, tile, piece, &ahead, &inputAhead)
            case 9: rows(PointPairs9.self, transposed, tile, piece, &ahead, &inputAhead)
            case 10: rows(PointPairs10.self, transposed, tile, piece, &ahead, &inputAhead)
            case 11: rows(PointPairs11.self, transposed, tile, piece, &ahead, &inputAhead)
            case 12: rows(PointPairs12.self, transposed, tile, piece, &ahead, &inputAhead)
            case 13: rows(PointPairs13.self, transposed, tile, piece, &ahead, &inputAhead)
            case 14: rows(PointPairs14.self, transposed, tile, piece, &ahead, &inputAhead)
        #endif
        default: rows(PointPairs6.self, transposed, tile, piece, &ahead, &inputAhead)
        }
    }

    @inline(never)
    private func rows<C: PointPairs>(
        _ pairs: C.Type, _ transposed: SparsePattern.Transposed, _ tile: Int, _ piece: Piece, _ ahead: inout Ahead,
        _ inputAhead: inout Ahead
    ) {
        let entries = transposed.rows.entries(tile: tile, blocks: strips)
        let entryRows = transposed.rows.entryRows.pointer
        let entryStarts = transposed.rows.entryStarts.pointer
        let offsets = transposed.rows.offsets.pointer
        let positions = transposed.positions.pointer
        let values = values
        let xFloats = map.input.plane &* 16, dxFloats = map.inputGradientRowFloats
        var entry = entries.lowerBound
        while entry < entries.upperBound {
            let channel = Int(entryRows[entry])
            let start = Int(entryStarts[entry]), end = Int(entryStarts[entry &+ 1])
            var lane = 0
            while lane < 16 {
                let line = piece.dx + (channel &* dxFloats &+ lane)
                let dy = piece.dy + lane
                var pairs = C(
                    piece.x + (channel &* xFloats &+ lane), piece.begins ? nil : line, piece.xStride, piece.dxStride)
                var nonzero = start
                while nonzero < end {
                    let memory = piece.chains + (nonzero &* 16 &+ lane)
                    var chain = piece.isFirst ? .zero : loadChain(memory)
                    pairs.add(
                        &chain, ChainLanes(repeating: values[Int(positions[nonzero])]),
                        dy + Int(offsets[nonzero]) &* 16)
                    storeChain(chain, memory)
                    nonzero &+= 1
                }
                pairs.store(line, piece.dxStride)
                lane &+= ChainLanes.scalarCount
            }
            ahead.next()
            inputAhead.next()
            entry &+= 1
        }
    }

    /// Takes the sums of the chains to the gradient.
    func sum(_ count: Int) {
        // The last are taken eight at a time, too.
        let sums = chains + (count + 8) * 16
        var before = 0
        pattern.forEachPhase(of: tiles) { _, transposed, tiles in
            for tile in tiles {
                let range = transposed.rows.nonzeros(tile: tile, blocks: strips)
                for done in stride(from: 0, to: range.count, by: 8) {
                    treeSums(chains + (before + done) * 16, to: sums)
                    for index in 0..<min(8, range.count - done) {
                        gradient[Int(transposed.positions[range.lowerBound + done + index])] = sums[index]
                    }
                }
                before += range.count
            }
        }
    }
}

extension RowSums {
    /// Adds one of `parts` equal parts of a panel's groups: those that lie about where another walk of so many groups is.
    fileprivate func add(of map: WeightMap, _ panel: Int, _ panels: Int, part: Int, of parts: Int) {
        map.positions.withUnit(panel, panels: panels) { groups, _, start in
            for group in groups[part * groups.count / parts..<(part + 1) * groups.count / parts] {
                add(group.moved(input: 0, output: start))
            }
        }
    }
}
