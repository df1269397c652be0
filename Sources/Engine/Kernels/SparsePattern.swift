/// A mask in the order the kernels read it: the forward pattern, and for each phase the transposed one.
///
/// The order of the forward pattern is the canonical order of everything kept for a weight (value, momentum,
/// gradient); the transposed patterns point into it.
package struct SparsePattern: Sendable {
    package let map: WeightMap
    package let forward: TiledRows
    package let transposed: [Transposed]

    /// Rows are channels here, and inputs are rows of dy.
    package struct Transposed: Sendable {
        package let rows: TiledRows
        /// Canonical position of each nonzero.
        package let positions: IndexBuffer
    }

    package var nnz: Int { forward.nnz }
    package var bytes: Int {
        forward.bytes + transposed.reduce(0) { $0 + $1.rows.bytes + 4 * $1.positions.count }
    }

    /// - Parameter indices: ascending row-major positions of the weights that may be nonzero.
    /// - Complexity: O(nnz + rows + channels).
    package init(map: WeightMap, indices: [Int], needsInputGradient: Bool) {
        self.map = map
        let nnz = indices.count
        let columns = map.columns
        var rowOf = [UInt32](repeating: 0, count: nnz)
        var termOf = [UInt32](repeating: 0, count: nnz)
        var row = 0
        for (index, position) in indices.enumerated() {
            while position >= (row + 1) * columns { row = max(row + 1, position / columns) }
            rowOf[index] = UInt32(row)
            termOf[index] = UInt32(map.term(ofColumn: position - row * columns))
        }
        if map.kernelHeight > 1 {
            // From (row, column) to (row, term): channels ascend in each row of the kernel already.
            let byKernelRow = stableOrder(
                of: termOf.map { UInt32(map.kernelRow(ofTerm: Int($0))) }, keys: map.kernelHeight)
            let order = stableOrder(of: byKernelRow.map { rowOf[Int($0)] }, keys: map.rows).map {
                Int(byKernelRow[Int($0)])
            }
            (rowOf, termOf) = (order.map { rowOf[$0] }, order.map { termOf[$0] })
        }
        // The input channel of each nonzero, its group counted in.
        let channelOf = zip(rowOf, termOf).map {
            UInt32(map.firstChannel(ofRow: Int($0)) + map.channel(ofTerm: Int($1)))
        }
        let tiling = map.forwardTiling(nonzeros: nnz)
        let tileOf = zip(termOf, channelOf).map {
            UInt32(tiling.tile(kernelRow: map.kernelRow(ofTerm: Int($0)), input: Int($1)))
        }
        let offsets = map.termOffsets
        let made = TiledRows.make(
            rows: map.rows, rowsPerBlock: map.rowsPerBlock, tiling: tiling, rowOf: rowOf, tileOf: tileOf
        ) { map.groupOffset(ofRow: Int(rowOf[$0])) + offsets[Int(termOf[$0])] }
        forward = made.pattern

        guard needsInputGradient else {
            transposed = []
            return
        }
        var canonical = [UInt32](repeating: 0, count: nnz)
        for (position, index) in made.order.enumerated() { canonical[Int(index)] = UInt32(position) }
        transposed = map.phases.map { phase in
            SparsePattern.transpose(
                map: map, phase: phase, rowOf: rowOf, termOf: termOf, channelOf: channelOf, canonical: canonical)
        }
    }

    /// - Parameter rowOf, termOf, channelOf, canonical: of each nonzero, in (row, term) order.
    static func transpose(
        map: WeightMap, phase: WeightMap.Phase, rowOf: [UInt32], termOf: [UInt32], channelOf: [UInt32],
        canonical: [UInt32]
    ) -> Transposed {
        let slotOfTap = phase.slotOfTap(taps: map.taps)
        func slot(_ index: Int) -> Int? { slotOfTap[map.tap(ofTerm: Int(termOf[index]))] }
        func kernelRow(_ index: Int) -> Int { (slot(index) ?? 0) / phase.kernelColumns }
        var members: [Int] = []
        members.reserveCapacity(rowOf.count)
        for index in rowOf.indices where slot(index) != nil { members.append(index) }

        // By channel; in a channel by row of the kernel, row and column of the kernel, as the input gradient adds.
        if phase.kernelRows > 1 {
            members = stableOrder(of: members.map { UInt32(kernelRow($0)) }, keys: phase.kernelRows).map {
                members[Int($0)]
            }
        }
        let order = stableOrder(of: members.map { channelOf[$0] }, keys: map.channels).map {
            members[Int($0)]
        }
        let tiling = map.gradientTiling(phase, nonzeros: members.count)
        let made = TiledRows.make(
            rows: map.channels, rowsPerBlock: map.channelsPerStrip, tiling: tiling,
            rowOf: order.map { channelOf[$0] },
            tileOf: order.map { UInt32(tiling.tile(kernelRow: kernelRow($0), input: Int(rowOf[$0]))) }
        ) {
            let index = order[$0]
            return rowOf[index] * UInt32(map.rowOffsetOfGradient) + phase.tapOffsets[slot(index)!]
        }
        return Transposed(
            rows: made.pattern, positions: IndexBuffer(made.order.map { canonical[order[Int($0)]] }))
    }

    /// Row-major positions in canonical order.
    package func canonicalIndices() -> [Int] {
        let chunksPerPoint = map.input.lanes / 16
        var result = [Int](repeating: 0, count: nnz)
        for entry in 0..<forward.entries {
            let base = Int(forward.entryRows[entry]) * map.columns
            for position in Int(forward.entryStarts[entry])..<Int(forward.entryStarts[entry + 1]) {
                let point = Int(forward.offsets[position]) / chunksPerPoint
                let (absolute, inPlane) = point.quotientAndRemainder(dividingBy: map.input.plane)
                let channel = absolute - map.firstChannel(ofRow: Int(forward.entryRows[entry]))
                let (ky, kx) = inPlane.quotientAndRemainder(dividingBy: map.input.pitch)
                result[position] =
                    base + channel * map.taps + ky / map.dilation * map.kernelWidth + kx / map.dilation
            }
        }
        return result
    }

    /// Canonical position of each nonzero in row-major order.
    package func rowMajorOrder() -> [UInt32] {
        guard map.kernelHeight > 1 else { return orderByRow() }
        let indices = canonicalIndices()
        let byColumn = stableOrder(of: indices.map { UInt32($0 % map.columns) }, keys: map.columns)
        return stableOrder(of: byColumn.map { UInt32(indices[Int($0)] / map.columns) }, keys: map.rows).map {
            byColumn[Int($0)]
        }
    }

    /// Canonical positions by row; in a row the terms ascend with the tiles.
    private func orderByRow() -> [UInt32] {
        var counts = [Int](repeating: 0, count: map.rows + 1)
        for entry in 0..<forward.entries {
            counts[Int(forward.entryRows[entry]) + 1] += Int(
                forward.entryStarts[entry + 1] - forward.entryStarts[entry])
        }
        for row in 0..<map.rows { counts[row + 1] += counts[row] }
        var order = [UInt32](repeating: 0, count: nnz)
        for entry in 0..<forward.entries {
            let row = Int(forward.entryRows[entry])
            for position in forward.entryStarts[entry]..<forward.entryStarts[entry + 1] {
                order[counts[row]] = position
                counts[row] += 1
            }
        }
        return order
    }
}
