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

    /// - Parameters:
    ///   - indices: ascending row-major positions of the weights that may be nonzero.
    ///   - team: that the work is shared among.
    /// - Complexity: O(nnz + columns + rows · kernel rows).
    package init(map: WeightMap, indices: [Int], needsInputGradient: Bool, team: Team? = nil) {
        if map.isPlain {
            self.init(plain: map, indices: indices, needsInputGradient: needsInputGradient, team: team)
        } else {
            self.init(general: map, indices: indices, needsInputGradient: needsInputGradient)
        }
    }

    init(map: WeightMap, forward: TiledRows, transposed: [Transposed]) {
        (self.map, self.forward, self.transposed) = (map, forward, transposed)
    }

    /// Of any layer.
    package init(general map: WeightMap, indices: [Int], needsInputGradient: Bool) {
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
        var result = [Int](repeating: 0, count: nnz)
        forEachColumn { position, base, column in result[position] = base + column }
        return result
    }

    /// Calls `body` with each canonical position, the row-major position of its row's first weight, and its column.
    @inline(__always)
    private func forEachColumn(_ body: (_ position: Int, _ base: Int, _ column: Int) -> Void) {
        let chunksPerPoint = map.input.lanes / 16, columns = map.columns
        let (rows, starts, offsets) = (forward.entryRows.pointer, forward.entryStarts.pointer, forward.offsets.pointer)
        // Terms of a plain layer stand at equal steps, usually of a power of two.
        let step = map.input.plane * chunksPerPoint
        let isPlain = map.hasPlainTerms && step.nonzeroBitCount == 1 && map.input.plane == 1
        let shift = UInt32(step.trailingZeroBitCount)
        for entry in 0..<forward.entries {
            let row = Int(rows[entry]), base = row &* columns
            let places = Int(starts[entry])..<Int(starts[entry &+ 1])
            if isPlain {
                for position in places { body(position, base, Int(offsets[position] &>> shift)) }
                continue
            }
            let firstChannel = map.firstChannel(ofRow: row)
            for position in places {
                let (absolute, inPlane) = (Int(offsets[position]) / chunksPerPoint)
                    .quotientAndRemainder(dividingBy: map.input.plane)
                let (ky, kx) = inPlane.quotientAndRemainder(dividingBy: map.input.pitch)
                let tap = ky / map.window.dilation.y * map.kernelWidth + kx / map.window.dilation.x
                body(position, base, (absolute - firstChannel) * map.taps + tap)
            }
        }
    }

    /// Canonical position of each nonzero in row-major order.
    package func rowMajorOrder() -> [UInt32] {
        guard map.kernelHeight > 1 else {
            return inRowOrder { UInt32(truncatingIfNeeded: $0) }
        }
        let indices = canonicalIndices()
        let byColumn = stableOrder(of: indices.map { UInt32($0 % map.columns) }, keys: map.columns)
        return stableOrder(of: byColumn.map { UInt32(indices[Int($0)] / map.columns) }, keys: map.rows).map {
            byColumn[Int($0)]
        }
    }

    /// Something of each canonical position, by row; in a row the terms ascend with the tiles.
    @inline(__always)
    func inRowOrder<Value>(_ value: (_ position: Int) -> Value) -> [Value] {
        let (rows, starts) = (forward.entryRows.pointer, forward.entryStarts.pointer)
        var next = [Int](repeating: 0, count: map.rows + 1)
        for entry in 0..<forward.entries { next[Int(rows[entry]) + 1] += Int(starts[entry + 1] - starts[entry]) }
        for row in 0..<map.rows { next[row + 1] += next[row] }
        return [Value](unsafeUninitializedCapacity: nnz) { values, initialized in
            for entry in 0..<forward.entries {
                let first = Int(starts[entry]), count = Int(starts[entry + 1]) - first
                let place = next[Int(rows[entry])]
                for index in 0..<count { values.initializeElement(at: place &+ index, to: value(first &+ index)) }
                next[Int(rows[entry])] = place + count
            }
            initialized = nnz
        }
    }
}
