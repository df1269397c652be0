/// dx += Wᵀ dy, or = Wᵀ dy, for the channel blocks of six in `blocks`, the panels of one unit and one phase.
package func denseInputGradient(
    _ weights: UnsafePointer<Float>, map: WeightMap, phase: WeightMap.Phase, unit: Int, panels: Int,
    blocks: Range<Int>, outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
    start: RowStart = .added
) {
    let channelFloats = map.inputGradientRowFloats
    let sweep = phase.sweep
    let channels = blocks.lowerBound * 6..<min(map.channels, blocks.upperBound * 6)
    let tile = max(6, denseTile / max(1, phase.taps.count))
    sweep.withUnit(unit, panels: panels) { groups, inputStart, outputStart in
        let dy = outputGradient + inputStart, dx = inputGradient + outputStart
        // An image's groups come first, and each goes over all terms.
        let held = sweep.isFlat ? tile : map.rows
        withScratch(of: Term.self, capacity: max(1, held * phase.taps.count)) { scratch in
            func pass(_ first: Int, _ terms: Terms, _ group: ChunkGroup, _ ahead: inout Ahead) {
                let start = first == 0 ? start : .added
                var chunk = 0
                while chunk < group.chunks {
                    let dy = dy + (group.input &+ sweep.input(chunk))
                    let dx = dx + (group.output &+ sweep.output(chunk))
                    let run = denseRun(group.chunks - chunk)
                    for block in blocks {
                        let held = min(6, map.channels - block * 6)
                        let line = dx + block &* 6 &* channelFloats
                        let packed = weights + block &* 36 &* map.taps
                        let starts = SixStarts(start, row: block &* 6, held: held)
                        func columns6<R: Run>(_ run: R.Type) {
                            denseColumns6(
                                run, packed, taps: map.taps, terms, held: held, dy: dy, si: sweep.inputStride, dx: line,
                                so: sweep.outputStride, channelFloats: channelFloats, starts)
                        }
                        switch run {
                        case 4:
                            for first in stride(from: 0, to: held, by: 3) {
                                denseColumns3x4(
                                    packed + first &* map.taps &* 6, taps: map.taps, terms,
                                    held: min(3, held - first), dy: dy, si: sweep.inputStride,
                                    dx: line + first &* channelFloats, so: sweep.outputStride,
                                    channelFloats: channelFloats, starts)
                            }
                        case 2: columns6(Run2.self)
                        default: columns6(Run1.self)
                        }
                        ahead.next()
                    }
                    chunk += run
                }
            }
            if sweep.isFlat {
                var ahead = Ahead()
                for first in stride(from: 0, to: map.rows, by: tile) {
                    let rows = first..<min(map.rows, first + tile)
                    let terms = Term.fill(scratch, map: map, phase: phase, rows: rows)
                    for group in groups { pass(first, terms, group, &ahead) }
                }
            } else {
                let all = Term.fill(scratch, map: map, phase: phase, rows: 0..<map.rows)
                let tiles = (map.rows + tile - 1) / tile
                let walk = PieceWalk(
                    sweep: sweep, groups: groups, reach: map.reach(ofChannels: channels, phase), x: dy,
                    y: dx + channels.lowerBound * channelFloats, rows: channels.count, outputRowFloats: channelFloats)
                withScratch(of: Term.self, capacity: max(1, all.count)) { kept in
                    for (number, group) in groups.enumerated() {
                        var ahead = walk.ahead(of: number, calls: tiles * denseRuns(group) * blocks.count)
                        let terms = Term.inside(all, map: map, phase: phase, group, scratch: kept)
                        let taps = terms.count / map.rows
                        for first in stride(from: 0, to: map.rows, by: tile) {
                            let end = min(map.rows, first + tile)
                            pass(first, Terms(rebasing: terms[first * taps..<end * taps]), group, &ahead)
                        }
                    }
                }
            }
        }
    }
}

/// One product of the sums: a row and one of the phase's taps.
private struct Term {
    /// Floats from a point to the point of dy that it reads.
    let source: Int
    /// Of the packed weights, from the first of a block of channels.
    let weight: Int

