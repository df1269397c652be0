// The passes of a sparse layer: gather-accumulate, its transpose for each phase, and the sampled dot.
extension SparsePattern: WeightPattern {
    package var storageCount: Int { nnz }

    package func rowMajorIndices() -> [Int] {
        let canonical = canonicalIndices()
        guard map.kernelHeight > 1 else { return inRowOrder { canonical[$0] } }
        return rowMajorOrder().map { canonical[Int($0)] }
    }

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
        let rows = map.rows(ofBlocks: blocks)
        gatherAccumulate(
            forward, values: values, positions: nil, sweep: map.gather, unit: unit, panels: panels, blocks: blocks,
            rows: rows, reach: map.reach(ofRows: rows), input: input, output: output,
            outputRowFloats: map.outputRowFloats, start: start, tail: tail)
    }

    package func inputGradient(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>,
        inputGradient: UnsafeMutablePointer<Float>
    ) {
        gradient(
            values, from: .added, unit: unit, panels: panels, blocks: blocks, outputGradient: outputGradient,
            inputGradient: inputGradient)
    }

    package func storeInputGradient(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>,
        inputGradient: UnsafeMutablePointer<Float>
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
        for (phase, transposed) in zip(map.phases, transposed) {
            gatherAccumulate(
                transposed.rows, values: values, positions: transposed.positions, sweep: phase.gather, unit: unit,
                panels: panels, blocks: map.strips(ofBlocks: blocks), rows: channels,
                reach: map.reach(ofChannels: channels, phase),
                input: outputGradient, output: inputGradient, outputRowFloats: map.inputGradientRowFloats,
                start: start)
        }
    }

    package func weightGradient(
        _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>, panels: Int, blocks: Range<Int>,
        input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
    ) {
        if map.positions.isFlat {
            sampledDot(
                forward, gradient: gradient, sweep: map.positions, panels: panels, blocks: blocks, input: input,
                outputGradient: outputGradient, gradientRowFloats: map.outputGradientRowFloats)
            sumBias(bias, panels: panels, blocks: blocks, outputGradient: outputGradient)
        } else {
            imageDots(
                forward, map: map, gradient: gradient, bias: bias, panels: panels, blocks: blocks, input: input,
                outputGradient: outputGradient)
        }
    }
}
