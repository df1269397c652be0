// Weight gradient only where weights are: dvalue[p] = Σ over panels, positions and lanes of dy[i, run] · x[offset[p] + run].
// Eight nonzeros of a row run side by side, which hides the latency of a chain and shares each load of dy.
//
// An image does not stay in the first-level cache while a nonzero passes over it. So the positions are cut into
// segments of a few image rows, and all nonzeros of a block pass over one segment before the next; their chains, 64
// bytes each, wait in memory meanwhile. A linear layer is one segment, and its chains never leave the registers.

/// The gradient of every weight of some blocks of rows.
/// - Parameters:
///   - gradient: (nnz) in the canonical order; overwritten.
///   - rows: of the blocks.
///   - reach: what they read of x.
///   - gradientRowFloats: floats from one row of dy to the next.
/// - Complexity: O(nnz of the rows × floats of all panels).
package func sampledDot(
    _ pattern: TiledRows, gradient: UnsafeMutablePointer<Float>, sweep: Sweep, panels: Int, blocks: Range<Int>,
    rows: Range<Int>, reach: Reach, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    gradientRowFloats: Int
) {
    sweep.withAllGroups(panels: panels) { groups in
        let segment = sweep.groupsPerSegment
        let dot = SampledDot(
            pattern: pattern, gradient: gradient, inputStride: sweep.inputStride, outputStride: sweep.outputStride,
            blocks: blocks, input: input, outputGradient: outputGradient, gradientRowFloats: gradientRowFloats)
        let pieces = PieceWalk(
            sweep: sweep, groups: groups, reach: reach, x: input,
            y: outputGradient + rows.lowerBound * gradientRowFloats, rows: rows.count,
            outputRowFloats: gradientRowFloats)
        if segment >= groups.count {
            for tile in 0..<pattern.tiles { dot.wholeTile(tile, groups) }
        } else {
            var tile = 0
            while tile < pattern.tiles {
                // As many tiles at once as chains stay in the second-level cache.
                var end = tile + 1
                var nonzeros = pattern.nonzeros(tile: tile, blocks: blocks).count
                while end < pattern.tiles {
                    let more = pattern.nonzeros(tile: end, blocks: blocks).count
                    if nonzeros + more > 4_096 { break }
                    nonzeros += more
                    end += 1
                }
                if nonzeros > 8_192 {
                    dot.wholeTile(tile, groups)
                } else {
                    dot.segmented(tile..<end, nonzeros, groups, segment, pieces)
                }
                tile = end
            }
        }
    }
}

private struct SampledDot {
    let pattern: TiledRows
    let gradient: UnsafeMutablePointer<Float>
    let inputStride: Int
    let outputStride: Int
    let blocks: Range<Int>
    let input: UnsafePointer<Float>
    let outputGradient: UnsafePointer<Float>
    let gradientRowFloats: Int

    @inline(__always)
    func wholeTile(_ tile: Int, _ groups: UnsafeBufferPointer<ChunkGroup>) {
        withScratch(of: Float.self, capacity: 8 * 16 + 8) { scratch in
            let chains = scratch.baseAddress!
            let sums = chains + 128
            var ahead = Ahead()
            walk(tile, &ahead) { first, held, dy in
                dots8(first, held, dy, groups, chains, isFirst: true)
                if held == 8 {
                    treeSums(chains, to: gradient + first)
                } else {
                    treeSums(chains, to: sums)
                    for index in 0..<held { gradient[first &+ index] = sums[index] }
                }
            } few: { leftovers, held in
                dots4(leftovers, held, groups, chains, at: { $0 &* 16 }, isFirst: true)
                treeSums(chains, to: sums)
                for index in 0..<held { gradient[leftovers[index].nonzero] = sums[index] }
            }
        }
    }

    @inline(__always)
    func segmented(
        _ tiles: Range<Int>, _ nonzeros: Int, _ groups: UnsafeBufferPointer<ChunkGroup>, _ segment: Int,
        _ pieces: PieceWalk
    ) {
        let calls = tiles.reduce(0) { $0 + pattern.entries(tile: $1, blocks: blocks).count }
        // Eight chains more, for the last sums are taken eight at a time.
        withScratch(of: Float.self, capacity: (nonzeros + 8) * 16 + 8) { scratch in
            let chains = scratch.baseAddress!
            var start = 0
            while start < groups.count {
                let end = min(groups.count, start + segment)
                let here = UnsafeBufferPointer(rebasing: groups[start..<end])
                var ahead = pieces.ahead(of: start, count: segment, calls: calls)
                var before = 0
                for tile in tiles {
                    let range = pattern.nonzeros(tile: tile, blocks: blocks)
                    // Chain of nonzero p: `before` of the tiles passed, and its place in this one.
                    let first = before - range.lowerBound
                    walk(tile, &ahead) { nonzero, held, dy in
                        dots8(nonzero, held, dy, here, chains + (first &+ nonzero) &* 16, isFirst: start == 0)
                    } few: { leftovers, held in
                        dots4(
                            leftovers, held, here, chains, at: { (first &+ leftovers[$0].nonzero) &* 16 },
                            isFirst: start == 0)
                    }
                    before += range.count
                }
                start = end
            }
            let sums = chains + (nonzeros + 8) * 16
            var before = 0
            for tile in tiles {
                let range = pattern.nonzeros(tile: tile, blocks: blocks)
                var done = 0
                while done < range.count {
                    let held = min(8, range.count - done)
                    treeSums(chains + (before + done) * 16, to: sums)
                    for index in 0..<held { gradient[range.lowerBound + done + index] = sums[index] }
                    done += held
                }
                before += range.count
            }
        }
    }

