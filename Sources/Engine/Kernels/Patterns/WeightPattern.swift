/// Where the weights of a layer are, in the order its kernels read them, and these kernels.
///
/// Everything kept for a weight (value, gradient, the optimizer's state) lies in *storage order*, `storageCount` floats
/// each; what is no weight there is zero and stays zero. All conformers make every sum in the same order, so which of
/// them a layer has changes no bit.
///
/// A task is some blocks of rows (or, for the input gradient, of channels) of `map`, and for the passes over
/// activations one unit of panels. How many blocks changes no bit.
package protocol WeightPattern: Sendable {
    var map: WeightMap { get }
    /// Floats of one array in storage order.
    var storageCount: Int { get }
    var nnz: Int { get }
    /// Of the pattern in memory; values are not counted.
    var bytes: Int { get }
    /// Storage position of each weight in row-major order, (nnz).
    func rowMajorOrder() -> [UInt32]
    /// Ascending row-major positions of the weights, (nnz).
    func rowMajorIndices() -> [Int]

    /// Whether `prepare` has work. It is called for all blocks of rows before the forward pass, once the values changed.
    var needsPreparation: Bool { get }
    /// Whether `weightGradient` writes each place of storage.
    var writesAllGradients: Bool { get }
    /// Whether a block of rows reads channels that no other block reads, and in one task after the other costs nothing more.
    var readsOwnChannels: Bool { get }
    func prepare(_ values: UnsafePointer<Float>, blocks: Range<Int>)

    /// y += W x for some blocks of rows and the panels of one unit.
    func forward(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>, input: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>)
    /// dx += Wᵀ dy for some blocks of channels and the panels of one unit.
    func inputGradient(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>,
        inputGradient: UnsafeMutablePointer<Float>)
    /// y = b + W x, as `forward`; where a kernel can begin from the bias, y is not written and read once before.
    func forward(
        _ values: UnsafePointer<Float>, bias: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>)
    /// y = tail(b + W x), as `forward`, where a network only answers; a kernel can do it when it stores its sums.
    func answer(
        _ values: UnsafePointer<Float>, bias: UnsafePointer<Float>, tail: ForwardTail, unit: Int, panels: Int,
        blocks: Range<Int>, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>)
    /// dx = Wᵀ dy, as `inputGradient`.
    func storeInputGradient(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>,
        inputGradient: UnsafeMutablePointer<Float>)
    /// dW and db (rows) of some blocks of rows over all panels; overwritten.
    func weightGradient(
        _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>, panels: Int, blocks: Range<Int>,
        input: UnsafePointer<Float>,
        outputGradient: UnsafePointer<Float>)

    /// Whether the pattern has a kernel that makes both gradients in one pass, `gradients`.
    var makesBothGradients: Bool { get }
    /// dx and dW of some strips of channels, one at least, and db of some rows, over all panels.
    /// - Parameters:
    ///   - stores: whether dx is overwritten; else it is added to.
    ///   - wrote: called when dx of a panel is whole in some of the channels.
    func gradients(
        _ values: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>,
        rows: Range<Int>, stores: Bool, panels: Int, strips: Range<Int>, input: UnsafePointer<Float>,
        outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
        wrote: (_ panel: Int, _ channels: Range<Int>) -> Void)
}

extension WeightPattern {
    package var makesBothGradients: Bool { false }

    package func gradients(
        _ values: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>,
        rows: Range<Int>, stores: Bool, panels: Int, strips: Range<Int>, input: UnsafePointer<Float>,
        outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
        wrote: (_ panel: Int, _ channels: Range<Int>) -> Void
    ) {
        preconditionFailure("no kernel of both gradients")
    }
}

extension WeightPattern {
    /// db of some blocks, for kernels that do not sum it beside dW.
    func sumBias(
        _ bias: UnsafeMutablePointer<Float>, panels: Int, blocks: Range<Int>, outputGradient: UnsafePointer<Float>
    ) {
        rowSums(
            bias, sweep: map.positions, panels: panels, rows: map.rows(ofBlocks: blocks),
            outputGradient: outputGradient, gradientRowFloats: map.outputGradientRowFloats)
    }
}

extension WeightPattern {
    package var needsPreparation: Bool { false }
    package var writesAllGradients: Bool { storageCount == nnz }
    package var readsOwnChannels: Bool { false }
    package func prepare(_ values: UnsafePointer<Float>, blocks: Range<Int>) {}
}

extension WeightPattern {
    package func forward(
        _ values: UnsafePointer<Float>, bias: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        fillRows(
            bias, sweep: map.forward, unit: unit, panels: panels, rows: map.rows(ofBlocks: blocks), output: output,
            outputRowFloats: map.outputRowFloats)
        forward(values, unit: unit, panels: panels, blocks: blocks, input: input, output: output)
    }

    package func answer(
        _ values: UnsafePointer<Float>, bias: UnsafePointer<Float>, tail: ForwardTail, unit: Int, panels: Int,
        blocks: Range<Int>, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        forward(values, bias: bias, unit: unit, panels: panels, blocks: blocks, input: input, output: output)
        map.forward.withUnit(unit, panels: panels) { groups, _, outputStart in
            for row in map.rows(ofBlocks: blocks) {
                let line = output + (outputStart + row * map.outputRowFloats)
                for group in groups { tail.finish(row, group, sweep: map.forward, y: output, line: line) }
            }
            for group in groups {
                tail.complete(
                    map.rows(ofBlocks: blocks), group, sweep: map.forward, y: output + outputStart,
                    rowFloats: map.outputRowFloats)
            }
        }
    }

    package func storeInputGradient(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>,
        inputGradient: UnsafeMutablePointer<Float>
    ) {
        let layout = map.inputGradient
        let channels = map.channels(ofBlocks: blocks)
        for panel in map.phases[0].sweep.panels(ofUnit: unit, of: panels) {
            // Borders are zero already; clearing across them costs less than walking around them.
            (inputGradient + panel * layout.panelFloats + channels.lowerBound * layout.plane * layout.lanes).update(
                repeating: 0, count: channels.count * layout.plane * layout.lanes)
        }
        self.inputGradient(
            values, unit: unit, panels: panels, blocks: blocks, outputGradient: outputGradient,
            inputGradient: inputGradient)
    }
}

extension WeightMap {
    /// Rows of some blocks.
    package func rows(ofBlocks blocks: Range<Int>) -> Range<Int> {
        blocks.lowerBound * rowsPerBlock..<min(blocks.upperBound * rowsPerBlock, rows)
    }
    /// Channels of some blocks of the input gradient.
    package func channels(ofBlocks blocks: Range<Int>) -> Range<Int> {
        blocks.lowerBound * channelsPerBlock..<min(blocks.upperBound * channelsPerBlock, channels)
    }
    package func channels(ofStrips strips: Range<Int>) -> Range<Int> {
        strips.lowerBound * channelsPerStrip..<min(strips.upperBound * channelsPerStrip, channels)
    }
    /// The strips of some blocks of channels.
    func strips(ofBlocks blocks: Range<Int>) -> Range<Int> {
        blocks.lowerBound * stripsPerBlock..<min(blocks.upperBound * stripsPerBlock, channelStrips)
    }
    package var outputRowFloats: Int { output.plane * output.lanes }
    package var outputGradientRowFloats: Int { outputGradient.plane * outputGradient.lanes }
    package var inputGradientRowFloats: Int { inputGradient.plane * inputGradient.lanes }
}
