/// All weights of a layer, of which the network computes with some and makes the gradients of some: the others are zero, and their
/// gradients are not written. Storage is that of all.
///
///     values (all) ── prepare: gather ──> copy (computing) ──> sparse forward, sparse input gradient
///     gradient (all) <── scatter ── a thread's scratch (learning) <── sampled dot
package struct SelectedPattern: WeightPattern {
    package let whole: any WeightPattern
    private let computing: SparsePattern
    private let learning: SparsePattern
    /// Of `computing`, in its order.
    private let copy: FloatBuffer
    /// Where their weights are in storage, in their orders.
    private let computingPlaces: IndexBuffer
    private let learningPlaces: IndexBuffer

    /// - Parameters:
    ///   - computing, learning: numbers of weights of `whole` in row-major order, ascending.
    /// - Complexity: O(weights).
    package init(_ whole: any WeightPattern, computing: [Int], learning: [Int], needsInputGradient: Bool) {
        self.whole = whole
        let indices = whole.rowMajorIndices(), order = whole.rowMajorOrder()
        func part(_ weights: [Int], needsInputGradient: Bool) -> (SparsePattern, IndexBuffer) {
            let pattern = SparsePattern(
                map: whole.map, indices: weights.map { indices[$0] }, needsInputGradient: needsInputGradient)
            var places = [UInt32](repeating: 0, count: weights.count)
            for (weight, place) in zip(weights, pattern.rowMajorOrder()) { places[Int(place)] = order[weight] }
            return (pattern, IndexBuffer(places))
        }
        (self.computing, computingPlaces) = part(computing, needsInputGradient: needsInputGradient)
        (self.learning, learningPlaces) = part(learning, needsInputGradient: false)
        copy = FloatBuffer(count: computing.count)
    }

    package var map: WeightMap { whole.map }
    package var storageCount: Int { whole.storageCount }
    package var nnz: Int { whole.nnz }
    package var bytes: Int {
        whole.bytes + computing.bytes + learning.bytes + 8 * computingPlaces.count + 4 * learningPlaces.count
    }
    package func rowMajorOrder() -> [UInt32] { whole.rowMajorOrder() }
    package func rowMajorIndices() -> [Int] { whole.rowMajorIndices() }

    package var needsPreparation: Bool { true }
    package var writesAllGradients: Bool { false }

    package func prepare(_ values: UnsafePointer<Float>, blocks: Range<Int>) {
        let from = computingPlaces.pointer, copy = copy.pointer
        for tile in 0..<computing.forward.tiles {
            for weight in computing.forward.nonzeros(tile: tile, blocks: blocks) {
                copy[weight] = values[Int(from[weight])]
            }
        }
    }

    package func forward(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>, input: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>
    ) {
        computing.forward(copy.pointer, unit: unit, panels: panels, blocks: blocks, input: input, output: output)
    }

    package func forward(
        _ values: UnsafePointer<Float>, bias: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        computing.forward(
            copy.pointer, bias: bias, unit: unit, panels: panels, blocks: blocks, input: input, output: output)
    }

    package func answer(
        _ values: UnsafePointer<Float>, bias: UnsafePointer<Float>, tail: ForwardTail, unit: Int, panels: Int,
        blocks: Range<Int>, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        computing.answer(
            copy.pointer, bias: bias, tail: tail, unit: unit, panels: panels, blocks: blocks, input: input,
            output: output)
    }

    package func inputGradient(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>,
        inputGradient: UnsafeMutablePointer<Float>
    ) {
        computing.inputGradient(
            copy.pointer, unit: unit, panels: panels, blocks: blocks, outputGradient: outputGradient,
            inputGradient: inputGradient)
    }

    package func storeInputGradient(
        _ values: UnsafePointer<Float>, unit: Int, panels: Int, blocks: Range<Int>,
        outputGradient: UnsafePointer<Float>,
        inputGradient: UnsafeMutablePointer<Float>
    ) {
        computing.storeInputGradient(
            copy.pointer, unit: unit, panels: panels, blocks: blocks, outputGradient: outputGradient,
            inputGradient: inputGradient)
    }

    package func weightGradient(
        _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>, panels: Int, blocks: Range<Int>,
        input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
    ) {
        let to = learningPlaces.pointer
        withScratch(of: Float.self, capacity: learning.nnz) { sums in
            let sums = sums.baseAddress!
            learning.weightGradient(
                sums, bias: bias, panels: panels, blocks: blocks, input: input, outputGradient: outputGradient)
            for tile in 0..<learning.forward.tiles {
                for weight in learning.forward.nonzeros(tile: tile, blocks: blocks) {
                    gradient[Int(to[weight])] = sums[weight]
                }
            }
        }
    }
}
