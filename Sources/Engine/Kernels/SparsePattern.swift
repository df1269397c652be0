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
        let taps = map.taps
        let channelsPerTile = map.channelsPerTile(nonzeros: nnz)
        let tiles = max(1, (map.channels + channelsPerTile - 1) / channelsPerTile)

        // Row-major order is (row, column); a stable counting sort by tile makes it (tile, row, column).
        var rowOf = [UInt32](repeating: 0, count: nnz)
        var columnOf = [UInt32](repeating: 0, count: nnz)
        var row = 0
        for (index, position) in indices.enumerated() {
            while position >= (row + 1) * columns { row = max(row + 1, position / columns) }
            rowOf[index] = UInt32(row)
            columnOf[index] = UInt32(position - row * columns)
        }
        // The input channel of each nonzero, its group counted in.
        let channelOf = zip(rowOf, columnOf).map { UInt32(map.firstChannel(ofRow: Int($0)) + Int($1) / taps) }
        let tileOf = channelOf.map { $0 / UInt32(channelsPerTile) }
        let offsets = map.columnOffsets
        let made = TiledRows.make(
            rows: map.rows, rowsPerBlock: map.rowsPerBlock, tiles: tiles, rowOf: rowOf, tileOf: tileOf
        ) { map.groupOffset(ofRow: Int(rowOf[$0])) + offsets[Int(columnOf[$0])] }
        forward = made.pattern

        guard needsInputGradient else {
            transposed = []
            return
        }
        var canonical = [UInt32](repeating: 0, count: nnz)
        for (position, index) in made.order.enumerated() { canonical[Int(index)] = UInt32(position) }
        transposed = map.phases.map { phase in
            SparsePattern.transpose(
                map: map, phase: phase, rowOf: rowOf, columnOf: columnOf, channelOf: channelOf, canonical: canonical,
            )
        }
    }

    static func transpose(
        map: WeightMap, phase: WeightMap.Phase, rowOf: [UInt32], columnOf: [UInt32], channelOf: [UInt32],
        canonical: [UInt32]
    ) -> Transposed {
        let taps = map.taps
        var slotOfTap = [Int](repeating: -1, count: taps)
        for (slot, tap) in phase.taps.enumerated() { slotOfTap[tap] = slot }
        var members: [Int] = []
        members.reserveCapacity(rowOf.count)
        for index in rowOf.indices where slotOfTap[Int(columnOf[index]) % taps] >= 0 { members.append(index) }

        let rowsPerTile = map.gradientRowsPerTile(nonzeros: members.count)
        let tiles = max(1, (map.rows + rowsPerTile - 1) / rowsPerTile)

        // By channel; in a channel they stay in the order of (row, tap), in which the input gradient adds.
        let order = stableOrder(of: members.map { channelOf[$0] }, keys: map.channels).map {
            members[Int($0)]
        }
        let made = TiledRows.make(
            rows: map.channels, rowsPerBlock: map.channelsPerStrip, tiles: tiles,
            rowOf: order.map { channelOf[$0] }, tileOf: order.map { rowOf[$0] / UInt32(rowsPerTile) }
        ) {
            let index = order[$0]
            let tapOffset = phase.tapOffsets[slotOfTap[Int(columnOf[index]) % taps]]
            return rowOf[index] * UInt32(map.rowOffsetOfGradient) + tapOffset
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
