import Kernels

extension Network {
    /// Uniform weights with variance 2 / inputs, biases zero; a function of the seed alone.
    /// Reference: He et al. 2015, arXiv:1502.01852.
    package func initialize(seed: UInt64) {
        let random = CounterRandom(seed: seed, purpose: .initialWeights)
        for (number, layer) in layers.enumerated() {
            let bound = (6 / Float(layer.map.columns)).squareRoot()
            let values = (0..<layer.map.weights).map { (random.uniform(number, $0) * 2 - 1) * bound }
            let zeros = [Float](repeating: 0, count: values.count)
            let noBias = [Float](repeating: 0, count: layer.map.rows)
            layer.set(
                LayerArrays(
                    indices: nil, values: values, slots: layer.slots.map { _ in zeros }, bias: noBias,
                    biasSlots: layer.biasSlots.map { _ in noBias }))
        }
    }
}