    /// The terms of some rows, in the order of the sums.
    static func fill(
        _ terms: UnsafeMutableBufferPointer<Term>, map: WeightMap, phase: WeightMap.Phase, rows: Range<Int>
    ) -> Terms {
        let rowFloats = map.rowOffsetOfGradient * 16
        var count = 0
        for row in rows {
            for (tap, offset) in zip(phase.taps, phase.tapOffsets) {
                terms[count] = Term(
                    source: row * rowFloats + Int(offset) * 16,
                    weight: DensePacking.position(row: row, column: tap, columns: map.columns))
                count += 1
            }
        }
        return Terms(rebasing: terms[..<count])
    }

    /// Those of all terms that read points of the image for a group of positions in one row of dx; the others read the border,
    /// zeros.
    static func inside(
        _ all: Terms, map: WeightMap, phase: WeightMap.Phase, _ group: ChunkGroup,
        scratch: UnsafeMutableBufferPointer<Term>
    ) -> Terms {
        let layout = map.inputGradient
        let y = group.output / (layout.pitch * layout.lanes) - layout.border
        func isInside(_ tap: Int) -> Bool {
            let place = y + map.padding - tap / map.kernelWidth * map.dilation
            return place >= 0 && place < map.outputGradient.height * map.stride
        }
        if phase.taps.allSatisfy(isInside) { return all }
        var count = 0
        for row in 0..<map.rows {
            for (index, tap) in phase.taps.enumerated() where isInside(tap) {
                scratch[count] = all[row * phase.taps.count + index]
                count += 1
            }
        }
        return Terms(rebasing: scratch[..<count])
    }
}

private typealias Terms = UnsafeBufferPointer<Term>

/// Six channels × the chunks of a run.
@inline(__always)
private func denseColumns6<R: Run>(
    _ run: R.Type, _ packed: UnsafePointer<Float>, taps: Int, _ terms: Terms, held: Int,
    dy: UnsafePointer<Float>, si: Int, dx: UnsafeMutablePointer<Float>, so: Int, channelFloats: Int,
    _ starts: SixStarts
) {
    func line(_ index: Int) -> UnsafeMutablePointer<Float> { dx + (index < held ? index : 0) &* channelFloats }
    // Channels past the last read the weights of the last one and are not stored.
    func step(_ index: Int) -> Int { (index < held ? index : held &- 1) &* taps &* 6 }
    let s1 = step(1), s2 = step(2), s3 = step(3), s4 = step(4), s5 = step(5)
    func begin(_ index: Int) -> R { R(starts[index], line(index), so) }
    var a0 = begin(0), a1 = begin(1), a2 = begin(2), a3 = begin(3), a4 = begin(4), a5 = begin(5)
    for term in terms {
        let v = R(dy + term.source, si)
        let w = packed + term.weight
        a0.add(w[0], v)
        a1.add(w[s1], v)
        a2.add(w[s2], v)
        a3.add(w[s3], v)
        a4.add(w[s4], v)
        a5.add(w[s5], v)
    }
    a0.store(line(0), so)
    if held > 1 { a1.store(line(1), so) }
    if held > 2 { a2.store(line(2), so) }
    if held > 3 { a3.store(line(3), so) }
    if held > 4 { a4.store(line(4), so) }
    if held > 5 { a5.store(line(5), so) }
}

/// Three channels × 64 floats: of six, whose weights lie apart, the compiler loads all weights at once, and 24 sums, four
/// inputs and six weights are more than 32 registers.
@inline(__always)
private func denseColumns3x4(
    _ packed: UnsafePointer<Float>, taps: Int, _ terms: Terms, held: Int,
    dy: UnsafePointer<Float>, si: Int, dx: UnsafeMutablePointer<Float>, so: Int, channelFloats: Int,
    _ starts: SixStarts
) {
    func line(_ index: Int) -> UnsafeMutablePointer<Float> { dx + (index < held ? index : 0) &* channelFloats }
    func step(_ index: Int) -> Int { (index < held ? index : held &- 1) &* taps &* 6 }
    let s1 = step(1), s2 = step(2)
    // The input gradient begins from zero or from what is there, the same for all channels.
    func begin(_ index: Int) -> Run4 { Run4(starts[0], line(index), so) }
    var a0 = begin(0), a1 = begin(1), a2 = begin(2)
    for term in terms {
        let v = Run4(dy + term.source, si)
        let w = packed + term.weight
        a0.add(w[0], v)
        a1.add(w[s1], v)
        a2.add(w[s2], v)
    }
    a0.store(line(0), so)
    if held > 1 { a1.store(line(1), so) }
    if held > 2 { a2.store(line(2), so) }
}
