// Weight gradient of a linear layer only where weights are: dvalue[p] = Σ over panels and lanes of dy[i, run] · x[offset[p] + run].
// dy of a row stays in registers while its nonzeros pass, so that a multiply-add is one load. Chains of eight nonzeros follow one
// another, which hides their latency. Those of an image are elsewhere (`ImageDots.swift`).

/// The gradient of every weight of some blocks of rows of a linear layer.
/// - Parameters:
///   - gradient: (nnz) in the canonical order; overwritten.
///   - gradientRowFloats: floats from one row of dy to the next.
/// - Complexity: O(nnz of the rows × floats of all panels).
package func sampledDot(
    _ pattern: TiledRows, gradient: UnsafeMutablePointer<Float>, sweep: Sweep, panels: Int, blocks: Range<Int>,
    input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, gradientRowFloats: Int
) {
    sweep.withAllGroups(panels: panels) { groups in
        withScratch(of: Float.self, capacity: piece * 16) { chains in
            let dot = SampledDot(
                pattern: pattern, gradient: gradient, groups: groups, chains: chains.baseAddress!, blocks: blocks,
                input: input, outputGradient: outputGradient, gradientRowFloats: gradientRowFloats,
                x: AnyDistances(next: sweep.inputStride, high: 0), dy: AnyDistances(next: sweep.outputStride, high: 0),
                tileBytes: sweep.tileBytes)
            for tile in 0..<pattern.tiles { dot.tile(tile) }
        }
    }
}

/// Nonzeros of a row whose chains wait in memory together, where they come back to it: for the upper lanes with AVX2, for
/// more samples than the registers hold. Their inputs should stay in the first-level cache.
private let piece = 32

/// Nonzeros of one part of a tile, some of a row at a time.
private struct Pieces {
    let pattern: TiledRows
    let entries: Range<Int>
    let part: Int
    let parts: Int

    @inline(__always)
    func forEach(_ body: (_ row: Int, _ nonzeros: Range<Int>) -> Void) {
        for entry in entries {
            let row = Int(pattern.entryRows.pointer[entry])
            let start = Int(pattern.entryStarts.pointer[entry]), last = Int(pattern.entryStarts.pointer[entry &+ 1])
            var nonzero = start &+ from(part, last &- start)
            let end = start &+ from(part &+ 1, last &- start)
            while nonzero < end {
                let next = min(nonzero &+ piece, end)
                body(row, nonzero..<next)
                nonzero = next
            }
        }
    }

    /// The first nonzero of a part, by eights; nonzeros ascend, so a part reads about the same inputs in every row.
    @inline(__always)
    private func from(_ part: Int, _ count: Int) -> Int {
        if part == 0 { return 0 }
        return part == parts ? count : part &* count / parts & ~7
    }
}

private struct SampledDot {
    let pattern: TiledRows
    let gradient: UnsafeMutablePointer<Float>
    let groups: UnsafeBufferPointer<ChunkGroup>
    let chains: UnsafeMutablePointer<Float>
    let blocks: Range<Int>
    let input: UnsafePointer<Float>
    let outputGradient: UnsafePointer<Float>
    let gradientRowFloats: Int
    let x: AnyDistances
    let dy: AnyDistances
    /// Bytes of x that rows go over again and again.
    let tileBytes: Int

    /// What a tile reads is a cache's of some of the samples. Here all of them pass, so rows go over it part by part, each with
    /// some twenty nonzeros of a row: of fewer, dy is loaded again for too little.
    func tile(_ tile: Int) {
        let entries = pattern.entries(tile: tile, blocks: blocks)
        guard !entries.isEmpty else { return }
        let nonzeros = pattern.nonzeros(tile: tile, blocks: blocks).count
        let chunks = groups.reduce(0) { $0 + $1.chunks }
        let wanted = (pattern.tiling.inputsPerTile * chunks * 64 + tileBytes - 1) / tileBytes
        let parts = max(1, min(wanted, nonzeros / (20 * entries.count)))
        for part in 0..<parts { self.part(part, of: parts, entries) }
    }

    private func part(_ part: Int, of parts: Int, _ entries: Range<Int>) {
        let pieces = Pieces(pattern: pattern, entries: entries, part: part, parts: parts)
        // Of up to 128 samples all of dy is held, and each row is one call.
        if let both = pair(at: 0), groups.count == 2 {
            if x.next == 16 {
                rows(Row8.self, pieces, TwoPanels(high: both.x), both.dy)
            } else {
                rows(Row8.self, pieces, AnyDistances(next: x.next, high: both.x), both.dy)
            }
        } else if groups.count == 1 {
            switch groups[0].chunks {
            case 1: rows(Row1.self, pieces, x, 0)
            case 2: rows(Row2.self, pieces, x, 0)
            default: rows(Row4.self, pieces, x, 0)
            }
        } else {
            pieces.forEach { row, nonzeros in
                var group = 0
                while group < groups.count {
                    let both = pair(at: group)
                    let last = group &+ (both == nil ? 1 : 2) == groups.count
                    chunks(row, nonzeros, at: group, both, isFirst: group == 0, isLast: last)
                    group &+= both == nil ? 1 : 2
                }
            }
        }
    }

