/// Weights in blocks: rows in groups of up to four that have their columns in common, and for the input gradient channels
/// that have their rows in common. Blocks of any height and width are such, and so is a matrix with whole rows and
/// columns removed, which is one block with a single list of columns.
package struct BlockPattern: Sendable {
    package let map: WeightMap
    package let forward: RowGroups
    package let transposed: [Transposed]

    /// Rows are channels here, and inputs are rows of dy.
    package struct Transposed: Sendable {
        package let groups: RowGroups
        /// Storage position of each item's first weight, and the step to the next channel's.
        let positions: IndexBuffer
        let steps: IndexBuffer
    }

    package var nnz: Int { forward.nnz }
    package var bytes: Int {
        forward.bytes
            + transposed.reduce(0) { $0 + $1.groups.bytes + 4 * ($1.positions.count + $1.steps.count) }
    }

    /// Nil where a column serves fewer rows than `rowsPerColumn` on average.
    /// - Parameter indices: ascending row-major positions of the weights.
    /// - Precondition: one group.
    /// - Complexity: O(nnz + rows + channels).
    package init?(map: WeightMap, indices: [Int], needsInputGradient: Bool, rowsPerColumn: Double = 0) {
        precondition(map.groups == 1)
        self.map = map
        let weights = Places(map: map, indices: indices)
        let pieces = RowGroups.pieces(items: weights.ofRow, rowsPerBlock: map.rowsPerBlock) { first, second in
            weights.column[weights.ofRow[first]] == weights.column[weights.ofRow[second]]
        }
        let shared = pieces.reduce(0) { $0 + $1.items.count }
        if Double(indices.count) < rowsPerColumn * Double(shared) { return nil }

        let channelsPerTile = map.channelsPerTile(nonzeros: indices.count)
        func tile(ofChannel channel: Int) -> Int { channel / channelsPerTile }
        forward =
            RowGroups.make(
                pieces: pieces, rows: map.rows, rowsPerBlock: map.rowsPerBlock,
                tiles: max(1, (map.channels + channelsPerTile - 1) / channelsPerTile),
                itemTile: { tile(ofChannel: Int(weights.column[$0]) / map.taps) },
                itemOffset: { map.columnOffsets[Int(weights.column[$0])] }
            ).groups
        transposed =
            needsInputGradient
            ? BlockPattern.transpose(
                weights, map: map, order: forward.rowMajorOrder(rows: map.rows), tile: tile(ofChannel:))
            : []
    }

    /// Row and column of each weight, in row-major order.
    private struct Places {
        var row: [UInt32] = []
        var column: [UInt32] = []
        var ofRow: [Range<Int>] = []

        init(map: WeightMap, indices: [Int]) {
            row.reserveCapacity(indices.count)
            column.reserveCapacity(indices.count)
            var next = 0
            for number in 0..<map.rows {
                let first = next
                let base = number * map.columns
                while next < indices.count, indices[next] < base + map.columns {
                    row.append(UInt32(number))
                    column.append(UInt32(indices[next] - base))
                    next += 1
                }
                ofRow.append(first..<next)
            }
        }
    }

    private static func transpose(
        _ weights: Places, map: WeightMap, order: [UInt32], tile: (Int) -> Int
    ) -> [Transposed] {
        let taps = map.taps
        let channelOf = weights.column.map { $0 / UInt32(taps) }
        let byChannel = stableOrder(of: channelOf, keys: map.channels).map { Int($0) }
        var ofChannel: [Range<Int>] = []
        var next = 0
        for channel in 0..<map.channels {
            let first = next
            while next < byChannel.count, channelOf[byChannel[next]] == channel { next += 1 }
            ofChannel.append(first..<next)
        }
        // Of one tile, so that their weights in a row's list stand at equal steps.
        let pieces = RowGroups.pieces(items: ofChannel, rowsPerBlock: map.channelsPerBlock) { first, second in
            tile(first) == tile(second)
                && ofChannel[first].count == ofChannel[second].count
                && zip(ofChannel[first], ofChannel[second]).allSatisfy {
                    let a = byChannel[$0], b = byChannel[$1]
                    return weights.row[a] == weights.row[b]
                        && Int(weights.column[a]) % taps == Int(weights.column[b]) % taps
                }
        }
        return map.phases.map { phase in
            var slotOfTap = [Int](repeating: -1, count: taps)
            for (slot, tap) in phase.taps.enumerated() { slotOfTap[tap] = slot }
            // Of the first channel of each piece: the weights of this phase, and how far the second channel's are.
            var members: [Int] = [], steps: [UInt32] = []
            let phasePieces = pieces.compactMap { piece -> RowGroups.Piece? in
                let first = members.count
                let distance =
                    piece.rows.count > 1 ? ofChannel[piece.rows[1]].lowerBound - piece.items.lowerBound : 0
                for item in piece.items where slotOfTap[Int(weights.column[byChannel[item]]) % taps] >= 0 {
                    members.append(byChannel[item])
                    steps.append(order[byChannel[item + distance]] - order[byChannel[item]])
                }
                return members.count == first ? nil : RowGroups.Piece(rows: piece.rows, items: first..<members.count)
            }
            let rowsPerTile = map.gradientRowsPerTile(nonzeros: order.count)
            let made = RowGroups.make(
                pieces: phasePieces, rows: map.channels, rowsPerBlock: map.channelsPerBlock,
                tiles: max(1, (map.rows + rowsPerTile - 1) / rowsPerTile),
                itemTile: { Int(weights.row[members[$0]]) / rowsPerTile },
                itemOffset: {
                    let slot = slotOfTap[Int(weights.column[members[$0]]) % taps]
                    return weights.row[members[$0]] * UInt32(map.rowOffsetOfGradient) + phase.tapOffsets[slot]
                })
            let items = made.itemsOfEntry.joined()
            return Transposed(
                groups: made.groups, positions: IndexBuffer(items.map { order[members[$0]] }),
                // Channels that stand alone have no next one, and the kernel asks for no step.
                steps: IndexBuffer(phasePieces.allSatisfy { $0.rows.count == 1 } ? [] : items.map { steps[$0] }))
        }
    }
}

