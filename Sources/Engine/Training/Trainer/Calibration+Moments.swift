import Graph
import Kernels

/// What recoveries measure.
extension Calibration {
    /// Mean and variance of each output of a layer (before anything behind it), over samples and points; none of tables.
    /// - Parameter only: the number of the layer that is asked about, the others are left at zero; nil: all.
    package func rowMoments(_ samples: Int, only: Int? = nil) -> [[OutputMoments]] {
        reset()
        for (layer, arrays) in zip(network.layers, layers) { layer.set(arrays) }
        var sums = network.layers.map { [Double](repeating: 0, count: 2 * $0.map.rows) }
        var counts = layers.map { _ in 0 }
        forEachInput(samples) { layer, input, count in
            guard only == nil || only == layer else { return }
            let rows = input.rows(count)
            counts[layer] += rows
            add(layer, input, rows: rows, to: &sums[layer])
        }
        return zip(sums, counts).map { sums, count in
            (0..<sums.count / 2).map { row in
                guard count > 0 else { return OutputMoments() }
                let mean = sums[2 * row] / Double(count)
                return OutputMoments(mean: mean, variance: max(0, sums[2 * row + 1] / Double(count) - mean * mean))
            }
        }
    }

    /// Sums of the outputs and of their squares.
    private func add(_ layer: Int, _ input: LayerInput, rows: Int, to sums: inout [Double]) {
        let map = network.layers[layer].map, bias = layers[layer].bias, stride = input.stride
        let inGroup = map.rows / input.groups, columns = input.columns
        var weights = [Double](repeating: 0, count: map.rows * stride)
        for (live, value) in layers[layer].values.enumerated() {
            let (row, column) = (layers[layer].indices?[live] ?? live).quotientAndRemainder(dividingBy: columns)
            weights[row * stride + column] = Double(value)
        }
        var chunk = [Double](repeating: 0, count: LayerInput.chunk * stride)
        chunk.withUnsafeMutableBufferPointer { chunk in
            sums.withUnsafeMutableBufferPointer { sums in
                weights.withUnsafeBufferPointer { weights in
                    nonisolated(unsafe) let chunk = chunk.baseAddress!, weights = weights.baseAddress!
                    nonisolated(unsafe) let sums = sums  // Each task writes its own row.
                    for group in 0..<input.groups {
                        for first in Swift.stride(from: 0, to: rows, by: LayerInput.chunk) {
                            let some = first..<min(rows, first + LayerInput.chunk)
                            input.fill(chunk, rows: some, group: group)
                            network.team.run(tasks: inGroup) { place in
                                let row = group * inGroup + place
                                for held in 0..<some.count {
                                    let output =
                                        Double(bias[row])
                                        + dot(weights + row * stride, chunk + held * stride, count: stride)
                                    sums[2 * row] += output
                                    sums[2 * row + 1] += output * output
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The network's parameters with statistics of batch normalisation that are those of the samples: the mean over batches.
    package func normStatistics(_ samples: Int) -> [ParameterState] {
        reset()
        for (layer, arrays) in zip(network.layers, layers) { layer.set(arrays) }
        network.measureNormStatistics(
            Calibration.parts(chosen(samples), atMost: network.capacity), seed: plan.recipe.seed
        ) { filler.fill(from: plan.data.train, indices: $0) }
        return network.parameters.map { $0.state(withSlots: false) }
    }
}

/// Σ a · b, of eights.
@inline(__always)
private func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, count: Int) -> Double {
    var sum = SIMD8<Double>.zero
    for place in stride(from: 0, to: count, by: 8) {
        sum.addProduct(
            UnsafeRawPointer(a + place).loadUnaligned(as: SIMD8<Double>.self),
            UnsafeRawPointer(b + place).loadUnaligned(as: SIMD8<Double>.self))
    }
    return sum.sum()
}
