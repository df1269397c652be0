// Sparse × dense panels: y[i, run] += Σ over nonzeros p of row i, ascending: value[p] · x[offset[p] + run].
// The forward pass reads values in place, the input gradient through positions; both are this one kernel.

/// Where a gather kernel finds the value of nonzero p.
private protocol ValueSource {
    func value(_ nonzero: Int) -> Float
}

private struct ValuesInPlace: ValueSource {
    let values: UnsafePointer<Float>
    @inline(__always) func value(_ nonzero: Int) -> Float { values[nonzero] }
}

private struct ValuesByPosition: ValueSource {
    let values: UnsafePointer<Float>
    let positions: UnsafePointer<UInt32>
    @inline(__always) func value(_ nonzero: Int) -> Float { values[Int(positions[nonzero])] }
}

/// What a kernel's sums begin from.
package enum RowStart {
    /// What y holds.
    case added
    /// Zero; y is overwritten.
    case zero
    /// The bias of the row, (rows); y is overwritten.
    case bias(UnsafePointer<Float>)
}

/// y += W x, or = b + W x, for one block of rows and the panels of one unit.
/// - Parameters:
///   - pattern: (rows, inputs), nnz nonzeros.
///   - start: what the sums begin from.
///   - positions: canonical positions of the values, or nil where values lie in the pattern's own order.
///   - outputRowFloats: floats from one row of the output to the next.
/// - Complexity: O(nnz of the rows × floats of the unit's run).
package func gatherAccumulate(
    _ pattern: TiledRows, values: UnsafePointer<Float>, positions: IndexBuffer?, sweep: Sweep, unit: Int,
    panels: Int, block: Int, rows: Range<Int>, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    outputRowFloats: Int, start: RowStart = .added
) {
    sweep.withUnit(unit, panels: panels) { groups, inputStart, outputStart in
        let x = input + inputStart
        let y = output + outputStart
        let begins = begin(
            start, pattern.rowsOutsideFirstTile[block], rows: rows, sweep: sweep, groups: groups, y: y,
            outputRowFloats: outputRowFloats)
        if let positions {
            gather(
                pattern, ValuesByPosition(values: values, positions: positions.pointer), sweep: sweep, groups: groups,
                block: block, x: x, y: y, outputRowFloats: outputRowFloats, begins: begins.inFirstTile,
                bias: begins.bias)
        } else {
            gather(
                pattern, ValuesInPlace(values: values), sweep: sweep, groups: groups, block: block, x: x, y: y,
                outputRowFloats: outputRowFloats, begins: begins.inFirstTile, bias: begins.bias)
        }
    }
}

/// Fills the rows that the first tile does not begin: all, where it begins none.
@inline(__always)
private func begin(
    _ start: RowStart, _ outside: [UInt32]?, rows: Range<Int>, sweep: Sweep,
    groups: UnsafeBufferPointer<ChunkGroup>, y: UnsafeMutablePointer<Float>, outputRowFloats: Int
) -> (inFirstTile: Bool, bias: UnsafePointer<Float>?) {
    var bias: UnsafePointer<Float>?
    switch start {
    case .added: return (false, nil)
    case .zero: break
    case .bias(let given): bias = given
    }
    @inline(__always)
    func fill(_ row: Int) {
        fillRow(bias?[row] ?? 0, sweep: sweep, groups: groups, line: y + row &* outputRowFloats)
    }
    guard let outside else {
        for row in rows { fill(row) }
        return (false, nil)
    }
    for row in outside { fill(Int(row)) }
    return (true, bias)
}

@inline(__always)
private func gather<Source: ValueSource>(
    _ pattern: TiledRows, _ source: Source, sweep: Sweep, groups: UnsafeBufferPointer<ChunkGroup>, block: Int,
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, outputRowFloats: Int, begins: Bool,
    bias: UnsafePointer<Float>?
) {
    let entryRows = pattern.entryRows.pointer
    let entryStarts = pattern.entryStarts.pointer
    let offsets = pattern.offsets.pointer
    let si = sweep.inputStride
    let so = sweep.outputStride
    for tile in 0..<pattern.tiles {
        let entries = pattern.entries(tile: tile, block: block)
        let isFirst = begins && tile == 0
        for group in groups {
            let xg = x + group.input
            let yg = y + group.output
            @inline(__always)
            func forEachRow(
                _ body: (_ start: Float?, _ nonzeros: Nonzeros<Source>, _ line: UnsafeMutablePointer<Float>) -> Void
            ) {
                var entry = entries.lowerBound
                while entry < entries.upperBound {
                    let row = Int(entryRows[entry])
                    body(
                        isFirst ? bias?[row] ?? 0 : nil,
                        Nonzeros(
                            source: source, offsets: offsets, from: Int(entryStarts[entry]),
                            to: Int(entryStarts[entry &+ 1]), x: xg), yg + row &* outputRowFloats)
                    entry &+= 1
                }
            }
            switch group.chunks {
            #if ESPALIER_AVX512
                // 128 floats of the run in eight of the 32 registers.
                case 8:
                    forEachRow { start, nonzeros, line in
                        let high = line + sweep.outputHigh
                        var first = Chunks4(start, line, so), second = Chunks4(start, high, so)
                        nonzeros.forEach { w, x in
                            first.add(w, Chunks4(x, si))
                            second.add(w, Chunks4(x + sweep.inputHigh, si))
                        }
                        first.store(line, so)
                        second.store(high, so)
                    }
            #endif
            // 64 floats of the run in eight AVX2 registers while the row's nonzeros stream by.
            case 4:
                forEachRow { start, nonzeros, line in
                    var sums = Chunks4(start, line, so)
                    nonzeros.forEach { w, x in sums.add(w, Chunks4(x, si)) }
                    sums.store(line, so)
                }
            case 2:
                forEachRow { start, nonzeros, line in
                    var first = begun(start, line), second = begun(start, line + so)
                    nonzeros.forEach { w, x in
                        let w = SIMD16<Float>(repeating: w)
                        first = first.plus(w, times: load16(x))
                        second = second.plus(w, times: load16(x + si))
                    }
                    store16(first, line)
                    store16(second, line + so)
                }
            default:
                forEachRow { start, nonzeros, line in
                    var sum = begun(start, line)
                    nonzeros.forEach { w, x in sum = sum.plus(SIMD16(repeating: w), times: load16(x)) }
                    store16(sum, line)
                }
            }
        }
    }
}

/// The nonzeros of one row in one tile, and the inputs they count from.
private struct Nonzeros<Source: ValueSource> {
    let source: Source
    let offsets: UnsafePointer<UInt32>
    let from: Int
    let to: Int
    let x: UnsafePointer<Float>

    /// Calls `body` with each value and its input, in ascending order.
    @inline(__always)
    func forEach(_ body: (Float, UnsafePointer<Float>) -> Void) {
        var nonzero = from
        while nonzero < to {
            body(source.value(nonzero), x + Int(offsets[nonzero]) &* 16)
            nonzero &+= 1
        }
    }
}
