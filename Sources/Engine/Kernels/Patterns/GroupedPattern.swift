/// Every weight of a convolution of several groups, each packed by itself for the dense kernels: a group is a layer of its own
/// between some planes of x and some of y.
package struct GroupedPattern: WeightPattern {
    package let map: WeightMap
    private let one: DensePattern
    private var rowsPerGroup: Int { map.rows / map.groups }

    package init(map: WeightMap) {
        self.map = map
        one = DensePattern(map: map.ofOneGroup)
    }

    /// Whether the dense kernels' six rows are about filled; else single weights are faster.
    package static func suits(_ map: WeightMap) -> Bool {
        map.groups > 1 && map.rows / map.groups >= 6 && map.channelsPerGroup >= 4
    }

    package var storageCount: Int { map.groups * one.storageCount }
    package var nnz: Int { map.weights }
    package var bytes: Int { 0 }
    package var readsOwnChannels: Bool { true }
    package func rowMajorIndices() -> [Int] { Array(0..<map.weights) }
    package func rowMajorOrder() -> [UInt32] {
        let order = one.rowMajorOrder()
        return (0..<map.groups).flatMap { group in
            let first = UInt32(group * one.storageCount)
            return order.map { first + $0 }
        }
    }

    /// Blocks are of whole groups.
    private func groups(ofRows rows: Range<Int>) -> Range<Int> {
        rows.lowerBound / rowsPerGroup..<rows.upperBound / rowsPerGroup
    }
    private var rowBlocks: Range<Int> { 0..<DensePacking.blocks(rowsPerGroup) }
    private var channelBlocks: Range<Int> { 0..<DensePacking.blocks(map.channelsPerGroup) }

    package func forward(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>, input: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>
    ) {
        forward(
            values, bias: nil, tail: nil, unit: unit, panels: panels, blocks: blocks, input: input, output: output)
    }

    package func forward(
        _ values: UnsafePointer<Float>, bias: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        forward(
            values, bias: bias, tail: nil, unit: unit, panels: panels, blocks: blocks, input: input, output: output)
    }

    package func answer(
        _ values: UnsafePointer<Float>, bias: UnsafePointer<Float>, tail: ForwardTail, unit: Int, panels: Int,
        blocks: Range<Int>, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        forward(
            values, bias: bias, tail: tail, unit: unit, panels: panels, blocks: blocks, input: input, output: output)
    }

    private func forward(
        _ values: UnsafePointer<Float>, bias: UnsafePointer<Float>?, tail: ForwardTail?, unit: Int, panels: Int,
        blocks: Range<Int>, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        for group in groups(ofRows: map.rows(ofBlocks: blocks)) {
            denseForward(
                values + group * one.storageCount, map: one.map, unit: unit, panels: panels, blocks: rowBlocks,
                input: input + map.inputFloats(ofGroup: group),
                output: output + group * rowsPerGroup * map.outputRowFloats,
                start: bias.map { .bias($0 + group * rowsPerGroup) } ?? .added,
                tail: tail?.dropping(
                    rows: group * rowsPerGroup, floats: group * rowsPerGroup * map.outputRowFloats))
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

    private func gradient(
        _ values: UnsafePointer<Float>, from start: RowStart, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>
    ) {
        let channels = map.channels(ofBlocks: blocks)
        for group in channels.lowerBound / map.channelsPerGroup..<channels.upperBound / map.channelsPerGroup {
            let dy = outputGradient + group * rowsPerGroup * map.outputGradientRowFloats
            let dx = inputGradient + group * map.channelsPerGroup * map.inputGradientRowFloats
            for phase in one.map.phases {
                denseInputGradient(
                    values + group * one.storageCount, map: one.map, phase: phase, unit: unit, panels: panels,
                    blocks: channelBlocks, outputGradient: dy, inputGradient: dx, start: start)
            }
        }
    }

    package func weightGradient(
        _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>, panels: Int, blocks: Range<Int>,
        input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
    ) {
        for group in groups(ofRows: map.rows(ofBlocks: blocks)) {
            denseWeightGradient(
                gradient + group * one.storageCount, bias: bias + group * rowsPerGroup, map: one.map, panels: panels,
                blocks: rowBlocks, input: input + map.inputFloats(ofGroup: group),
                outputGradient: outputGradient + group * rowsPerGroup * map.outputGradientRowFloats)
        }
    }
}
