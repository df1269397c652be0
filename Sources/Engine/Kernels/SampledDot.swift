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
    let offsets = pattern.offsets.pointer
    for tile in 0..<pattern.tiles {
        for entry in pattern.entries(tile: tile, block: block) {
            let dy = outputGradient + Int(pattern.entryRows[entry]) &* gradientRowFloats
            let to = Int(pattern.entryStarts[entry + 1])
            var nonzero = Int(pattern.entryStarts[entry])
            while nonzero < to {
                let held = min(8, to &- nonzero)
                let sums =
                    held > 4
                    ? dots8(offsets + nonzero, held, sweep, panels, input, dy)
                    : dots4(offsets + nonzero, held, sweep, panels, input, dy)
                if held == 8 {
                    store8(sums, gradient + nonzero)
                } else {
                    for index in 0..<held { gradient[nonzero &+ index] = sums[index] }
                }
                nonzero &+= held
            }
        }
    }
}

@inline(__always)
private func dots8(
    _ offsets: UnsafePointer<UInt32>, _ held: Int, _ sweep: Sweep, _ panels: Int, _ x: UnsafePointer<Float>,
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
    for unit in 0..<sweep.units(panels: panels) {
        sweep.withUnit(unit, panels: panels) { groups, inputStart, outputStart in
            for group in groups {
                var t = inputStart &+ group.input
                var d = dy + outputStart + group.output
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
    }
    return treeSums(c0, c1, c2, c3, c4, c5, c6, c7)
}

@inline(__always)
private func dots4(
    _ offsets: UnsafePointer<UInt32>, _ held: Int, _ sweep: Sweep, _ panels: Int, _ x: UnsafePointer<Float>,
    _ dy: UnsafePointer<Float>
) -> SIMD8<Float> {
    let last = held &- 1
    let x0 = x + Int(offsets[0]) &* 16
    let x1 = x + Int(offsets[min(1, last)]) &* 16
    let x2 = x + Int(offsets[min(2, last)]) &* 16
    let x3 = x + Int(offsets[min(3, last)]) &* 16
    var c0 = SIMD8<Float>.zero, c1 = SIMD8<Float>.zero, c2 = SIMD8<Float>.zero, c3 = SIMD8<Float>.zero
    for unit in 0..<sweep.units(panels: panels) {
        sweep.withUnit(unit, panels: panels) { groups, inputStart, outputStart in
            for group in groups {
                var t = inputStart &+ group.input
                var d = dy + outputStart + group.output
                for _ in 0..<group.chunks {
                    for half in 0..<2 {
                        let dv = load8(d + half &* 8)
                        let s = t &+ half &* 8
                        c0 = c0.plus(dv, times: load8(x0 + s))
                        c1 = c1.plus(dv, times: load8(x1 + s))
                        c2 = c2.plus(dv, times: load8(x2 + s))
                        c3 = c3.plus(dv, times: load8(x3 + s))
                    }
                    t &+= sweep.inputStride
                    d += sweep.outputStride
                }
            }
        }
    }
    return treeSums(c0, c1, c2, c3, c0, c1, c2, c3)
}
