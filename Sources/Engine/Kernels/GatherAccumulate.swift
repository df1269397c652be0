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
        let value = SIMD16<Float>(repeating: bias?[row] ?? 0)
        let line = y + row &* outputRowFloats
        for group in groups {
            for chunk in 0..<group.chunks { store16(value, line + group.output + sweep.output(chunk)) }
        }
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
            var entry = entries.lowerBound
            switch group.chunks {
            #if ESPALIER_AVX512
                case 8:
                    while entry < entries.upperBound {
                        let from = Int(entryStarts[entry])
                        let to = Int(entryStarts[entry &+ 1])
                        let row = Int(entryRows[entry])
                        let out = yg + row &* outputRowFloats
                        let start = isFirst ? bias?[row] ?? 0 : nil
                        gather8(start, source, offsets, from, to, xg, si, sweep.inputHigh, out, so, sweep.outputHigh)
                        entry &+= 1
                    }
            #endif
            case 4:
                while entry < entries.upperBound {
                    let from = Int(entryStarts[entry])
                    let to = Int(entryStarts[entry &+ 1])
                    let row = Int(entryRows[entry])
                    let out = yg + row &* outputRowFloats
                    let start = isFirst ? bias?[row] ?? 0 : nil
                    gather4(start, source, offsets, from, to, xg, si, out, so)
                    entry &+= 1
                }
            case 2:
                while entry < entries.upperBound {
                    let from = Int(entryStarts[entry])
                    let to = Int(entryStarts[entry &+ 1])
                    let row = Int(entryRows[entry])
                    let out = yg + row &* outputRowFloats
                    let start = isFirst ? bias?[row] ?? 0 : nil
                    gather2(start, source, offsets, from, to, xg, si, out, so)
                    entry &+= 1
                }
            default:
                while entry < entries.upperBound {
                    let from = Int(entryStarts[entry])
                    let to = Int(entryStarts[entry &+ 1])
                    let row = Int(entryRows[entry])
                    let out = yg + row &* outputRowFloats
                    let start = isFirst ? bias?[row] ?? 0 : nil
                    gather1(start, source, offsets, from, to, xg, out)
                    entry &+= 1
                }
            }
        }
    }
}

/// The row's start, or what y holds.
@inline(__always)
private func begun(_ start: Float?, _ y: UnsafePointer<Float>) -> SIMD16<Float> {
    if let start { SIMD16(repeating: start) } else { load16(y) }
}

#if ESPALIER_AVX512
    // 128 floats of the run in eight of the 32 registers.
    @inline(__always)
    private func gather8<Source: ValueSource>(
        _ start: Float?, _ source: Source, _ offsets: UnsafePointer<UInt32>, _ from: Int, _ to: Int,
        _ x: UnsafePointer<Float>,
        _ si: Int, _ inputHigh: Int, _ y: UnsafeMutablePointer<Float>, _ so: Int, _ outputHigh: Int
    ) {
        let z = y + outputHigh
        var a0 = begun(start, y), a1 = begun(start, y + so), a2 = begun(start, y + 2 &* so)
        var a3 = begun(start, y + 3 &* so)
        var a4 = begun(start, z), a5 = begun(start, z + so), a6 = begun(start, z + 2 &* so)
        var a7 = begun(start, z + 3 &* so)
        var nonzero = from
        while nonzero < to {
            let w = SIMD16<Float>(repeating: source.value(nonzero))
            let xp = x + Int(offsets[nonzero]) &* 16
            let xq = xp + inputHigh
            a0 = a0.plus(w, times: load16(xp))
            a1 = a1.plus(w, times: load16(xp + si))
            a2 = a2.plus(w, times: load16(xp + 2 &* si))
            a3 = a3.plus(w, times: load16(xp + 3 &* si))
            a4 = a4.plus(w, times: load16(xq))
            a5 = a5.plus(w, times: load16(xq + si))
            a6 = a6.plus(w, times: load16(xq + 2 &* si))
            a7 = a7.plus(w, times: load16(xq + 3 &* si))
            nonzero &+= 1
        }
        store16(a0, y)
        store16(a1, y + so)
        store16(a2, y + 2 &* so)
        store16(a3, y + 3 &* so)
        store16(a4, z)
        store16(a5, z + so)
        store16(a6, z + 2 &* so)
        store16(a7, z + 3 &* so)
    }
#endif

// 64 floats of the run in eight AVX2 registers while the row's nonzeros stream by.
@inline(__always)
private func gather4<Source: ValueSource>(
    _ start: Float?, _ source: Source, _ offsets: UnsafePointer<UInt32>, _ from: Int, _ to: Int,
    _ x: UnsafePointer<Float>, _ si: Int,
    _ y: UnsafeMutablePointer<Float>, _ so: Int
) {
    var a0 = begun(start, y)
    var a1 = begun(start, y + so)
    var a2 = begun(start, y + 2 &* so)
    var a3 = begun(start, y + 3 &* so)
    var nonzero = from
    while nonzero < to {
        let w = SIMD16<Float>(repeating: source.value(nonzero))
        let xp = x + Int(offsets[nonzero]) &* 16
        a0 = a0.plus(w, times: load16(xp))
        a1 = a1.plus(w, times: load16(xp + si))
        a2 = a2.plus(w, times: load16(xp + 2 &* si))
        a3 = a3.plus(w, times: load16(xp + 3 &* si))
        nonzero &+= 1
    }
    store16(a0, y)
    store16(a1, y + so)
    store16(a2, y + 2 &* so)
    store16(a3, y + 3 &* so)
}

@inline(__always)
private func gather2<Source: ValueSource>(
    _ start: Float?, _ source: Source, _ offsets: UnsafePointer<UInt32>, _ from: Int, _ to: Int,
    _ x: UnsafePointer<Float>, _ si: Int,
    _ y: UnsafeMutablePointer<Float>, _ so: Int
) {
    var a0 = begun(start, y)
    var a1 = begun(start, y + so)
    var nonzero = from
    while nonzero < to {
        let w = SIMD16<Float>(repeating: source.value(nonzero))
        let xp = x + Int(offsets[nonzero]) &* 16
        a0 = a0.plus(w, times: load16(xp))
        a1 = a1.plus(w, times: load16(xp + si))
        nonzero &+= 1
    }
    store16(a0, y)
    store16(a1, y + so)
}

@inline(__always)
private func gather1<Source: ValueSource>(
    _ start: Float?, _ source: Source, _ offsets: UnsafePointer<UInt32>, _ from: Int, _ to: Int,
    _ x: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>
) {
    var a0 = begun(start, y)
    var nonzero = from
    while nonzero < to {
        let w = SIMD16<Float>(repeating: source.value(nonzero))
        a0 = a0.plus(w, times: load16(x + Int(offsets[nonzero]) &* 16))
        nonzero &+= 1
    }
    store16(a0, y)
}
