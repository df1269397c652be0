import Kernels

extension Network {
    /// Uniform weights with variance 2 / inputs, biases zero; a function of the seed alone.
    ///
    /// In a layer that starts sparse the inputs of a row are those that it has: with the dense count the outputs of a row of
    /// 20 in 200,000 would start 100 times too small. A position has the same random number either way.
    /// Reference: He et al. 2015, arXiv:1502.01852; for sparse rows Evci et al. 2020, arXiv:2010.03533.
    ///
    /// - Parameter counts: weights that each layer starts with; a layer with fewer than it has place for gets a random mask
    ///   and is never dense. nil: all layers dense.
    package func initialize(seed: UInt64, counts: [Int]? = nil) {
        for (number, layer) in layers.enumerated() {
            let count = counts?[number] ?? layer.map.weights
            var arrays =
                count < layer.map.weights
                ? drawn(layer, number, count: count, seed: seed) : full(layer, number, seed: seed)
            let zeros = [Float](repeating: 0, count: arrays.values.count)
            arrays.slots = layer.slots.map { _ in zeros }
            arrays.biasSlots = layer.biasSlots.map { _ in arrays.bias }
            layer.set(arrays)
        }
    }

    private func full(_ layer: WeightLayer, _ number: Int, seed: UInt64) -> LayerArrays {
        let random = CounterRandom(seed: seed, purpose: .initialWeights)
        let bound = (6 / Float(layer.map.columns)).squareRoot()
        let values = (0..<layer.map.weights).map { (random.uniform(number, $0) * 2 - 1) * bound }
        return LayerArrays(indices: nil, values: values, slots: [], bias: noBias(layer), biasSlots: [])
    }

    private func drawn(_ layer: WeightLayer, _ number: Int, count: Int, seed: UInt64) -> LayerArrays {
        let random = CounterRandom(seed: seed, purpose: .initialWeights)
        let rows = layer.map.rows
        let indices = RandomMask.positions(
            rows: rows, columns: layer.map.columns, count: count, seed: seed, layer: number)
        var values: [Float] = []
        values.reserveCapacity(count)
        for row in 0..<rows {
            let held = RandomMask.count(ofRow: row, rows: rows, count: count)
            let bound = (6 / Float(max(held, 1))).squareRoot()
            for live in values.count..<values.count + held {
                values.append((random.uniform(number, indices[live]) * 2 - 1) * bound)
            }
        }
        return LayerArrays(indices: indices, values: values, slots: [], bias: noBias(layer), biasSlots: [])
    }

    private func noBias(_ layer: WeightLayer) -> [Float] { [Float](repeating: 0, count: layer.map.rows) }
}
