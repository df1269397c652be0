import Graph
import Kernels

/// What recoveries measure.
extension Calibration {
    package struct Moments: Sendable, Equatable {
        package var mean = 0.0
        package var variance = 0.0
    }

    /// Mean and variance of each output of a layer (before anything behind it), over samples and points; none of tables.
    package func rowMoments(_ samples: Int) -> [[Moments]] {
        reset()
        for (layer, arrays) in zip(network.layers, layers) { layer.set(arrays) }
        let dense = zip(network.layers, layers).map { layer, arrays in
            var rows = [Double](repeating: 0, count: layer.map.weights)
            for (live, value) in arrays.values.enumerated() { rows[arrays.indices?[live] ?? live] = Double(value) }
            return rows
        }
        // Sum, sum of squares and count.
        var sums = network.layers.map { [Double](repeating: 0, count: 2 * $0.map.rows) }
        var counts = layers.map { _ in 0 }
        forEachInput(samples) { layer, input, count in
            let rows = input.rows(count), map = network.layers[layer].map
            let inGroup = map.rows / input.groups
            counts[layer] += rows
            let weights = dense[layer], bias = layers[layer].bias
            sums[layer].withUnsafeMutableBufferPointer { sums in
                nonisolated(unsafe) let sums = sums  // Each task writes its own group.
                network.team.run(tasks: input.groups) { group in
                    input.forEachChunk(of: rows, group: group) { values, held in
                        for row in group * inGroup..<(group + 1) * inGroup {
                            var (sum, squares) = (sums[2 * row], sums[2 * row + 1])
                            for place in 0..<held {
                                var output = Double(bias[row])
                                let x = values + place * input.stride
                                for column in 0..<input.columns {
                                    output += weights[row * input.columns + column] * x[column]
                                }
                                sum += output
                                squares += output * output
                            }
                            (sums[2 * row], sums[2 * row + 1]) = (sum, squares)
                        }
                    }
                }
            }
        }
        return zip(sums, counts).map { sums, count in
            (0..<sums.count / 2).map { row in
                guard count > 0 else { return Moments() }
                let mean = sums[2 * row] / Double(count)
                return Moments(mean: mean, variance: max(0, sums[2 * row + 1] / Double(count) - mean * mean))
            }
        }
    }

    /// The network's parameters with statistics of batch normalisation that are those of the samples: the mean over batches.
    package func normStatistics(_ samples: Int) -> [ParameterState] {
        reset()
        for (layer, arrays) in zip(network.layers, layers) { layer.set(arrays) }
        // A batch moves them towards its own by a share; from zero that share of its own is what stands there.
        var shares: [String: Double] = [:]
        for node in plan.graph.nodes where node.op.traits.contains(.normalizesBatch) {
            if case .number(let share)? = node.op.arguments["momentum"], share > 0 { shares[node.name] = share }
        }
        let statistics = network.parameters.filter { $0.shape.role == .statistic && shares[$0.node] != nil }
        var sums = statistics.map { [Double](repeating: 0, count: $0.values.count) }
        let parts = Calibration.parts(chosen(samples), atMost: network.capacity)
        for (number, part) in parts.enumerated() {
            for parameter in statistics { parameter.values.zero() }
            filler.fill(from: plan.data.train, indices: part)
            network.forward(samples: part.count, step: number, seed: plan.recipe.seed)
            for (place, parameter) in statistics.enumerated() {
                let weight = Double(part.count) / shares[parameter.node]!
                for index in sums[place].indices { sums[place][index] += weight * Double(parameter.values[index]) }
            }
        }
        let total = Double(parts.reduce(0) { $0 + $1.count })
        for (place, parameter) in statistics.enumerated() {
            for index in sums[place].indices { parameter.values[index] = Float(sums[place][index] / total) }
        }
        return network.parameters.map { $0.state(withSlots: false) }
    }
}
