/// The weights of a convolution whose groups read one channel each, all or a mask's, row after row: the order of files is that of
/// the kernels, for a row has one weight a tap at most.
///
/// Sums go by (ky, kx), those of the input gradient by (ky, row, kx), as those of all kernels. Its lists are of the taps of a
/// kernel's row, and of the weights: what it holds follows from nnz and rows.
package struct DepthwisePattern: WeightPattern {
    package let map: WeightMap
    package let nnz: Int
    /// Ascending row-major positions; nil: all.
    private let indices: [Int]?
    private let forward: Terms
    private let backward: [Backward]

    /// Of sums, one after the other: those of row k of the kernel of sum s are `starts[s · kernelRows + k]` and what follows.
    private struct Terms {
        let kernelRows: Int
        let starts: IndexBuffer
        let offsets: IndexBuffer

        var bytes: Int { 4 * (starts.count + offsets.count) }

        init(kernelRows: Int, sums: Int, _ terms: [(sum: Int, kernelRow: Int, offset: UInt32)]) {
            self.kernelRows = kernelRows
            var starts = [UInt32](repeating: 0, count: sums * kernelRows + 1)
            for term in terms { starts[term.sum * kernelRows + term.kernelRow + 1] += 1 }
            for place in 0..<sums * kernelRows { starts[place + 1] += starts[place] }
            self.starts = IndexBuffer(starts)
            offsets = IndexBuffer(terms.map(\.offset))
        }

        func start(_ sum: Int) -> Int { Int(starts.pointer[sum &* kernelRows]) }

        /// - Parameter weights: of all sums.
        @inline(__always)
        func terms(_ sum: Int, _ weights: UnsafePointer<Float>) -> PlaneTerms {
            PlaneTerms(
                weights: weights, offsets: offsets.pointer, starts: UnsafePointer(starts.pointer) + sum &* kernelRows)
        }
    }

    /// Of a phase: sums are channels, and each weight stands at a position of the forward order.
    private struct Backward {
        let terms: Terms
        let positions: IndexBuffer
    }

    /// - Parameter indices: ascending row-major positions of the weights; nil: all.
    /// - Precondition: as many groups as channels.
    package init(map: WeightMap, indices: [Int]? = nil, needsInputGradient: Bool = true) {
        precondition(map.channelsPerGroup == 1)
        self.map = map
        self.indices = indices
        nnz = indices?.count ?? map.weights
        let all = indices ?? Array(0..<map.weights)
        let taps = map.taps, termOffsets = map.termOffsets
        forward = Terms(
            kernelRows: map.kernelHeight, sums: map.rows,
            all.map { ($0 / taps, $0 % taps / map.kernelWidth, termOffsets[$0 % taps]) })
        guard needsInputGradient else {
            backward = []
            return
        }
        let rowsPerChannel = map.rows / map.channels
        backward = map.phases.map { phase in
            let slots = phase.slotOfTap(taps: taps)
            var members: [UInt32] = [], keys: [UInt32] = []
            for (position, index) in all.enumerated() {
                guard let slot = slots[index % taps] else { continue }
                members.append(UInt32(position))
                keys.append(
                    UInt32(index / taps / rowsPerChannel * phase.kernelRows + slot / phase.kernelColumns))
            }
            // Rows ascend, and in a row the taps.
            let order = stableOrder(of: keys, keys: map.channels * phase.kernelRows).map { members[Int($0)] }
            let terms = order.map { position in
                let (row, tap) = all[Int(position)].quotientAndRemainder(dividingBy: taps)
                let slot = slots[tap]!
                return (
                    row / rowsPerChannel, slot / phase.kernelColumns,
                    UInt32(row % rowsPerChannel * map.rowOffsetOfGradient) + phase.tapOffsets[slot]
                )
            }
            return Backward(
                terms: Terms(kernelRows: phase.kernelRows, sums: map.channels, terms), positions: IndexBuffer(order))
        }
    }

    package var isFull: Bool { indices == nil }
    package var storageCount: Int { nnz }
    package var bytes: Int { forward.bytes + backward.reduce(0) { $0 + $1.terms.bytes + 4 * $1.positions.count } }
    package func rowMajorOrder() -> [UInt32] { (0..<UInt32(nnz)).map { $0 } }
    package func rowMajorIndices() -> [Int] { indices ?? Array(0..<map.weights) }
    package var readsOwnChannels: Bool { true }

    package func forward(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>, input: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>
    ) {
        forward(values, from: .added, unit: unit, panels: panels, blocks: blocks, input: input, output: output)
    }

    package func forward(
        _ values: UnsafePointer<Float>, bias: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        forward(values, from: .bias(bias), unit: unit, panels: panels, blocks: blocks, input: input, output: output)
    }

    package func answer(
        _ values: UnsafePointer<Float>, bias: UnsafePointer<Float>, tail: ForwardTail, unit: Int, panels: Int,
        blocks: Range<Int>, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        forward(
            values, from: .bias(bias), tail: tail, unit: unit, panels: panels, blocks: blocks, input: input,
            output: output)
    }

    private func forward(
        _ values: UnsafePointer<Float>, from start: RowStart, tail: ForwardTail? = nil, unit: Int, panels: Int,
        blocks: Range<Int>, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        let sweep = map.gather
        let planeFloats = map.input.plane * map.input.lanes, rowFloats = map.outputRowFloats
        sweep.withUnit(unit, panels: panels) { groups, inputStart, outputStart in
            let runs = DepthwiseRuns(sweep: sweep, groups: groups, tail: tail.map { ($0, output) })
            for row in map.rows(ofBlocks: blocks) {
                runs.run(
                    row, start.value(row), forward.terms(row, values),
                    input + (inputStart &+ map.firstChannel(ofRow: row) &* planeFloats),
                    output + (outputStart &+ row &* rowFloats))
                guard let tail else { continue }
                for group in groups {
                    tail.complete(
                        row..<row + 1, group, sweep: sweep, y: output + outputStart, rowFloats: rowFloats)
                }
            }
        }
    }

    package func inputGradient(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>
    ) {
        gradient(
            values, from: .added, unit: unit, panels: panels, blocks: blocks, outputGradient: outputGradient,
            inputGradient: inputGradient)
    }

    package func storeInputGradient(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>
    ) {
        gradient(
            values, from: .zero, unit: unit, panels: panels, blocks: blocks, outputGradient: outputGradient,
            inputGradient: inputGradient)
    }

    // The phases together write every point of dx once.
    private func gradient(
        _ values: UnsafePointer<Float>, from start: RowStart, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>
    ) {
        let channels = map.channels(ofBlocks: blocks)
        let dyFloats = map.rows / map.channels * map.outputGradientRowFloats, dxFloats = map.inputGradientRowFloats
        for (phase, held) in zip(map.phases, backward) {
            let first = held.terms.start(channels.lowerBound)
            let count = held.terms.start(channels.upperBound) - first
            withScratch(of: Float.self, capacity: count + 1) { weights in
                for place in 0..<count { weights[place] = values[Int(held.positions.pointer[first &+ place])] }
                let weights = UnsafePointer(weights.baseAddress!) - first
                phase.gather.withUnit(unit, panels: panels) { groups, dyStart, dxStart in
                    let runs = DepthwiseRuns(sweep: phase.gather, groups: groups)
                    for channel in channels {
                        runs.run(
                            channel, start.value(channel), held.terms.terms(channel, weights),
                            outputGradient + (dyStart &+ channel &* dyFloats),
                            inputGradient + (dxStart &+ channel &* dxFloats))
                    }
                }
            }
        }
    }

    package func weightGradient(
        _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>, panels: Int, blocks: Range<Int>,
        input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
    ) {
        depthwiseWeightGradient(
            gradient, bias: bias, map: map, panels: panels, rows: map.rows(ofBlocks: blocks), starts: forward.start,
            offsets: forward.offsets.pointer, input: input, outputGradient: outputGradient)
    }
}
