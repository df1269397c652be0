import Kernels

extension Network {
    /// Uniform weights with variance 2 / inputs, biases zero, parameters as they declare; a function of the seed alone.
    ///
    /// In a layer that starts sparse the inputs of a row are those that it has: with the dense count the outputs of a row of
    /// 20 in 200,000 would start 100 times too small. A position has the same random number either way.
    /// Reference: He et al. 2015, arXiv:1502.01852; for sparse rows Evci et al. 2020, arXiv:2010.03533.
    ///
    /// - Parameter counts: weights that each layer starts with; a layer with fewer than it has place for gets a random mask
    ///   and is never dense. nil: all layers dense.
    /// - Parameter field: spread of the receptive fields that those masks are drawn from; nil: all inputs of a row alike.
    /// - Returns: weights of random masks that were moved, so that a path leads from input to output.
    @discardableResult
    package func initialize(seed: UInt64, counts: [Int]? = nil, field: Double? = nil) -> Int {
        let spreads = initialSpreads
        let drawn = counts.map { drawnMasks($0, field: field, seed: seed) }
        let masks = drawn.map(Paths(graph).joining)
        for (number, layer) in layers.enumerated() {
            let spread = spreads[number]
            var arrays =
                masks?[number].map { sparse(layer, spread, $0, seed: seed) } ?? full(layer, spread, seed: seed)
            let zeros = [Float](repeating: 0, count: arrays.values.count)
            arrays.slots = layer.slots.map { _ in zeros }
            arrays.biasSlots = layer.biasSlots.map { _ in arrays.bias }
            layer.set(arrays)
        }
        spreadParameters(seed: seed, from: layers.count { $0.isTable })
        return zip(drawn ?? [], masks ?? []).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
    }

    /// Which random numbers a layer takes, and how far its weights lie around zero; nil: as its rows have inputs.
    private struct Spread {
        let number: Int
        let bound: Float?
    }

    /// Layers that make sums are counted from 0 up, tables and parameters from −1 down.
    private var initialSpreads: [Spread] {
        var sums = 0, tables = 0
        return layers.map { layer in
            if layer.isTable {
                tables += 1
                // Rows begin with a length of about 1.
                return Spread(number: -tables, bound: (3 / Float(layer.map.columns)).squareRoot())
            }
            sums += 1
            return Spread(number: sums - 1, bound: nil)
        }
    }

    private func spreadParameters(seed: UInt64, from first: Int) {
        let random = CounterRandom(seed: seed, purpose: .initialWeights)
        for (number, parameter) in parameters.enumerated() where parameter.shape.spread > 0 {
            let shape = parameter.shape
            for index in 0..<shape.count {
                // Numbers below 0 belong to no layer.
                parameter.values[index] =
                    shape.initial + (random.uniform(-1 - first - number, index) * 2 - 1) * shape.spread
            }
        }
    }

    private func full(_ layer: WeightLayer, _ spread: Spread, seed: UInt64) -> LayerArrays {
        let random = CounterRandom(seed: seed, purpose: .initialWeights)
        let bound = spread.bound ?? (6 / Float(layer.map.columns)).squareRoot()
        let values = (0..<layer.map.weights).map { (random.uniform(spread.number, $0) * 2 - 1) * bound }
        return LayerArrays(indices: nil, values: values, slots: [], bias: noBias(layer), biasSlots: [])
    }

    /// The random mask of each layer that has one, ascending row-major positions.
    private func drawnMasks(_ counts: [Int], field: Double?, seed: UInt64) -> [[Int]?] {
        zip(layers, counts).enumerated().map { number, entry in
            let (layer, count) = entry
            guard count < layer.map.weights else { return nil }
            if let field {
                return ReceptiveField.positions(
                    rows: layer.map.rows, columns: layer.map.columns, count: count, spread: field, seed: seed,
                    layer: number)
            }
            return RandomMask.positions(
                rows: layer.map.rows, columns: layer.map.columns, count: count, seed: seed, layer: number)
        }
    }

    private func sparse(_ layer: WeightLayer, _ spread: Spread, _ indices: [Int], seed: UInt64) -> LayerArrays {
        let random = CounterRandom(seed: seed, purpose: .initialWeights)
        let columns = layer.map.columns
        var values: [Float] = []
        values.reserveCapacity(indices.count)
        var row = 0
        while values.count < indices.count {
            // A row with nothing in it is passed over.
            row = max(row, indices[values.count] / columns)
            var end = values.count
            while end < indices.count, indices[end] < (row + 1) * columns { end += 1 }
            let bound = spread.bound ?? (6 / Float(end - values.count)).squareRoot()
            for live in values.count..<end {
                values.append((random.uniform(spread.number, indices[live]) * 2 - 1) * bound)
            }
            row += 1
        }
        return LayerArrays(indices: indices, values: values, slots: [], bias: noBias(layer), biasSlots: [])
    }

    private func noBias(_ layer: WeightLayer) -> [Float] { [Float](repeating: 0, count: layer.bias.count) }
}
