/// N of every M consecutive weights of a row: no row starts, and one byte instead of four for the place of a weight.
/// A row's last columns, where M does not divide them, hold N weights too, or all where they are fewer.
///
/// Storage order is row-major order. Sums are made in it, so the kernel has one tap, lest M columns be no M terms. The
/// input gradient has no such form (the weights of a channel are in any rows), so it reads a transposed pattern like
/// `SparsePattern`'s.
package struct NMPattern: Sendable {
    package let map: WeightMap
    package let kept: Int
    package let of: Int
    /// Of each weight: its place among its M columns.
    private let places: ByteBuffer
    /// Weights of a row.
    private let perRow: Int
    /// Groups of M columns whose inputs stay in the first-level cache while all rows pass.
    private let groupsPerTile: Int
    private let transposed: [SparsePattern.Transposed]

    package var nnz: Int { places.count }
    package var bytes: Int {
        places.count + transposed.reduce(0) { $0 + $1.rows.bytes + 4 * $1.positions.count }
    }

    /// Nil where the rows do not hold `kept` weights in every `of` columns.
    /// - Parameter indices: ascending row-major positions of the weights.
    /// - Precondition: one group, one tap; 1 ≤ kept ≤ of ≤ 256.
    /// - Complexity: O(nnz + rows + columns).
    package init?(map: WeightMap, indices: [Int], needsInputGradient: Bool, kept: Int, of: Int) {
        precondition(map.groups == 1 && map.taps == 1 && kept >= 1 && kept <= of && of <= 256)
        let columns = map.columns
        let last = min(kept, columns % of)
        let perRow = columns / of * kept + last
        guard indices.count == perRow * map.rows else { return nil }
        var places = [UInt8](repeating: 0, count: indices.count)
        for (number, index) in indices.enumerated() {
            let (row, within) = number.quotientAndRemainder(dividingBy: perRow)
            let first = within / kept * of
            let place = index - row * columns - first
            guard place >= 0, place < min(of, columns - first) else { return nil }
            places[number] = UInt8(place)
        }
        self.map = map
        self.kept = kept
        self.of = of
        self.perRow = perRow
        self.places = ByteBuffer(places)
        groupsPerTile = max(1, map.forwardTiling(nonzeros: indices.count).inputsPerTile / of)
        guard needsInputGradient else {
            transposed = []
            return
        }
        let nonzeros = Nonzeros(map, indices)
        transposed = map.phases.map {
            SparsePattern.transpose(nonzeros, map: map, phase: $0, canonical: indices.indices.map { UInt32($0) })
        }
    }
}

extension NMPattern: WeightPattern {
    package var storageCount: Int { nnz }
    package func rowMajorOrder() -> [UInt32] { (0..<nnz).map { UInt32($0) } }

    package func rowMajorIndices() -> [Int] {
        (0..<nnz).map { number in
            let (row, within) = number.quotientAndRemainder(dividingBy: perRow)
            return row * map.columns + within / kept * of + Int(places.pointer[number])
        }
    }

    package func forward(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>, input: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>
    ) {
        let sweep = map.forward
        let groups = map.columns / of
        sweep.withUnit(unit, panels: panels) { chunkGroups, inputStart, outputStart in
            var first = 0
            repeat {
                let end = min(groups, first + groupsPerTile)
                for group in chunkGroups {
                    var chunk = 0
                    while chunk < group.chunks {
                        let left = min(4, group.chunks - chunk)
                        let taken = left == 4 ? 4 : (left >= 2 ? 2 : 1)
                        let tile = NMTile(
                            values: values, places: places.pointer,
                            columnFloats: map.input.plane * map.input.lanes,
                            perRow: perRow, kept: kept, of: of, groups: first..<end,
                            last: end == groups ? perRow - groups * kept : 0,
                            x: input + (inputStart + group.input + sweep.input(chunk)), si: sweep.inputStride,
                            y: output + (outputStart + group.output + sweep.output(chunk)), so: sweep.outputStride,
                            rowFloats: map.outputRowFloats)
                        tile.accumulate(rows: map.rows(ofBlocks: blocks), chunks: taken)
                        chunk += taken
                    }
                }
                first = end
            } while first < groups
        }
    }

    package func inputGradient(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>,
        inputGradient: UnsafeMutablePointer<Float>
    ) {
        let channels = map.channels(ofBlocks: blocks)
        for (phase, transposed) in zip(map.phases, transposed) {
            gatherAccumulate(
                transposed.rows, values: values, positions: transposed.positions, sweep: phase.gather, unit: unit,
                panels: panels, blocks: map.strips(ofBlocks: blocks), rows: channels,
                reach: map.reach(ofChannels: channels, phase),
                input: outputGradient, output: inputGradient, outputRowFloats: map.inputGradientRowFloats)
        }
    }

    package func weightGradient(
        _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>, panels: Int, blocks: Range<Int>,
        input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
    ) {
        sumBias(bias, panels: panels, blocks: blocks, outputGradient: outputGradient)
        let groups = map.columns / of
        var first = 0
        repeat {
            let end = min(groups, first + groupsPerTile)
            let numbers = first * kept..<(end == groups ? perRow : end * kept)
            let start = map.termOffsets.pointer + first * of
            dotsOfRows(
                gradient, rows: map.rows(ofBlocks: blocks), perRow: perRow, numbers: numbers, sweep: map.positions,
                panels: panels, input: input, outputGradient: outputGradient,
                gradientRowFloats: map.outputGradientRowFloats
            ) { row, offsets in
                var columns = start
                var inGroup = 0
                let places = places.pointer + (row &* perRow &+ numbers.lowerBound)
                for number in 0..<numbers.count {
                    offsets[number] = columns[Int(places[number])]
                    inGroup &+= 1
                    if inGroup == kept {
                        inGroup = 0
                        columns += of
                    }
                }
            }
            first = end
        } while first < groups
    }
}

/// Memory for small numbers, constant once filled.
final class ByteBuffer: @unchecked Sendable {
    // Unchecked: filled in `init`, read only afterwards.
    let pointer: UnsafePointer<UInt8>
    let count: Int

    init(_ values: [UInt8]) {
        count = values.count
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, count))
        memory.initialize(repeating: 0, count: max(1, count))
        memory.update(from: values, count: count)
        pointer = UnsafePointer(memory)
    }

    deinit { UnsafeMutablePointer(mutating: pointer).deallocate() }
}
