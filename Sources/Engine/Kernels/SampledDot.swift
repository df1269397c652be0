// Weight gradient only where weights are: dvalue[p] = Σ over panels, positions and lanes of dy[i, run] · x[offset[p] + run].
// Each nonzero is one chain of fused multiply-adds, folded modulo 8 lanes, then the fixed tree of 8. Eight nonzeros
// of a row run side by side, which hides the latency of the chain and shares each load of dy.

/// The gradient of every weight of one block of rows.
/// - Parameters:
///   - gradient: (nnz) in the canonical order; overwritten.
///   - gradientRowFloats: floats from one row of dy to the next.
/// - Complexity: O(nnz of the rows × floats of all panels).
package func sampledDot(
    _ pattern: TiledRows, gradient: UnsafeMutablePointer<Float>, sweep: Sweep, panels: Int, block: Int,
    input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, gradientRowFloats: Int
) {
    sweep.withUnits(panels: panels) { walks in
        dots(
            pattern, gradient: gradient, sweep: sweep, walks: walks, block: block, input: input,
            outputGradient: outputGradient, gradientRowFloats: gradientRowFloats)
    }
}

@inline(__always)
private func dots(
    _ pattern: TiledRows, gradient: UnsafeMutablePointer<Float>, sweep: Sweep, walks: UnsafeBufferPointer<UnitWalk>,
    block: Int, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, gradientRowFloats: Int
) {
    let offsets = pattern.offsets.pointer
    withUnsafeTemporaryAllocation(of: Leftover.self, capacity: 4) { leftovers in
        for tile in 0..<pattern.tiles {
            var left = 0
            for entry in pattern.entries(tile: tile, block: block) {
                let dy = outputGradient + Int(pattern.entryRows[entry]) &* gradientRowFloats
                let to = Int(pattern.entryStarts[entry + 1])
                var nonzero = Int(pattern.entryStarts[entry])
                while to &- nonzero > 4 {
                    let held = min(8, to &- nonzero)
                    let sums = dots8(offsets + nonzero, held, sweep, walks, input, dy)
                    if held == 8 {
                        store8(sums, gradient + nonzero)
                    } else {
                        for index in 0..<held { gradient[nonzero &+ index] = sums[index] }
                    }
                    nonzero &+= held
                }
                while nonzero < to {
                    leftovers[left] = Leftover(nonzero: nonzero, dy: dy)
                    left &+= 1
                    nonzero &+= 1
                    if left == 4 {
                        dots4(leftovers, left, offsets, sweep, walks, input, gradient)
                        left = 0
                    }
                }
            }
            if left > 0 { dots4(leftovers, left, offsets, sweep, walks, input, gradient) }
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
    _ offsets: UnsafePointer<UInt32>, _ held: Int, _ sweep: Sweep, _ walks: UnsafeBufferPointer<UnitWalk>,
    _ x: UnsafePointer<Float>,
    _ dy: UnsafePointer<Float>
) -> SIMD8<Float> {
    // Missing nonzeros repeat the last one; their sums are not stored.
    let last = held &- 1
    let x0 = x + Int(offsets[0]) &* 16
    let x1 = x + Int(offsets[min(1, last)]) &* 16
    let x2 = x + Int(offsets[min(2, last)]) &* 16
    let x3 = x + Int(offsets[min(3, last)]) &* 16
    let x4 = x + Int(offsets[min(4, last)]) &* 16
    let x5 = x + Int(offsets[min(5, last)]) &* 16
    let x6 = x + Int(offsets[min(6, last)]) &* 16
    let x7 = x + Int(offsets[min(7, last)]) &* 16
    var c0 = SIMD8<Float>.zero, c1 = SIMD8<Float>.zero, c2 = SIMD8<Float>.zero, c3 = SIMD8<Float>.zero
    var c4 = SIMD8<Float>.zero, c5 = SIMD8<Float>.zero, c6 = SIMD8<Float>.zero, c7 = SIMD8<Float>.zero
    for walk in walks {
        var number = 0
        while number < walk.count {
            let group = walk.groups[number]
            number &+= 1
            var t = walk.input &+ group.input
            var d = dy + walk.output + group.output
            for _ in 0..<group.chunks {
                for half in 0..<2 {
                    let dv = load8(d + half &* 8)
                    let s = t &+ half &* 8
                    c0 = c0.plus(dv, times: load8(x0 + s))
                    c1 = c1.plus(dv, times: load8(x1 + s))
                    c2 = c2.plus(dv, times: load8(x2 + s))
                    c3 = c3.plus(dv, times: load8(x3 + s))
                    c4 = c4.plus(dv, times: load8(x4 + s))
                    c5 = c5.plus(dv, times: load8(x5 + s))
                    c6 = c6.plus(dv, times: load8(x6 + s))
                    c7 = c7.plus(dv, times: load8(x7 + s))
                }
                t &+= sweep.inputStride
                d += sweep.outputStride
            }
        }
    }
    return treeSums(c0, c1, c2, c3, c4, c5, c6, c7)
}

private func dots4(
    _ leftovers: UnsafeMutableBufferPointer<Leftover>, _ held: Int, _ offsets: UnsafePointer<UInt32>, _ sweep: Sweep,
    _ walks: UnsafeBufferPointer<UnitWalk>, _ x: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
) {
    // Missing ones repeat the last; their sums are not stored.
    let last = held &- 1
    let n0 = leftovers[0], n1 = leftovers[min(1, last)], n2 = leftovers[min(2, last)], n3 = leftovers[last]
    let x0 = x + Int(offsets[n0.nonzero]) &* 16
    let x1 = x + Int(offsets[n1.nonzero]) &* 16
    let x2 = x + Int(offsets[n2.nonzero]) &* 16
    let x3 = x + Int(offsets[n3.nonzero]) &* 16
    let d0 = n0.dy, d1 = n1.dy, d2 = n2.dy, d3 = n3.dy
    var c0 = SIMD8<Float>.zero, c1 = SIMD8<Float>.zero, c2 = SIMD8<Float>.zero, c3 = SIMD8<Float>.zero
    for walk in walks {
        var number = 0
        while number < walk.count {
            let group = walk.groups[number]
            number &+= 1
            var t = walk.input &+ group.input
            var d = walk.output &+ group.output
            for _ in 0..<group.chunks {
                for half in 0..<2 {
                    let s = t &+ half &* 8
                    let r = d &+ half &* 8
                    c0 = c0.plus(load8(d0 + r), times: load8(x0 + s))
                    c1 = c1.plus(load8(d1 + r), times: load8(x1 + s))
                    c2 = c2.plus(load8(d2 + r), times: load8(x2 + s))
                    c3 = c3.plus(load8(d3 + r), times: load8(x3 + s))
                }
                t &+= sweep.inputStride
                d &+= sweep.outputStride
            }
        }
    }
    let sums = treeSums(c0, c1, c2, c3, c0, c1, c2, c3)
    for index in 0..<held { gradient[leftovers[index].nonzero] = sums[index] }
}
