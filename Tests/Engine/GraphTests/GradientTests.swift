import Descriptors
import Graph
import Kernels
import Testing

/// Every operator's gradients against finite differences, from the cases that the operators themselves give.
///
/// The network is the operator alone, its inputs made by 1×1 layers (so that they have gradients); the loss is a fixed
/// random projection of the output. All operators here are linear between their kinks, so a wide step is exact but for
/// rounding; inputs are spaced so that no kink lies within it.
@Suite struct GradientTests {
    static let cases: [(any Operator.Type, OperatorCase)] = Operators.all.flatMap { type in
        type.cases.map { (type, $0) }
    }

    @Test(arguments: cases.indices) func gradientsMatchFiniteDifferences(_ number: Int) throws {
        let (type, example) = Self.cases[number]
        let name = type.descriptor.name
        let op = try type.init(Arguments(example.arguments, for: type.descriptor))
        let probe = try Probe(op: op, inputs: example.inputs, samples: example.samples)
        probe.run()
        let inputGradients = probe.inputGradients
        let weightGradients = probe.weightGradients
        for (input, gradient) in inputGradients.enumerated() {
            #expect(worst(gradient) { probe.change(input: input, $0, by: $1) } <= example.tolerance, "\(name) input")
        }
        if let weightGradients {
            #expect(worst(weightGradients.weights) { probe.changeWeight($0, by: $1) } <= example.tolerance, "\(name) W")
            #expect(worst(weightGradients.bias) { probe.changeBias($0, by: $1) } <= example.tolerance, "\(name) b")
        }

        if let norm = probe.norm {
            #expect(worst(norm.scaleGradient.array) { norm.scale[$0] += $1 } <= example.tolerance, "\(name) scale")
            #expect(worst(norm.shiftGradient.array) { norm.shift[$0] += $1 } <= example.tolerance, "\(name) shift")
        }

        func worst(_ gradient: [Float], _ change: (Int, Float) -> Void) -> Double {
            let step: Float = 0x1p-6
            let scale = gradient.reduce(1e-3) { max($0, abs(Double($1))) }
            var worst = 0.0
            for index in gradient.indices {
                change(index, step)
                let above = probe.loss()
                change(index, -2 * step)
                let below = probe.loss()
                change(index, step)
                worst = max(worst, abs((above - below) / Double(2 * step) - Double(gradient[index])) / scale)
            }
            return worst
        }
    }

    @Test func everyOperatorHasACase() {
        for type in Operators.all { #expect(!type.cases.isEmpty, "\(type.descriptor.name)") }
    }
}

/// One operator on one or two inputs, with numbers that can be moved one by one.
final class Probe {
    private let network: Network
    private let inputs: [Shape]
    private let samples: Int
    private var values: [[Float]]
    private let random = CounterRandom(seed: 5, purpose: .test)

    init(op: any Operator, inputs: [Shape], samples: Int) throws {
        self.inputs = inputs
        self.samples = samples
        // The network's input holds all inputs as channels; fixed 1×1 layers pick them apart.
        let all = Shape(
            channels: inputs.reduce(0) { $0 + $1.channels }, height: inputs[0].height, width: inputs[0].width)
        var entries: [Graph.Entry] = []
        for (number, shape) in inputs.enumerated() {
            let pick: any Operator =
                shape.isFlat ? Linear(outputs: shape.channels) : Convolution(channels: shape.channels, kernel: 1)
            entries.append(.init("pick\(number)", pick, inputs: ["input"]))
        }
        entries.append(.init("probe", op, inputs: inputs.indices.map { "pick\($0)" }))
        network = try Network(Graph(input: all, entries), capacity: samples, team: Team(size: 2), trains: true)
        let random = self.random
        // Distinct odd multiples of 1/32, in random order: further apart than a finite difference reaches.
        values = inputs.enumerated().map { number, shape in
            let count = samples * shape.features
            let order = random.permutation(count, number)
            return order.map { (Float($0) - Float(count / 2)) / 16 + 1 / 32 }
        }
        var first = 0
        for (number, shape) in inputs.enumerated() {
            var identity = [Float](repeating: 0, count: shape.channels * all.channels)
            for channel in 0..<shape.channels { identity[channel * all.channels + first + channel] = 1 }
            first += shape.channels
            set(network.layers[number], identity)
        }
        if network.layers.count > inputs.count {
            let layer = network.layers[inputs.count]
            set(layer, (0..<layer.map.weights).map { random.uniform(77, $0) - 0.5 })
        }
    }

    private func set(_ layer: WeightLayer, _ weights: [Float]) {
        layer.set(
            LayerArrays(
                indices: nil, values: weights, slots: [], bias: [Float](repeating: 0, count: layer.map.rows),
                biasSlots: []))
    }

    private func forEachPoint(
        _ shape: Shape, channels: Range<Int>, layout: ImageLayout,
        _ body: (_ sample: Int, _ feature: Int, _ at: Int) -> Void
    ) {
        for sample in 0..<samples {
            for channel in channels {
                for y in 0..<shape.height {
                    for x in 0..<shape.width {
                        body(
                            sample, ((channel - channels.lowerBound) * shape.height + y) * shape.width + x,
                            sample / layout.lanes * layout.panelFloats + layout.offset(channel, y, x)
                                + sample % layout.lanes)
                    }
                }
            }
        }
    }

    private func forward() {
        var first = 0
        for (shape, values) in zip(inputs, values) {
            forEachPoint(shape, channels: first..<first + shape.channels, layout: network.input.layout) {
                network.input.values[$2] = values[$0 * shape.features + $1]
            }
            first += shape.channels
        }
        network.forward(samples: samples, step: 3, seed: 7)
    }

    private func weight(_ sample: Int, _ feature: Int) -> Float { random.uniform(99, sample, feature) * 2 - 1 }

    func loss() -> Double {
        forward()
        var total = 0.0
        let output = network.output
        forEachPoint(output.shape, channels: 0..<output.shape.channels, layout: output.layout) {
            total += Double(output.values[$2]) * Double(weight($0, $1))
        }
        return total
    }

    func run() {
        forward()
        let output = network.output
        forEachPoint(output.shape, channels: 0..<output.shape.channels, layout: output.gradientLayout) {
            output.gradient![$2] = weight($0, $1)
        }
        network.backward(samples: samples)
    }

    var inputGradients: [[Float]] {
        inputs.indices.map { number in
            let tensor = network.tensors[number + 1]
            var gradient = [Float](repeating: 0, count: samples * inputs[number].features)
            forEachPoint(tensor.shape, channels: 0..<tensor.shape.channels, layout: tensor.gradientLayout) {
                gradient[$0 * inputs[number].features + $1] = tensor.gradient![$2]
            }
            return gradient
        }
    }
    var weightGradients: (weights: [Float], bias: [Float])? {
        guard network.layers.count > inputs.count else { return nil }
        let layer = network.layers[inputs.count]
        return (layer.liveGradient(), layer.biasGradient.array)
    }

    var norm: NormLayer? { network.norms.first }

    func change(input: Int, _ index: Int, by step: Float) { values[input][index] += step }
    func changeWeight(_ index: Int, by step: Float) {
        let layer = network.layers[inputs.count]
        var arrays = layer.live()
        arrays.values[index] += step
        layer.set(arrays)
    }
    func changeBias(_ index: Int, by step: Float) { network.layers[inputs.count].bias[index] += step }
}
