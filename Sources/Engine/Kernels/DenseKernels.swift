// Dense × dense panels. The weights are packed once, for all three passes:
//
//     [row block of 6][column][6]      rows past the last are zero and stay zero
//
// so the forward kernel streams them, and the input gradient finds the six columns of a block at constant strides.
// Each output is one chain of fused multiply-adds over its inputs in ascending order, as in the sparse kernels, so
// dense and sparse give equal bits.

package enum DensePacking {
    package static let rows = 6

    package static func blocks(_ rows: Int) -> Int { (rows + 5) / 6 }
    /// The blocks of six that hold some rows, of which the first begins one.
    static func blocks(_ rows: Range<Int>) -> Range<Int> { rows.lowerBound / 6..<blocks(rows.upperBound) }
    package static func count(rows: Int, columns: Int) -> Int { blocks(rows) * columns * 6 }
    @inline(__always)
    package static func position(row: Int, column: Int, columns: Int) -> Int {
        (row / 6 * columns + column) * 6 + row % 6
    }
}

/// Columns (forward) or rows (input gradient) whose 16-float chunks stay in the first-level cache.
private let denseTile = 256

/// y += W x for the row blocks in `blocks` and the panels of one unit.
package func denseForward(
    _ weights: UnsafePointer<Float>, map: WeightMap, unit: Int, panels: Int, blocks: Range<Int>,
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
) {
    let columns = map.columns
    let offsets = map.columnOffsets.pointer
    let rowFloats = map.output.plane * map.output.lanes
    let si = map.forward.inputStride
    let so = map.forward.outputStride
    map.forward.withUnit(unit, panels: panels) { groups, inputStart, outputStart in
        var first = 0
        while first < columns {
            let end = min(columns, first + denseTile)
            for group in groups {
                for chunk in 0..<group.chunks {
                    let x = input + inputStart + group.input + chunk * si
                    let y = output + outputStart + group.output + chunk * so
                    for block in blocks {
                        let packedStart: Int = (block &* columns &+ first) &* 6
                        denseRows6(
                            weights + packedStart, offsets, first, end, x,
                            y + block &* 6 &* rowFloats, rowFloats, held: min(6, map.rows - block * 6))
                    }
                }
            }
            first = end
        }
    }
}

@inline(__always)
private func denseRows6(
    _ packed: UnsafePointer<Float>, _ offsets: UnsafePointer<UInt32>, _ from: Int, _ to: Int,
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ rowFloats: Int, held: Int
) {
    // Rows past the last read the first one's sums and are not stored.
    func row(_ index: Int) -> UnsafeMutablePointer<Float> { y + (index < held ? index : 0) &* rowFloats }
    var a0 = load16(row(0)), a1 = load16(row(1)), a2 = load16(row(2))
    var a3 = load16(row(3)), a4 = load16(row(4)), a5 = load16(row(5))
    var w = packed
    var column = from
    while column < to {
        let v = load16(x + Int(offsets[column]) &* 16)
        a0 = a0.plus(SIMD16(repeating: w[0]), times: v)
        a1 = a1.plus(SIMD16(repeating: w[1]), times: v)
        a2 = a2.plus(SIMD16(repeating: w[2]), times: v)
        a3 = a3.plus(SIMD16(repeating: w[3]), times: v)
        a4 = a4.plus(SIMD16(repeating: w[4]), times: v)
        a5 = a5.plus(SIMD16(repeating: w[5]), times: v)
        w += 6
        column &+= 1
    }
    store16(a0, row(0))
    if held > 1 { store16(a1, row(1)) }
    if held > 2 { store16(a2, row(2)) }
    if held > 3 { store16(a3, row(3)) }
    if held > 4 { store16(a4, row(4)) }
    if held > 5 { store16(a5, row(5)) }
}

/// dx += Wᵀ dy for the channel blocks of six in `blocks`, the panels of one unit and one phase.
package func denseInputGradient(
    _ weights: UnsafePointer<Float>, map: WeightMap, phase: WeightMap.Phase, unit: Int, panels: Int,
    blocks: Range<Int>, outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>
) {
    let columns = map.columns
    let taps = map.taps
    let channelFloats = map.inputGradient.plane * map.inputGradient.lanes
    let rowFloats = map.rowOffsetOfGradient * 16
    let sweep = phase.sweep
    sweep.withUnit(unit, panels: panels) { groups, inputStart, outputStart in
        var first = 0
        while first < map.rows {
            let end = min(map.rows, first + denseTile)
            for group in groups {
                for chunk in 0..<group.chunks {
                    let dy = outputGradient + inputStart + group.input + chunk * sweep.inputStride
                    let dx = inputGradient + outputStart + group.output + chunk * sweep.outputStride
                    for block in blocks {
                        denseColumns6(
                            weights, columns: columns, taps: taps, phase: phase, channel: block * 6,
                            held: min(6, map.channels - block * 6), rows: first..<end, dy: dy, rowFloats: rowFloats,
                            dx: dx + block &* 6 &* channelFloats, channelFloats: channelFloats)
                    }
                }
            }
            first = end
        }
    }
}

