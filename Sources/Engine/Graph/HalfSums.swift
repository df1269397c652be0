import Kernels

/// The weight gradient of the second half of the panels, until it is added to that of the first (`PanelHalves`). One for all
/// layers of a network, as large as the largest that needs it: a layer's is added before the next one's is made.
final class HalfSums {
    private(set) var gradient = FloatBuffer(count: 0)
    private(set) var biasGradient = FloatBuffer(count: 0)

    /// What no kernel writes, as between the packed rows of a dense layer, holds another layer's sums.
    func begin(_ pattern: any WeightPattern) {
        if pattern.writesAllGradients { return }
        gradient.pointer.update(repeating: 0, count: pattern.storageCount)
    }

    /// For when a mask is set; a step allocates nothing.
    func reserve(weights: Int, rows: Int) {
        if gradient.count < weights { gradient = FloatBuffer(count: weights) }
        if biasGradient.count < rows { biasGradient = FloatBuffer(count: rows) }
    }
}
