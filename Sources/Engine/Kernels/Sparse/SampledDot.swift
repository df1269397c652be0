// Weight gradient only where weights are: dvalue[p] = Σ over panels, positions and lanes of dy[i, run] · x[offset[p] + run].
// Eight nonzeros of a row run side by side, which hides the latency of a chain and shares each load of dy. The chains of a
// linear layer never leave the registers; those of an image do (`ImageDots.swift`).

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
        let dot = SampledDot(
            pattern: pattern, gradient: gradient, sweep: sweep, blocks: blocks, input: input,
            outputGradient: outputGradient, gradientRowFloats: gradientRowFloats)
        for tile in 0..<pattern.tiles { dot.tile(tile, groups) }
    }
}

private struct SampledDot {
    let pattern: TiledRows
    let gradient: UnsafeMutablePointer<Float>
    let sweep: Sweep
    let blocks: Range<Int>
    let input: UnsafePointer<Float>
    let outputGradient: UnsafePointer<Float>
    let gradientRowFloats: Int

    @inline(__always)
    func tile(_ tile: Int, _ groups: UnsafeBufferPointer<ChunkGroup>) {
        withScratch(of: Float.self, capacity: 8 * 16 + 8) { scratch in
            let chains = scratch.baseAddress!
            let sums = chains + 128
            walk(tile) { first, held, dy in
                let eight = Tile8(offsets: pattern.offsets.pointer + first, held: held, x: input, dy: dy)
                dots(OneByEight.self, eight, sweep, groups, chains)
                if held == 8 {
                    treeSums(chains, to: gradient + first)
                } else {
                    treeSums(chains, to: sums)
                    for index in 0..<held { gradient[first &+ index] = sums[index] }
                }
            } few: { nonzeros, rows, held in
                let last = held &- 1
                let four = Tile8(x: input) {
                    pattern.offsets[nonzeros[min($0, last)]]
                } row: {
                    outputGradient + rows[min($0, last)] &* gradientRowFloats
                }
                dots(FourSingles.self, four, sweep, groups, chains)
                treeSums(chains, to: sums)
                for index in 0..<held { gradient[nonzeros[index]] = sums[index] }
            }
        }
    }

    /// Calls `eight` with five to eight nonzeros of one row at a time, and `few` with up to four left over, of whatever
    /// rows of the tile: one or two alone would wait for their own chain.
    @inline(__always)
    private func walk(
        _ tile: Int, eight: (_ first: Int, _ held: Int, _ dy: UnsafePointer<Float>) -> Void,
        few: (_ nonzeros: UnsafePointer<Int>, _ rows: UnsafePointer<Int>, _ held: Int) -> Void
    ) {
        withScratch(of: Int.self, capacity: 8) { scratch in
            let nonzeros = scratch.baseAddress!
            let rows = nonzeros + 4
            var left = 0
            for entry in pattern.entries(tile: tile, blocks: blocks) {
                let row = Int(pattern.entryRows.pointer[entry])
                let dy = outputGradient + row &* gradientRowFloats
                let to = Int(pattern.entryStarts.pointer[entry &+ 1])
                var nonzero = Int(pattern.entryStarts.pointer[entry])
                while to &- nonzero > 4 {
                    let held = min(8, to &- nonzero)
                    eight(nonzero, held, dy)
                    nonzero &+= held
                }
                while nonzero < to {
                    nonzeros[left] = nonzero
                    rows[left] = row
                    left &+= 1
                    nonzero &+= 1
                    if left == 4 {
                        few(nonzeros, rows, left)
                        left = 0
                    }
                }
            }
            if left > 0 { few(nonzeros, rows, left) }
        }
    }
}