    /// Two groups of four chunks from `group` on, as one: from the one to the other in x and in dy.
    private func pair(at group: Int) -> (x: Int, dy: Int)? {
        guard group + 1 < groups.count, groups[group].chunks == 4, groups[group + 1].chunks == 4 else { return nil }
        return (
            groups[group + 1].input - groups[group].input, groups[group + 1].output - groups[group].output
        )
    }

    /// All chunks of whole rows.
    @inline(never)
    private func rows<R: RowInRegisters>(
        _ held: R.Type, _ pieces: Pieces, _ xSteps: some Distances, _ dyHigh: Int
    ) {
        pieces.forEach {
            chunks(held, $0, $1, groups[0], xSteps, dyHigh, isFirst: true, isLast: true)
        }
    }

    @inline(never)
    private func chunks(
        _ row: Int, _ nonzeros: Range<Int>, at group: Int, _ both: (x: Int, dy: Int)?, isFirst: Bool, isLast: Bool
    ) {
        if let both {
            let steps = AnyDistances(next: x.next, high: both.x)
            return chunks(Row8.self, row, nonzeros, groups[group], steps, both.dy, isFirst: isFirst, isLast: isLast)
        }
        switch groups[group].chunks {
        case 1: chunks(Row1.self, row, nonzeros, groups[group], x, 0, isFirst: isFirst, isLast: isLast)
        case 2: chunks(Row2.self, row, nonzeros, groups[group], x, 0, isFirst: isFirst, isLast: isLast)
        default: chunks(Row4.self, row, nonzeros, groups[group], x, 0, isFirst: isFirst, isLast: isLast)
        }
    }

    /// Some chunks of some nonzeros of a row.
    @inline(__always)
    private func chunks<R: RowInRegisters>(
        _ held: R.Type, _ row: Int, _ nonzeros: Range<Int>, _ group: ChunkGroup, _ xSteps: some Distances,
        _ dyHigh: Int, isFirst: Bool, isLast: Bool
    ) {
        let offsets = pattern.offsets.pointer
        let line = outputGradient + (row &* gradientRowFloats &+ group.output)
        // A chain that nobody comes back to needs no place of its own.
        let placed = isFirst && isLast && ChainLanes.scalarCount == 16 ? 0 : 16
        var lane = 0
        while lane < 16 {
            let dy = R(line + lane, AnyDistances(next: dy.next, high: dyHigh))
            let x = input + (group.input &+ lane)
            let ends = isLast && lane &+ ChainLanes.scalarCount == 16
            var nonzero = nonzeros.lowerBound
            var place = chains
            while nonzero &+ 8 <= nonzeros.upperBound {
                var sums = isFirst ? Eight() : Eight(place + lane)
                let from = offsets + nonzero
                dy.add(&sums.c0, x + Int(from[0]) &* 16, xSteps)
                dy.add(&sums.c1, x + Int(from[1]) &* 16, xSteps)
                dy.add(&sums.c2, x + Int(from[2]) &* 16, xSteps)
                dy.add(&sums.c3, x + Int(from[3]) &* 16, xSteps)
                dy.add(&sums.c4, x + Int(from[4]) &* 16, xSteps)
                dy.add(&sums.c5, x + Int(from[5]) &* 16, xSteps)
                dy.add(&sums.c6, x + Int(from[6]) &* 16, xSteps)
                dy.add(&sums.c7, x + Int(from[7]) &* 16, xSteps)
                // At once: many trees after one another would leave the multiply-adds waiting.
                if ends { sums.treeSums(lowerLanes: place, to: gradient + nonzero) } else { sums.store(place + lane) }
                place += 8 &* placed
                nonzero &+= 8
            }
            while nonzero < nonzeros.upperBound {
                var sum = isFirst ? ChainLanes.zero : loadChain(place + lane)
                dy.add(&sum, x + Int(offsets[nonzero]) &* 16, xSteps)
                if ends {
                    gradient[nonzero] = treeSum(sum, lowerLanes: place)
                } else {
                    storeChain(sum, place + lane)
                }
                place += placed
                nonzero &+= 1
            }
            lane &+= ChainLanes.scalarCount
        }
    }
}