    /// Calls `eight` with five to eight nonzeros of one row at a time, and `few` with up to four left over, of whatever
    /// rows of the tile: one or two alone would wait for their own chain.
    @inline(__always)
    private func walk(
        _ tile: Int, _ ahead: inout Ahead, eight: (_ first: Int, _ held: Int, _ dy: UnsafePointer<Float>) -> Void,
        few: (UnsafeMutableBufferPointer<Leftover>, _ held: Int) -> Void
    ) {
        withScratch(of: Leftover.self, capacity: 4) { leftovers in
            var left = 0
            for entry in pattern.entries(tile: tile, blocks: blocks) {
                ahead.next()
                let dy = outputGradient + Int(pattern.entryRows.pointer[entry]) &* gradientRowFloats
                let to = Int(pattern.entryStarts.pointer[entry &+ 1])
                var nonzero = Int(pattern.entryStarts.pointer[entry])
                while to &- nonzero > 4 {
                    let held = min(8, to &- nonzero)
                    eight(nonzero, held, dy)
                    nonzero &+= held
                }
                while nonzero < to {
                    leftovers[left] = Leftover(nonzero: nonzero, dy: dy)
                    left &+= 1
                    nonzero &+= 1
                    if left == 4 {
                        few(leftovers, left)
                        left = 0
                    }
                }
            }
            if left > 0 { few(leftovers, left) }
        }
    }

    @inline(__always)
    private func dots8(
        _ first: Int, _ held: Int, _ dy: UnsafePointer<Float>, _ groups: UnsafeBufferPointer<ChunkGroup>,
        _ chains: UnsafeMutablePointer<Float>, isFirst: Bool
    ) {
        let x = Inputs8(input, pattern.offsets.pointer + first, held)
        let (si, so) = (inputStride, outputStride)
        var lane = 0
        while lane < 16 {
            var sums = isFirst ? Chains8() : Chains8(chains + lane, held)
            for group in groups {
                var t = group.input &+ lane
                var d = dy + (group.output &+ lane)
                var left = group.chunks
                repeat {
                    sums.add(d, x, t)
                    t &+= si
                    d += so
                    left &-= 1
                } while left > 0
            }
            sums.store(chains + lane, held)
            lane &+= ChainLanes.scalarCount
        }
    }

    @inline(__always)
    private func dots4(
        _ leftovers: UnsafeMutableBufferPointer<Leftover>, _ held: Int, _ groups: UnsafeBufferPointer<ChunkGroup>,
        _ chains: UnsafeMutablePointer<Float>, at place: (Int) -> Int, isFirst: Bool
    ) {
        // Missing ones repeat the last; their sums are not stored.
        let last = held &- 1
        let n0 = leftovers[0], n1 = leftovers[min(1, last)], n2 = leftovers[min(2, last)], n3 = leftovers[last]
        let offsets = pattern.offsets.pointer
        let x0 = input + Int(offsets[n0.nonzero]) &* 16
        let x1 = input + Int(offsets[n1.nonzero]) &* 16
        let x2 = input + Int(offsets[n2.nonzero]) &* 16
        let x3 = input + Int(offsets[n3.nonzero]) &* 16
        let d0 = n0.dy, d1 = n1.dy, d2 = n2.dy, d3 = n3.dy
        var lane = 0
        while lane < 16 {
            @inline(__always)
            func begin(_ index: Int) -> ChainLanes {
                isFirst ? .zero : loadChain(chains + place(min(index, last)) + lane)
            }
            var c0 = begin(0), c1 = begin(1), c2 = begin(2), c3 = begin(3)
            for group in groups {
                var t = group.input &+ lane
                var r = group.output &+ lane
                var chunk = 0
                while chunk < group.chunks {
                    c0 = c0.plus(loadChain(d0 + r), times: loadChain(x0 + t))
                    c1 = c1.plus(loadChain(d1 + r), times: loadChain(x1 + t))
                    c2 = c2.plus(loadChain(d2 + r), times: loadChain(x2 + t))
                    c3 = c3.plus(loadChain(d3 + r), times: loadChain(x3 + t))
                    t &+= inputStride
                    r &+= outputStride
                    chunk &+= 1
                }
            }
            storeChain(c0, chains + place(0) + lane)
            if held > 1 { storeChain(c1, chains + place(1) + lane) }
            if held > 2 { storeChain(c2, chains + place(2) + lane) }
            if held > 3 { storeChain(c3, chains + place(3) + lane) }
            lane &+= ChainLanes.scalarCount
        }
    }
}

private struct Leftover {
    let nonzero: Int
    let dy: UnsafePointer<Float>
}
