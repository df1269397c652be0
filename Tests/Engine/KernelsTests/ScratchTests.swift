import CAllocations
import Kernels
import Testing

@Suite struct ScratchTests {
    /// Masks that hold a little more each time find room in what a thread already keeps.
    @Test func aThreadsMemoryServesLargerMasks() {
        let layer = LayerFixture(
            samples: 16, channels: 128, height: 6, width: 7, rows: 128, window: KernelWindow(kernel: 3, padding: 1),
            lanes: 16)
        let map = layer.map
        let x = layer.pack(layer.x, map.input), dy = layer.pack(layer.dy, map.outputGradient)
        let dx = FloatBuffer(count: map.inputGradient.panelFloats), db = FloatBuffer(count: map.rows)
        let random = CounterRandom(seed: 2, purpose: .test)
        var grown = 0
        for share in 0..<12 {
            let density = 0.4 + Float(share) / 100
            let indices = (0..<map.weights).filter { random.uniform($0) < density }
            let pattern = SparsePattern(map: map, indices: indices, needsInputGradient: true)
            let values = FloatBuffer(count: pattern.nnz), dw = FloatBuffer(count: pattern.nnz)
            func allocations() -> Int64 {
                espalier_count_allocations(1)
                let before = espalier_allocations()
                pattern.gradients(
                    values.pointer, dw.pointer, bias: db.pointer, rows: 0..<map.rows, stores: true, panels: 1,
                    strips: 0..<map.channelStrips, input: x.pointer, outputGradient: dy.pointer,
                    inputGradient: dx.pointer
                ) { _, _ in }
                espalier_count_allocations(0)
                return espalier_allocations() - before
            }
            if allocations() > allocations() { grown += 1 }
        }
        // The first one, and where the size passes a power of two.
        #expect(grown <= 2)
    }
}
