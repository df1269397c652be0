// The passes of a sparse layer: gather-accumulate, its transpose for each phase, and the sampled dot.
extension SparsePattern: WeightPattern {
    package var storageCount: Int { nnz }

    package func rowMajorIndices() -> [Int] {
        let canonical = canonicalIndices()
        return rowMajorOrder().map { canonical[Int($0)] }
    }

    package func forward(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, block: Int, input: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>
    ) {
        gatherAccumulate(
            forward, values: values, positions: nil, sweep: map.forward, unit: unit, panels: panels, block: block,
            input: input, output: output, outputRowFloats: map.outputRowFloats)
    }

    package func inputGradient(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, block: Int, outputGradient: UnsafePointer<Float>,
        inputGradient: UnsafeMutablePointer<Float>
    ) {
        for (phase, transposed) in zip(map.phases, transposed) {
            gatherAccumulate(
                transposed.rows, values: values, positions: transposed.positions, sweep: phase.sweep, unit: unit,
                panels: panels, block: block, input: outputGradient, output: inputGradient,
                outputRowFloats: map.inputGradientRowFloats)
        }
    }

    package func weightGradient(
        _ gradient: UnsafeMutablePointer<Float>, panels: Int, block: Int, input: UnsafePointer<Float>,
        outputGradient: UnsafePointer<Float>
    ) {
        sampledDot(
            forward, gradient: gradient, sweep: map.positions, panels: panels, block: block, input: input,
            outputGradient: outputGradient, gradientRowFloats: map.outputGradientRowFloats)
    }
}
