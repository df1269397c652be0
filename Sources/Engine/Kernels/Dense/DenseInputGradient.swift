/// dx += Wᵀ dy, or = Wᵀ dy, for the channel blocks of six in `blocks`, the panels of one unit and one phase.
package func denseInputGradient(
    _ weights: UnsafePointer<Float>, map: WeightMap, phase: WeightMap.Phase, unit: Int, panels: Int,
    blocks: Range<Int>, outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
    start: RowStart = .added
) {
    let channelFloats = map.inputGradientRowFloats
    let sweep = phase.sweep
    let channels = blocks.lowerBound * 6..<min(map.channels, blocks.upperBound * 6)
    sweep.withUnit(unit, panels: panels) { groups, inputStart, outputStart in
        let dy = outputGradient + inputStart, dx = inputGradient + outputStart
        func pass(_ terms: Terms, _ group: ChunkGroup, _ start: RowStart, _ ahead: inout Ahead) {
            var chunk = 0
            while chunk < group.chunks {
                let dy = dy + (group.input &+ sweep.input(chunk))
                let dx = dx + (group.output &+ sweep.output(chunk))
                let run = denseRun(group.chunks - chunk)
                for block in blocks {
                    let held = min(6, map.channels - block * 6)
                    let line = dx + block &* 6 &* channelFloats
                    let packed = weights + block &* 36 &* map.kernelWidth
                    let starts = SixStarts(start, row: block &* 6, held: held)
                    func columns6<R: Run>(_ run: R.Type) {
                        denseColumns6(
                            run, packed, step: map.kernelWidth &* 6, terms, held: held, dy: dy, si: sweep.inputStride,
                            dx: line, so: sweep.outputStride, channelFloats: channelFloats, starts)
                    }
                    switch run {
                    case 4:
                        for first in stride(from: 0, to: held, by: 3) {
                            denseColumns3x4(
                                packed + first &* map.kernelWidth &* 6, step: map.kernelWidth &* 6, terms,
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
        let perKernelRow = map.rows * phase.kernelColumns
        func inside(_ group: ChunkGroup) -> Range<Int> {
            group.kernelRows.lowerBound * perKernelRow..<group.kernelRows.upperBound * perKernelRow
        }
        if sweep.isFlat {
            withScratch(of: Term.self, capacity: map.caches.denseGradientTile) { scratch in
                var ahead = Ahead()
                forEachTile(of: inside(groups[0]), most: map.caches.denseGradientTile) { numbers, isFirst, _ in
                    let terms = Term.fill(scratch, numbers, map: map, phase: phase)
                    for group in groups { pass(terms, group, isFirst ? start : .added, &ahead) }
                }
            }
        } else {
            // An image's groups come first, and each goes over all terms.
            withScratch(of: Term.self, capacity: max(1, map.rows * phase.taps.count)) { scratch in
                let all = Term.fill(scratch, 0..<map.rows * phase.taps.count, map: map, phase: phase)
                let walk = PieceWalk(
                    sweep: sweep, groups: groups, reach: map.reach(ofChannels: channels, phase), x: dy,
                    y: dx + channels.lowerBound * channelFloats, rows: channels.count, outputRowFloats: channelFloats)
                for (number, group) in groups.enumerated() {
                    let numbers = inside(group)
                    let calls =
                        denseTiles(numbers, most: map.caches.denseGradientTile) * denseRuns(group) * blocks.count
                    var ahead = walk.ahead(of: number, calls: calls)
                    forEachTile(of: numbers, most: map.caches.denseGradientTile) { some, isFirst, _ in
                        pass(Terms(rebasing: all[some]), group, isFirst ? start : .added, &ahead)
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

    /// Some terms: by row of the kernel, row of weights and column of the kernel.
    static func fill(
        _ terms: UnsafeMutableBufferPointer<Term>, _ numbers: Range<Int>, map: WeightMap, phase: WeightMap.Phase
    ) -> Terms {
        let rowFloats = map.rowOffsetOfGradient * 16
        for (index, number) in numbers.enumerated() {
            let (pair, column) = number.quotientAndRemainder(dividingBy: phase.kernelColumns)
            let (kernelRow, row) = pair.quotientAndRemainder(dividingBy: map.rows)
            let slot = kernelRow * phase.kernelColumns + column
            terms[index] = Term(
                source: row * rowFloats + Int(phase.tapOffsets[slot]) * 16,
                weight: DensePacking.position(
                    row: row, term: map.term(ofColumn: phase.taps[slot]), terms: map.columns))
        }
        return Terms(rebasing: terms[..<numbers.count])
    }
}

private typealias Terms = UnsafeBufferPointer<Term>

/// Six channels × the chunks of a run.
@inline(__always)
private func denseColumns6<R: Run>(
    _ run: R.Type, _ packed: UnsafePointer<Float>, step: Int, _ terms: Terms, held: Int,
    dy: UnsafePointer<Float>, si: Int, dx: UnsafeMutablePointer<Float>, so: Int, channelFloats: Int,
    _ starts: SixStarts
) {
    func line(_ index: Int) -> UnsafeMutablePointer<Float> { dx + (index < held ? index : 0) &* channelFloats }
    // Channels past the last read the weights of the last one and are not stored.
    func weight(_ index: Int) -> Int { (index < held ? index : held &- 1) &* step }
    let s1 = weight(1), s2 = weight(2), s3 = weight(3), s4 = weight(4), s5 = weight(5)
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
    _ packed: UnsafePointer<Float>, step: Int, _ terms: Terms, held: Int,
    dy: UnsafePointer<Float>, si: Int, dx: UnsafeMutablePointer<Float>, so: Int, channelFloats: Int,
    _ starts: SixStarts
) {
    func line(_ index: Int) -> UnsafeMutablePointer<Float> { dx + (index < held ? index : 0) &* channelFloats }
    func weight(_ index: Int) -> Int { (index < held ? index : held &- 1) &* step }
    let s1 = weight(1), s2 = weight(2)
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
