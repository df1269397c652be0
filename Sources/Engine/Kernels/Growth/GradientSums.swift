/// Gradients of weights from a layer's input and the gradient of its output, summed as the step sums them.
package struct GradientSums: @unchecked Sendable {
    // Unchecked: the pointers are read alone while the step's tasks rest.
    let map: WeightMap
    let panels: Int
    let input: UnsafePointer<Float>
    let outputGradient: UnsafePointer<Float>

    package init(
        map: WeightMap, panels: Int, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
    ) {
        self.map = map
        self.panels = panels
        self.input = input
        self.outputGradient = outputGradient
    }

    private var halves: PanelHalves { PanelHalves(panels, of: map) }

    /// Of all weights of a pattern, in row-major order.
    package func values(_ pattern: any WeightPattern, team: Team) -> [Float] {
        let sums = (0..<halves.count).map { _ in FloatBuffer(count: pattern.storageCount) }
        let bias = (0..<halves.count).map { _ in FloatBuffer(count: map.rows) }
        let blocks = map.rowBlocks
        team.run(tasks: halves.count * blocks) { task in
            let half = task / blocks, block = task % blocks
            pattern.weightGradient(
                sums[half].pointer, bias: bias[half].pointer, panels: halves[half].count, blocks: block..<block + 1,
                input: input + halves[half].lowerBound * map.input.panelFloats,
                outputGradient: outputGradient + halves[half].lowerBound * map.outputGradient.panelFloats)
        }
        if halves.count == 2 { add(sums[1].pointer, to: sums[0].pointer, count: sums[0].count) }
        return pattern.rowMajorOrder().map { sums[0].pointer[Int($0)] }
    }

    /// Of some blocks of six rows, (blocks, terms, 6).
    /// - Parameters:
    ///   - tiles: of the layer's tiles of terms; the others are not written. nil: all.
    ///   - other: as large as `sums`.
    func dense(
        _ blocks: Range<Int>, tiles: Range<Int>? = nil, into sums: UnsafeMutablePointer<Float>,
        other: UnsafeMutablePointer<Float>
    ) {
        let blockFloats = map.columns * DensePacking.rows
        func half(_ half: Int, _ sums: UnsafeMutablePointer<Float>) {
            denseWeightGradient(
                sums - blocks.lowerBound * blockFloats, bias: nil, map: map, panels: halves[half].count,
                blocks: blocks, tiles: tiles, input: input + halves[half].lowerBound * map.input.panelFloats,
                outputGradient: outputGradient + halves[half].lowerBound * map.outputGradient.panelFloats)
        }
        half(0, sums)
        guard halves.count == 2 else { return }
        // What is not written counts for nothing, but must be something.
        if tiles != nil { other.update(repeating: 0, count: blocks.count * blockFloats) }
        half(1, other)
        add(other, to: sums, count: blocks.count * blockFloats)
    }
}
