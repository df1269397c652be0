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
    /// - Complexity: O(nnz + rows + channels); in order of terms for kernels of more than one row O(nnz log columns).
    package init?(map: WeightMap, indices: [Int], needsInputGradient: Bool, rowsPerColumn: Double = 0) {
        precondition(map.groups == 1)
        if Double(indices.count) < rowsPerColumn * Double(Self.leastShared(map, indices)) { return nil }
        self.map = map
        let weights = Places(map: map, indices: indices)
        let pieces = RowGroups.pieces(items: weights.ofRow, rowsPerBlock: map.rowsPerBlock) { first, second in
            weights.term[weights.ofRow[first]] == weights.term[weights.ofRow[second]]
        }
        let shared = pieces.reduce(0) { $0 + $1.items.count }
        if Double(indices.count) < rowsPerColumn * Double(shared) { return nil }

        let tiling = map.forwardTiling(nonzeros: indices.count)
        forward =
            RowGroups.make(
                pieces: pieces, rows: map.rows, rowsPerBlock: map.rowsPerBlock, tiles: tiling.count,
                itemTile: {
                    let term = Int(weights.term[$0])
                    return tiling.tile(kernelRow: map.kernelRow(ofTerm: term), input: map.channel(ofTerm: term))
                },
                itemOffset: { map.termOffsets[Int(weights.term[$0])] }
            ).groups
        transposed =
            needsInputGradient
            ? BlockPattern.transpose(
                weights, map: map, order: forward.orderByTerm(rows: map.rows),
                tile: { $0 / tiling.inputsPerTile })
            : []
    }

    /// Columns that the pieces have at least: a row can have those of the one before only where they are as many, and the first and
    /// the last are the same.
    /// - Complexity: O(rows log nnz).
    private static func leastShared(_ map: WeightMap, _ indices: [Int]) -> Int {
        var shared = indices.count, first = 0
        var before: (count: Int, first: Int, last: Int)?
        for row in 0..<map.rows {
            let base = row * map.columns
            let end = indices.firstPlace(notBelow: base + map.columns, from: first)
            if end > first {
                let here = (count: end - first, first: indices[first] - base, last: indices[end - 1] - base)
                if let before, before == here { shared -= here.count }
                before = here
            }
            first = end
        }
        return shared
    }

    /// Row and term of each weight, by row, in a row by term.
    private struct Places {
        var row: [UInt32] = []
        var term: [UInt32] = []
        var ofRow: [Range<Int>] = []

        init(map: WeightMap, indices: [Int]) {
            row.reserveCapacity(indices.count)
            term.reserveCapacity(indices.count)
            var next = 0
            for number in 0..<map.rows {
                let first = next
                let base = number * map.columns
                while next < indices.count, indices[next] < base + map.columns {
                    row.append(UInt32(number))
                    term.append(UInt32(map.term(ofColumn: indices[next] - base)))
                    next += 1
                }
                if map.kernelHeight > 1 { term[first..<next].sort() }
                ofRow.append(first..<next)
            }
        }
    }

    private static func transpose(
        _ weights: Places, map: WeightMap, order: [UInt32], tile: (Int) -> Int
    ) -> [Transposed] {
        let channelOf = weights.term.map { UInt32(map.channel(ofTerm: Int($0))) }
        func tap(_ weight: Int) -> Int { map.tap(ofTerm: Int(weights.term[weight])) }
        // By channel; in a channel by row of the kernel, row and column of the kernel.
        let byKernelRow = stableOrder(
            of: weights.term.map { UInt32(map.kernelRow(ofTerm: Int($0))) }, keys: map.kernelHeight)
        let byChannel = stableOrder(of: byKernelRow.map { channelOf[Int($0)] }, keys: map.channels).map {
            Int(byKernelRow[Int($0)])
        }
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
                    return weights.row[a] == weights.row[b] && tap(a) == tap(b)
                }
        }
        return map.phases.map { phase in
            let slotOfTap = phase.slotOfTap(taps: map.taps)
            // Of the first channel of each piece: the weights of this phase, and how far the second channel's are.
            var members: [Int] = [], steps: [UInt32] = []
            let phasePieces = pieces.compactMap { piece -> RowGroups.Piece? in
                let first = members.count
                let distance =
                    piece.rows.count > 1 ? ofChannel[piece.rows[1]].lowerBound - piece.items.lowerBound : 0
                for item in piece.items where slotOfTap[tap(byChannel[item])] != nil {
                    members.append(byChannel[item])
                    steps.append(order[byChannel[item + distance]] - order[byChannel[item]])
                }
                return members.count == first ? nil : RowGroups.Piece(rows: piece.rows, items: first..<members.count)
            }
            let tiling = map.gradientTiling(phase, nonzeros: members.count)
            func slot(_ item: Int) -> Int { slotOfTap[tap(members[item])]! }
            let made = RowGroups.make(
                pieces: phasePieces, rows: map.channels, rowsPerBlock: map.channelsPerBlock,
                tiles: tiling.count,
                itemTile: {
                    tiling.tile(kernelRow: slot($0) / phase.kernelColumns, input: Int(weights.row[members[$0]]))
                },
                itemOffset: {
                    weights.row[members[$0]] * UInt32(map.rowOffsetOfGradient) + phase.tapOffsets[slot($0)]
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

    package func rowMajorOrder() -> [UInt32] {
        let order = forward.orderByTerm(rows: map.rows)
        guard map.kernelHeight > 1 else { return order }
        let indices = storedIndices()
        return order.sorted { indices[Int($0)] < indices[Int($1)] }
    }

    package func rowMajorIndices() -> [Int] {
        let indices = storedIndices()
        return rowMajorOrder().map { indices[Int($0)] }
    }

    /// Row-major positions in storage order.
    private func storedIndices() -> [Int] {
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
        return inStorage
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
    /// Position of each weight by row, in a row by term: a row's entries ascend with the tiles.
    func orderByTerm(rows rowTotal: Int) -> [UInt32] {
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
    /// The column whose input is at an offset of `termOffsets`.
    func column(atOffset offset: UInt32) -> Int {
        let (channel, inPlane) = (Int(offset) / (input.lanes / 16)).quotientAndRemainder(dividingBy: input.plane)
        let (ky, kx) = inPlane.quotientAndRemainder(dividingBy: input.pitch)
        return channel * taps + ky / window.dilation.y * kernelWidth + kx / window.dilation.x
    }
}

extension [Int] {
    /// The first place from `start` on whose number is not below `limit`, of ascending numbers.
    package func firstPlace(notBelow limit: Int, from start: Int = 0) -> Int {
        var low = start, high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < limit { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
