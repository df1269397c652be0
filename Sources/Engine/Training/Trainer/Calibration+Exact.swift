import Graph
import Interchange
import Kernels
import Sparsity

/// What needs second derivatives or many digits, found out in double precision.
extension Calibration {
    /// GraSP divides the outputs by it, so that the softmax of an untrained network is no step.
    private static let temperature = 200.0

    /// The gradient g of the loss and H g, by live weight, as GraSP has them: of `each` samples of every class, in two halves that
    /// batch normalisation sees apart; the mean gradient of both halves is the direction, and H g the mean of both.
    /// - Throws: `MemoryError`, `GraphError`, `FitError`.
    func hessianGradients(_ each: Int) throws -> [[Float]] {
        guard plan.loss is SoftmaxCrossEntropy else {
            throw FitError(
                ["criterion", "loss"],
                "criterion 'grasp' needs loss 'softmax-cross-entropy', whose outputs it divides by 200")
        }
        let halves = balancedHalves(each)
        let bytes = ExactNetwork.bytes(plan.graph, samples: halves[0].count)
        guard bytes < free.bytes else {
            throw MemoryError(
                description:
                    "criterion 'grasp' needs about \(MemoryError.gigabytes(bytes)) GB for \(halves[0].count) samples "
                    + "at once in double precision, and \(MemoryError.gigabytes(free.bytes)) GB are \(free.holder); "
                    + "fewer 'samples' need less")
        }
        let network = try exactNetwork()
        let inputs = halves.map(exactInputs)
        var passes = 0
        func pass() throws -> [[Dual]] {
            var sums: [[Dual]] = []
            for (half, input) in zip(halves, inputs) {
                _ = goesOn(passes, of: 2 * halves.count)
                try requireWanted()
                passes += 1
                let output = network.forward(input, samples: half.count, isTraining: true)
                network.backward(softmaxGradient(output, half))
                if sums.isEmpty {
                    sums = network.weightGradients
                } else {
                    for layer in sums.indices {
                        for place in sums[layer].indices { sums[layer][place] += network.weightGradients[layer][place] }
                    }
                }
            }
            return sums.map { $0.map { (1 / Double(halves.count)) * $0 } }
        }
        let gradient = try pass()
        for layer in gradient.indices {
            let live = Set(layers[layer].indices ?? Array(gradient[layer].indices))
            for place in gradient[layer].indices where live.contains(place) {
                network.weights[layer][place].tangent = gradient[layer][place].value
            }
        }
        return Calibration.ofLive(try pass().map { $0.map(\.tangent) }, layers)
    }

    /// w · ∂R/∂w with absolute weights, statistics and parameters and an input of ones, R the sum of the outputs, as the network
    /// answers. Scaled so that the largest is one.
    func synapticFlow() throws -> [[Float]] {
        let network = try exactNetwork(absolute: true)
        let ones = [Dual](repeating: Dual(1), count: plan.graph.input.features)
        let output = network.forward(ones, samples: 1, isTraining: false)
        network.backward(output.map { _ in Dual(1) })
        let scores = zip(network.weights, network.weightGradients).map { weights, gradients in
            zip(weights, gradients).map { $0.value * $1.value }
        }
        let largest = scores.reduce(0.0) { $1.reduce($0) { max($0, abs($1)) } }
        return Calibration.ofLive(scores.map { $0.map { largest > 0 ? $0 / largest : 0 } }, layers)
    }

    private static func ofLive(_ values: [[Double]], _ layers: [LayerArrays]) -> [[Float]] {
        zip(values, layers).map { values, layer in (layer.indices ?? Array(values.indices)).map { Float(values[$0]) } }
    }

    /// Of the copy, with what is left out as zero.
    private func exactNetwork(absolute: Bool = false) throws -> ExactNetwork {
        let arrays = network.layers.map { layer in
            var arrays = layer.live(withSlots: false)
            if absolute {
                arrays.values = arrays.values.map(abs)
                arrays.bias = arrays.bias.map(abs)
            }
            return arrays
        }
        let parameters = network.parameters.map { parameter in
            var state = parameter.state(withSlots: false)
            if absolute { state.values = state.values.map(abs) }
            return state
        }
        return try ExactNetwork(plan.graph, layers: arrays, parameters: parameters, team: network.team)
    }

    /// Half of each class's samples, and the other half; where the data has no classes, ten times `each` in two halves.
    private func balancedHalves(_ each: Int) -> [[Int32]] {
        let classes = plan.data.train.classes
        let all = chosen(plan.split.train.count)
        var byClass: [Int32: [Int32]] = [:]
        for sample in all { byClass[classes.isEmpty ? 0 : classes[Int(sample)], default: []].append(sample) }
        var halves: [[Int32]] = [[], []]
        for label in byClass.keys.sorted() {
            let taken = byClass[label]!.prefix(classes.isEmpty ? 10 * each : each)
            let middle = (taken.count + 1) / 2
            halves[0] += taken.prefix(middle)
            halves[1] += taken.dropFirst(middle)
        }
        return halves[1].isEmpty ? [halves[0]] : halves
    }

    private func exactInputs(_ samples: [Int32]) -> [Dual] {
        let tensor = network.input, layout = tensor.layout, lanes = layout.lanes
        var values: [Dual] = []
        for first in stride(from: 0, to: samples.count, by: network.capacity) {
            let part = samples[first..<min(samples.count, first + network.capacity)]
            filler.fill(from: plan.data.train, indices: part)
            for sample in 0..<part.count {
                let start = tensor.values.pointer + sample / lanes * layout.panelFloats + sample % lanes
                for channel in 0..<layout.channels {
                    for y in 0..<layout.height {
                        let row = start + layout.offset(channel, y)
                        for x in 0..<layout.width { values.append(Dual(Double(row[x * lanes]))) }
                    }
                }
            }
        }
        return values
    }

    /// (softmax(y / 200) − one-hot) / 200, over the samples.
    private func softmaxGradient(_ output: [Dual], _ samples: [Int32]) -> [Dual] {
        let width = output.count / samples.count, scale = 1 / Calibration.temperature
        var gradient: [Dual] = []
        gradient.reserveCapacity(output.count)
        for (place, sample) in samples.enumerated() {
            let scaled = output[place * width..<(place + 1) * width].map { scale * $0 }
            let most = scaled.reduce(-Double.infinity) { max($0, $1.value) }
            let powers = scaled.map { ($0 - Dual(most)).exponential }
            let sum = powers.reduce(Dual.zero) { $0 + $1 }
            let label = Int(plan.data.train.classes[Int(sample)])
            for (unit, power) in powers.enumerated() {
                let share = power / sum - Dual(unit == label ? 1 : 0)
                gradient.append((scale / Double(samples.count)) * share)
            }
        }
        return gradient
    }
}
