import Foundation
import Graph
import Kernels
import Training

/// A second implementation in double precision, for tests: linear layers with ReLU between them, under a softmax.
struct DoubleMultilayer {
    struct Layer {
        let rows: Int
        let columns: Int
        var weights: [Double]
        var bias: [Double]
    }
    var layers: [Layer]

    /// Of a trainer whose layers are dense or sparse.
    init(_ trainer: Trainer) {
        layers = zip(trainer.network.layers, trainer.state().layers).map { layer, state in
            var weights = [Double](repeating: 0, count: state.total)
            let positions = state.arrays.indices ?? Array(0..<state.total)
            for (position, value) in zip(positions, state.arrays.values) { weights[position] = Double(value) }
            return Layer(
                rows: layer.map.rows, columns: layer.map.columns, weights: weights,
                bias: state.arrays.bias.map(Double.init))
        }
    }

    /// What each layer reads, then the outputs.
    func activations(_ input: [Double]) -> [[Double]] {
        var all = [input]
        for (number, layer) in layers.enumerated() {
            let x = all.last!
            all.append(
                (0..<layer.rows).map { row in
                    var sum = layer.bias[row]
                    for column in 0..<layer.columns { sum += layer.weights[row * layer.columns + column] * x[column] }
                    return number + 1 < layers.count ? max(0, sum) : sum
                })
        }
        return all
    }

    /// Of one sample's loss, by layer, row-major.
    /// - Parameter temperature: the outputs are divided by it.
    func gradient(_ input: [Double], label: Int, temperature: Double = 1) -> [[Double]] {
        let all = activations(input)
        let scaled = all.last!.map { $0 / temperature }
        let most = scaled.max()!
        let powers = scaled.map { exp($0 - most) }, sum = powers.reduce(0, +)
        var dy = powers.indices.map { (powers[$0] / sum - ($0 == label ? 1 : 0)) / temperature }
        var gradients = [[Double]](repeating: [], count: layers.count)
        for number in layers.indices.reversed() {
            let layer = layers[number], x = all[number]
            gradients[number] = dy.flatMap { d in x.map { d * $0 } }
            dy = (0..<layer.columns).map { column in
                guard number > 0, x[column] > 0 else { return 0 }
                return (0..<layer.rows).reduce(0.0) { $0 + layer.weights[$1 * layer.columns + column] * dy[$1] }
            }
        }
        return gradients
    }

    func meanGradient(_ inputs: [[Double]], labels: [Int], temperature: Double = 1) -> [[Double]] {
        var sums = layers.map { [Double](repeating: 0, count: $0.weights.count) }
        for (input, label) in zip(inputs, labels) {
            for (layer, gradient) in gradient(input, label: label, temperature: temperature).enumerated() {
                for place in gradient.indices { sums[layer][place] += gradient[place] / Double(inputs.count) }
            }
        }
        return sums
    }
}

/// Calibration samples as a plan draws them, found again: the first of the shuffled training samples, normalised.
struct CalibrationSamples {
    let inputs: [[Double]]
    let labels: [Int]

    init(_ plan: TrainingPlan, _ count: Int) {
        var order = plan.split.train
        CounterRandom(seed: plan.recipe.seed, purpose: .calibration).shuffle(&order)
        self.init(plan, Array(order.prefix(count)))
    }

    init(_ plan: TrainingPlan, _ chosen: [Int32]) {
        let network = Network(plan.graph, capacity: chosen.count, team: Team(size: 1), trains: false)
        PanelFiller(plan.data, network: network).fill(from: plan.data.train, indices: chosen[...])
        let layout = network.input.layout, lanes = layout.lanes
        inputs = chosen.indices.map { sample in
            let start = sample / lanes * layout.panelFloats + sample % lanes
            return (0..<layout.channels).flatMap { channel in
                (0..<layout.height).flatMap { y in
                    (0..<layout.width).map { Double(network.input.values[start + layout.offset(channel, y, $0)]) }
                }
            }
        }
        labels = chosen.map { Int(plan.data.train.classes[Int($0)]) }
    }
}

/// The largest difference, as a share of the largest number.
func relativeError(_ found: [Float], _ expected: [Double]) -> Double {
    precondition(found.count == expected.count)
    let largest = expected.reduce(0) { max($0, abs($1)) }
    return zip(found, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / max(largest, 1e-300)
}