@inline(__always)
private func denseColumns6(
    _ weights: UnsafePointer<Float>, columns: Int, taps: Int, phase: WeightMap.Phase, channel: Int, held: Int,
    rows: Range<Int>, dy: UnsafePointer<Float>, rowFloats: Int, dx: UnsafeMutablePointer<Float>, channelFloats: Int
) {
    func line(_ index: Int) -> UnsafeMutablePointer<Float> { dx + (index < held ? index : 0) &* channelFloats }
    // Channels past the last read the weights of the last one and are not stored.
    func step(_ index: Int) -> Int { (index < held ? index : held &- 1) &* taps &* 6 }
    let s1 = step(1), s2 = step(2), s3 = step(3), s4 = step(4), s5 = step(5)
    var a0 = load16(line(0)), a1 = load16(line(1)), a2 = load16(line(2))
    var a3 = load16(line(3)), a4 = load16(line(4)), a5 = load16(line(5))
    let count = phase.taps.count
    phase.taps.withUnsafeBufferPointer { tapList in
        phase.tapOffsets.withUnsafeBufferPointer { tapOffsets in
            for row in rows {
                let packedStart: Int = ((row / 6) &* columns &+ channel &* taps) &* 6 &+ row % 6
                let base = weights + packedStart
                let source = dy + row &* rowFloats
                var index = 0
                while index < count {
                    let v = load16(source + Int(tapOffsets[index]) &* 16)
                    let w = base + tapList[index] &* 6
                    a0 = a0.plus(SIMD16(repeating: w[0]), times: v)
                    a1 = a1.plus(SIMD16(repeating: w[s1]), times: v)
                    a2 = a2.plus(SIMD16(repeating: w[s2]), times: v)
                    a3 = a3.plus(SIMD16(repeating: w[s3]), times: v)
                    a4 = a4.plus(SIMD16(repeating: w[s4]), times: v)
                    a5 = a5.plus(SIMD16(repeating: w[s5]), times: v)
                    index &+= 1
                }
            }
        }
    }
    store16(a0, line(0))
    if held > 1 { store16(a1, line(1)) }
    if held > 2 { store16(a2, line(2)) }
    if held > 3 { store16(a3, line(3)) }
    if held > 4 { store16(a4, line(4)) }
    if held > 5 { store16(a5, line(5)) }
}

/// dW for the row blocks in `blocks`, all panels, in register tiles of 2 rows × 4 columns; overwritten, packed as the
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
    map.positions.withUnits(panels: panels) { walks in
        var first = 0
        while first < columns {
            let end = min(columns, first + tile)
            for block in blocks {
                let held = min(6, map.rows - block * 6)
                var pair = 0
                while pair < held {
                    let dy0 = outputGradient + (block &* 6 &+ pair) &* rowFloats
                    let dy1 = pair + 1 < held ? dy0 + rowFloats : dy0
                    var column = first
                    while column < end {
                        let quad = min(4, columns - column)
                        let sums = dots2x4(offsets + column, quad, map.positions, walks, input, dy0, dy1)
                        let packedStart: Int = (block &* columns &+ column) &* 6 &+ pair
                        let place = gradient + packedStart
                        for index in 0..<quad {
                            place[index &* 6] = sums[index]
                            if pair + 1 < held { place[index &* 6 &+ 1] = sums[index &+ 4] }
                        }
                        column += 4
                    }
                    pair += 2
                }
            }
            first = end
        }
    }
}

@inline(__always)
private func dots2x4(
    _ offsets: UnsafePointer<UInt32>, _ held: Int, _ sweep: Sweep, _ walks: UnsafeBufferPointer<UnitWalk>,
    _ x: UnsafePointer<Float>,
    _ dy0: UnsafePointer<Float>, _ dy1: UnsafePointer<Float>
) -> SIMD8<Float> {
    let last = held &- 1
    let x0 = x + Int(offsets[0]) &* 16
    let x1 = x + Int(offsets[min(1, last)]) &* 16
    let x2 = x + Int(offsets[min(2, last)]) &* 16
    let x3 = x + Int(offsets[min(3, last)]) &* 16
    var c0 = SIMD8<Float>.zero, c1 = SIMD8<Float>.zero, c2 = SIMD8<Float>.zero, c3 = SIMD8<Float>.zero
    var e0 = SIMD8<Float>.zero, e1 = SIMD8<Float>.zero, e2 = SIMD8<Float>.zero, e3 = SIMD8<Float>.zero
    for walk in walks {
        var number = 0
        while number < walk.count {
            let group = walk.groups[number]
            number &+= 1
            var t = walk.input &+ group.input
            var d = walk.output &+ group.output
            for _ in 0..<group.chunks {
                for half in 0..<2 {
                    let r = d &+ half &* 8
                    let p = load8(dy0 + r)
                    let q = load8(dy1 + r)
                    let s = t &+ half &* 8
                    let v0 = load8(x0 + s), v1 = load8(x1 + s), v2 = load8(x2 + s), v3 = load8(x3 + s)
                    c0 = c0.plus(p, times: v0)
                    c1 = c1.plus(p, times: v1)
                    c2 = c2.plus(p, times: v2)
                    c3 = c3.plus(p, times: v3)
                    e0 = e0.plus(q, times: v0)
                    e1 = e1.plus(q, times: v1)
                    e2 = e2.plus(q, times: v2)
                    e3 = e3.plus(q, times: v3)
                }
                t &+= sweep.inputStride
                d &+= sweep.outputStride
            }
        }
    }
    return treeSums(c0, c1, c2, c3, e0, e1, e2, e3)
}
