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
        let tile = max(6, denseTile / max(1, phase.taps.count))
        var first = 0
        while first < map.rows {
            let end = min(map.rows, first + tile)
            for group in groups {
                var chunk = 0
                while chunk < group.chunks {
                    let dy = outputGradient + inputStart + group.input + sweep.input(chunk)
                    let dx = inputGradient + outputStart + group.output + sweep.output(chunk)
                    let isWide = denseRun == 4 && group.chunks - chunk >= 4
                    for block in blocks {
                        let held = min(6, map.channels - block * 6)
                        let line = dx + block &* 6 &* channelFloats
                        if isWide {
                            denseColumns6x4(
                                weights, columns: columns, taps: taps, phase: phase, channel: block * 6, held: held,
                                rows: first..<end, dy: dy, si: sweep.inputStride, rowFloats: rowFloats, dx: line,
                                so: sweep.outputStride, channelFloats: channelFloats)
                        } else {
                            denseColumns6(
                                weights, columns: columns, taps: taps, phase: phase, channel: block * 6, held: held,
                                rows: first..<end, dy: dy, rowFloats: rowFloats, dx: line,
                                channelFloats: channelFloats)
                        }
                    }
                    chunk += isWide ? 4 : 1
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

/// Six channels × 64 floats.
@inline(__always)
private func denseColumns6x4(
    _ weights: UnsafePointer<Float>, columns: Int, taps: Int, phase: WeightMap.Phase, channel: Int, held: Int,
    rows: Range<Int>, dy: UnsafePointer<Float>, si: Int, rowFloats: Int, dx: UnsafeMutablePointer<Float>, so: Int,
    channelFloats: Int
) {
    func line(_ index: Int) -> UnsafeMutablePointer<Float> { dx + (index < held ? index : 0) &* channelFloats }
    func step(_ index: Int) -> Int { (index < held ? index : held &- 1) &* taps &* 6 }
    let s1 = step(1), s2 = step(2), s3 = step(3), s4 = step(4), s5 = step(5)
    var a0 = Chunks4(line(0), so), a1 = Chunks4(line(1), so), a2 = Chunks4(line(2), so)
    var a3 = Chunks4(line(3), so), a4 = Chunks4(line(4), so), a5 = Chunks4(line(5), so)
    let count = phase.taps.count
    phase.taps.withUnsafeBufferPointer { tapList in
        phase.tapOffsets.withUnsafeBufferPointer { tapOffsets in
            for row in rows {
                let packedStart: Int = ((row / 6) &* columns &+ channel &* taps) &* 6 &+ row % 6
                let base = weights + packedStart
                let source = dy + row &* rowFloats
                var index = 0
                while index < count {
                    let v = Chunks4(source + Int(tapOffsets[index]) &* 16, si)
                    let w = base + tapList[index] &* 6
                    a0.add(w[0], v)
                    a1.add(w[s1], v)
                    a2.add(w[s2], v)
                    a3.add(w[s3], v)
                    a4.add(w[s4], v)
                    a5.add(w[s5], v)
                    index &+= 1
                }
            }
        }
    }
    a0.store(line(0), so)
    if held > 1 { a1.store(line(1), so) }
    if held > 2 { a2.store(line(2), so) }
    if held > 3 { a3.store(line(3), so) }
    if held > 4 { a4.store(line(4), so) }
    if held > 5 { a5.store(line(5), so) }
}
