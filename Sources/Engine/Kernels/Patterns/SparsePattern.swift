/// A mask in the order the kernels read it: the forward pattern, and for each phase the transposed one.
///
/// The order of the forward pattern is the canonical order of everything kept for a weight (value, momentum,
/// gradient); the transposed patterns point into it.
package struct SparsePattern: Sendable {
    package let map: WeightMap
    package let forward: TiledRows
    package private(set) var transposed: [Transposed]

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

    /// Of a layer whose input gradient is not made by it.
    var forwardOnly: SparsePattern {
        var pattern = self
        pattern.transposed = []
        return pattern
    }

    /// - Parameter indices: ascending row-major positions of the weights that may be nonzero.
    /// - Complexity: O(nnz + columns + rows · kernel rows).
    package init(map: WeightMap, indices: [Int], needsInputGradient: Bool) {
        self.map = map
        let nonzeros = Nonzeros(map, indices)
        let tiling = map.forwardTiling(nonzeros: indices.count)
        let kernelRowOf = nonzeros.table.kernelRow
        let tileOf = zip(nonzeros.terms, nonzeros.channels).map {
            UInt32(tiling.tile(kernelRow: Int(kernelRowOf[Int($0)]), input: Int($1)))
        }
        let offsets = map.termOffsets
        let made = TiledRows.make(
            rows: map.rows, rowsPerBlock: map.rowsPerBlock, tiling: tiling, rowOf: nonzeros.rows, tileOf: tileOf
        ) { map.groupOffset(ofRow: Int(nonzeros.rows[$0])) + offsets[Int(nonzeros.terms[$0])] }
        forward = made.pattern

        guard needsInputGradient else {
            transposed = []
            return
        }
        var canonical = [UInt32](repeating: 0, count: indices.count)
        for (position, index) in made.order.enumerated() { canonical[Int(index)] = UInt32(position) }
        transposed = map.phases.map { phase in
            SparsePattern.transpose(nonzeros, map: map, phase: phase, canonical: canonical)
        }
    }

    /// - Parameter canonical: position of each nonzero.
    static func transpose(
        _ nonzeros: Nonzeros, map: WeightMap, phase: WeightMap.Phase, canonical: [UInt32]
    ) -> Transposed {
        let slotOfTap = phase.slotOfTap(taps: map.taps)
        // -1: another phase has it.
        let slotOfTerm = nonzeros.table.tap.map { slotOfTap[Int($0)].map { Int32($0) } ?? -1 }
        let kernelRowOf = phase.taps.indices.map { UInt32($0 / phase.kernelColumns) }
        func slot(_ nonzero: UInt32) -> Int { Int(slotOfTerm[Int(nonzeros.terms[Int(nonzero)])]) }

        // By channel; in a channel by row of the kernel, row and column of the kernel, as the input gradient adds.
        var members: [UInt32] = [], keys: [UInt32] = []
        members.reserveCapacity(nonzeros.count)
        keys.reserveCapacity(nonzeros.count)
        for nonzero in 0..<UInt32(nonzeros.count) {
            let slot = slot(nonzero)
            if slot < 0 { continue }
            members.append(nonzero)
            keys.append(nonzeros.channels[Int(nonzero)] * UInt32(phase.kernelRows) + kernelRowOf[slot])
        }
        let order = stableOrder(of: keys, keys: map.channels * phase.kernelRows).map { members[Int($0)] }
        let tiling = map.gradientTiling(phase, nonzeros: members.count)
        let made = TiledRows.make(
            rows: map.channels, rowsPerBlock: map.channelsPerStrip, tiling: tiling,
            rowOf: order.map { nonzeros.channels[Int($0)] },
            tileOf: order.map {
                UInt32(tiling.tile(kernelRow: Int(kernelRowOf[slot($0)]), input: Int(nonzeros.rows[Int($0)])))
            }
        ) {
            nonzeros.rows[Int(order[$0])] * UInt32(map.rowOffsetOfGradient) + phase.tapOffsets[slot(order[$0])]
        }
        return Transposed(
            rows: made.pattern, positions: IndexBuffer(made.order.map { canonical[Int(order[Int($0)])] }))
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
                let tap = ky / map.window.dilation.y * map.kernelWidth + kx / map.window.dilation.x
                result[position] = base + channel * map.taps + tap
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
