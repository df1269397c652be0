/// Every weight there, packed for the dense kernels.
package struct DensePattern: WeightPattern {
    package let map: WeightMap

    /// - Precondition: one group; the packed kernels would multiply the channels of other groups by zero.
    package init(map: WeightMap) {
        precondition(map.groups == 1)
        self.map = map
    }

    package var storageCount: Int { DensePacking.count(rows: map.rows, columns: map.columns) }
    package var nnz: Int { map.weights }
    package var bytes: Int { 0 }
    package func rowMajorIndices() -> [Int] { Array(0..<map.weights) }

    package func rowMajorOrder() -> [UInt32] {
        var order = [UInt32](repeating: 0, count: map.weights)
        var index = 0
        for row in 0..<map.rows {
            for column in 0..<map.columns {
                order[index] = UInt32(
                    DensePacking.position(row: row, term: map.term(ofColumn: column), terms: map.columns))
                index += 1
            }
        }
        return order
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
        denseForward(
            values, map: map, unit: unit, panels: panels, blocks: DensePacking.blocks(map.rows(ofBlocks: blocks)),
            input: input, output: output, start: start, tail: tail)
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

    private func gradient(
        _ values: UnsafePointer<Float>, from start: RowStart, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>
    ) {
        for phase in map.phases {
            denseInputGradient(
                values, map: map, phase: phase, unit: unit, panels: panels,
                blocks: DensePacking.blocks(map.channels(ofBlocks: blocks)), outputGradient: outputGradient,
                inputGradient: inputGradient, start: start)
        }
    }

    package func weightGradient(
        _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>, panels: Int, blocks: Range<Int>,
        input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
    ) {
        denseWeightGradient(
            gradient, bias: bias, map: map, panels: panels, blocks: DensePacking.blocks(map.rows(ofBlocks: blocks)),
            input: input,
            outputGradient: outputGradient)
    }
}