extension BlockPattern: WeightPattern {
    package var storageCount: Int { nnz }
    package func rowMajorOrder() -> [UInt32] { forward.rowMajorOrder(rows: map.rows) }

    package func rowMajorIndices() -> [Int] {
        var inStorage = [Int](repeating: 0, count: nnz)
        for entry in forward.entries {
            for item in 0..<entry.count {
                let column = map.column(atOffset: forward.offsets[entry.list + item])
                for row in 0..<entry.rowCount {
                    inStorage[entry.firstValue + item * entry.rowCount + row] =
                        Int(forward.rows[entry.firstRow + row]) * map.columns + column
                }
            }
        }
        return rowMajorOrder().map { inStorage[Int($0)] }
    }

    package func forward(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>, input: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>
    ) {
        groupedAccumulate(
            forward, values: values, positions: nil, sweep: map.forward, unit: unit, panels: panels, blocks: blocks,
            input: input, output: output, outputRowFloats: map.outputRowFloats)
    }

    package func inputGradient(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>,
        inputGradient: UnsafeMutablePointer<Float>
    ) {
        for (phase, transposed) in zip(map.phases, transposed) {
            groupedAccumulate(
                transposed.groups, values: values, positions: (transposed.positions, transposed.steps),
                sweep: phase.sweep, unit: unit, panels: panels, blocks: blocks, input: outputGradient,
                output: inputGradient, outputRowFloats: map.inputGradientRowFloats)
        }
    }

    package func weightGradient(
        _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>, panels: Int, blocks: Range<Int>,
        input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
    ) {
        sumBias(bias, panels: panels, blocks: blocks, outputGradient: outputGradient)
        groupedDots(
            forward, gradient: gradient, sweep: map.positions, panels: panels, blocks: blocks, input: input,
            outputGradient: outputGradient, gradientRowFloats: map.outputGradientRowFloats)
    }
}

extension RowGroups {
    /// Position of each weight in row-major order: a row's entries ascend with the tiles.
    func rowMajorOrder(rows rowTotal: Int) -> [UInt32] {
        var next = [Int](repeating: 0, count: rowTotal + 1)
        for entry in entries {
            for row in 0..<entry.rowCount { next[Int(rows[entry.firstRow + row]) + 1] += entry.count }
        }
        for row in 0..<rowTotal { next[row + 1] += next[row] }
        var order = [UInt32](repeating: 0, count: nnz)
        for entry in entries {
            for row in 0..<entry.rowCount {
                let number = Int(rows[entry.firstRow + row])
                for item in 0..<entry.count {
                    order[next[number]] = UInt32(entry.firstValue + item * entry.rowCount + row)
                    next[number] += 1
                }
            }
        }
        return order
    }
}

extension WeightMap {
    /// The column whose input is at an offset of `columnOffsets`.
    func column(atOffset offset: UInt32) -> Int {
        let (channel, inPlane) = (Int(offset) / (input.lanes / 16)).quotientAndRemainder(dividingBy: input.plane)
        let (ky, kx) = inPlane.quotientAndRemainder(dividingBy: input.pitch)
        return channel * taps + ky / dilation * kernelWidth + kx / dilation
    }
}
