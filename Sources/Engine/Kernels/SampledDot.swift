// Weight gradient only where weights are: dvalue[p] = Σ over panels, positions and lanes of dy[i, run] · x[offset[p] + run].
// Eight nonzeros of a row run side by side, which hides the latency of a chain and shares each load of dy.

/// The gradient of every weight of one block of rows.
/// - Parameters:
///   - gradient: (nnz) in the canonical order; overwritten.
///   - gradientRowFloats: floats from one row of dy to the next.
/// - Complexity: O(nnz of the rows × floats of all panels).
package func sampledDot(
    _ pattern: TiledRows, gradient: UnsafeMutablePointer<Float>, sweep: Sweep, panels: Int, block: Int,
    input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, gradientRowFloats: Int
) {
    sweep.withAllGroups(panels: panels) { groups in
        withScratch(of: ChainLanes.self, capacity: 8 * chainParts) { chains in
            chains.initialize(repeating: .zero)
            withScratch(of: Float.self, capacity: 8) { sums in
                dots(
                    pattern, gradient: gradient, sweep: sweep, groups: groups, block: block, input: input,
                    outputGradient: outputGradient, gradientRowFloats: gradientRowFloats, chains: chains.baseAddress!,
                    sums: sums.baseAddress!)
            }
        }
    }
}

@inline(__always)
private func dots(
    _ pattern: TiledRows, gradient: UnsafeMutablePointer<Float>, sweep: Sweep, groups: UnsafeBufferPointer<ChunkGroup>,
    block: Int,
    input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, gradientRowFloats: Int,
    chains: UnsafeMutablePointer<ChainLanes>, sums: UnsafeMutablePointer<Float>
) {
    let offsets = pattern.offsets.pointer
    withScratch(of: Leftover.self, capacity: 4) { leftovers in
        for tile in 0..<pattern.tiles {
            var left = 0
            for entry in pattern.entries(tile: tile, block: block) {
                let dy = outputGradient + Int(pattern.entryRows[entry]) &* gradientRowFloats
                let to = Int(pattern.entryStarts[entry + 1])
                var nonzero = Int(pattern.entryStarts[entry])
                while to &- nonzero > 4 {
                    let held = min(8, to &- nonzero)
                    dots8(Inputs8(input, offsets + nonzero, held), sweep, groups, dy, chains)
                    if held == 8 {
                        chainSums(chains, first: 0, count: 8, to: gradient + nonzero)
                    } else {
                        chainSums(chains, first: 0, count: 8, to: sums)
                        for index in 0..<held { gradient[nonzero &+ index] = sums[index] }
                    }
                    nonzero &+= held
                }
                while nonzero < to {
                    leftovers[left] = Leftover(nonzero: nonzero, dy: dy)
                    left &+= 1
                    nonzero &+= 1
                    if left == 4 {
                        dots4(leftovers, left, offsets, sweep, groups, input, chains, sums, gradient)
                        left = 0
                    }
                }
            }
            if left > 0 { dots4(leftovers, left, offsets, sweep, groups, input, chains, sums, gradient) }
        }
    }
}

/// A nonzero left over when its row was taken eight at a time, with its row of dy: four of them, of whatever rows of a
/// tile, run side by side, where one or two alone would wait for their own chain.
private struct Leftover {
    let nonzero: Int
    let dy: UnsafePointer<Float>
}

@inline(__always)
private func dots8(
    _ x: Inputs8, _ sweep: Sweep, _ groups: UnsafeBufferPointer<ChunkGroup>, _ dy: UnsafePointer<Float>,
    _ chains: UnsafeMutablePointer<ChainLanes>
) {
    let si = sweep.inputStride
    let so = sweep.outputStride
    var first = 0
    while first < groups.count {
        let last = groups.count &- first > chainSegment ? first &+ chainSegment : groups.count
        var part = 0
        while part < chainParts {
            let held = chains + part &* 8
            var sums = chainParts == 1 || first == 0 ? Chains8() : Chains8(held)
            let lane = part &* 8
            var number = first
            while number < last {
                let group = groups[number]
                let t = group.input &+ lane
                let d = dy + (group.output &+ lane)
                number &+= 1
                sums.add(d, x, t)
                if group.chunks == 1 { continue }
                sums.add(d + so, x, t &+ si)
                if group.chunks == 2 { continue }
                sums.add(d + 2 &* so, x, t &+ 2 &* si)
                sums.add(d + 3 &* so, x, t &+ 3 &* si)
            }
            sums.store(held)
            part &+= 1
        }
        first = last
    }
}

private func dots4(
    _ leftovers: UnsafeMutableBufferPointer<Leftover>, _ held: Int, _ offsets: UnsafePointer<UInt32>, _ sweep: Sweep,
    _ groups: UnsafeBufferPointer<ChunkGroup>, _ x: UnsafePointer<Float>, _ chains: UnsafeMutablePointer<ChainLanes>,
    _ results: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
) {
    // Missing ones repeat the last; their sums are not stored.
    let last = held &- 1
    let n0 = leftovers[0], n1 = leftovers[min(1, last)], n2 = leftovers[min(2, last)], n3 = leftovers[last]
    let x0 = x + Int(offsets[n0.nonzero]) &* 16
    let x1 = x + Int(offsets[n1.nonzero]) &* 16
    let x2 = x + Int(offsets[n2.nonzero]) &* 16
    let x3 = x + Int(offsets[n3.nonzero]) &* 16
    let d0 = n0.dy, d1 = n1.dy, d2 = n2.dy, d3 = n3.dy
    var part = 0
    while part < chainParts {
        var c0 = ChainLanes.zero, c1 = ChainLanes.zero, c2 = ChainLanes.zero, c3 = ChainLanes.zero
        let lane = part &* 8
        for group in groups {
            var t = group.input &+ lane
            var r = group.output &+ lane
            var chunk = 0
            while chunk < group.chunks {
                c0 = c0.plus(loadChain(d0 + r), times: loadChain(x0 + t))
                c1 = c1.plus(loadChain(d1 + r), times: loadChain(x1 + t))
                c2 = c2.plus(loadChain(d2 + r), times: loadChain(x2 + t))
                c3 = c3.plus(loadChain(d3 + r), times: loadChain(x3 + t))
                t &+= sweep.inputStride
                r &+= sweep.outputStride
                chunk &+= 1
            }
        }
        let sums = chains + part &* 8
        sums[0] = c0
        sums[1] = c1
        sums[2] = c2
        sums[3] = c3
        part &+= 1
    }
    chainSums(chains, first: 0, count: 8, to: results)
    for index in 0..<held { gradient[leftovers[index].nonzero] = results[index] }
}
