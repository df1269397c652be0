import Descriptors
import Graph
import Kernels
import Testing

/// Every operator's gradients against finite differences, from the cases that the operators themselves give.
///
/// The network is the operator alone, its inputs picked from the network's input, whose gradient is asked for; the loss is a fixed
/// random projection of the output. Many operators are linear between their kinks, so a wide step is exact but for rounding;
/// inputs are spaced so that no kink lies within it.
@Suite struct GradientTests {
    static let cases: [(any Operator.Type, OperatorCase)] = Operators.all.flatMap { type in
        type.cases.map { (type, $0) }
    }

    @Test(arguments: cases.indices) func gradientsMatchFiniteDifferences(_ number: Int) throws {
        let (type, example) = Self.cases[number]
        let name = type.descriptor.name
        let op = try type.init(Arguments(example.arguments, for: type.descriptor))
        guard !op.traits.contains(.hasNoGradient) else { return }
        let probe = try Probe(op: op, example)
        probe.run()
        let weightGradients = probe.weightGradients
        let parameterGradients = probe.parameters.map(\.gradient.array)
        #expect(worst(probe.inputGradient) { probe.change($0, by: $1) } <= example.tolerance, "\(name) input")
        if let weightGradients {
            #expect(worst(weightGradients.weights) { probe.changeWeight($0, by: $1) } <= example.tolerance, "\(name) W")
            #expect(worst(weightGradients.bias) { probe.changeBias($0, by: $1) } <= example.tolerance, "\(name) b")
        }

        for (parameter, gradient) in zip(probe.parameters, parameterGradients) {
            #expect(
                worst(gradient) { parameter.values[$0] += $1 } <= example.tolerance, "\(name) \(parameter.shape.name)")
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

/// One operator with numbers that can be moved one by one.
final class Probe {
    private let network: Network
    private let samples: Int
    /// (samples, all features of all inputs).
    private var values: [Float]
    private let random = CounterRandom(seed: 5, purpose: .test)

    init(op: any Operator, _ example: OperatorCase) throws {
        samples = example.samples
        // The network's input holds all inputs one behind the other.
        let all = Shape([max(1, example.inputs.reduce(0) { $0 + $1.features })])
        var entries: [Graph.Entry] = []
        var first = 0
        for (number, shape) in example.inputs.enumerated() {
            entries.append(.init("pick\(number)", Pick(first: first, shape: shape), inputs: [Graph.inputName]))
            first += shape.features
        }
        // A constant depends on nothing, but a graph begins at its input.
        if entries.isEmpty { entries.append(.init("unread", Pick(first: 0, shape: all))) }
        entries.append(.init("probe", op, inputs: example.inputs.indices.map { "pick\($0)" }))
        if example.inputs.isEmpty { entries.append(.init("both", Beside(), inputs: ["unread", "probe"])) }
        network = try Network(
            Graph(input: all, entries), capacity: samples, team: Team(size: 2), trains: true, inputGradient: true)
        let random = self.random
        let count = samples * all.features
        if let range = example.values {
            values = (0..<count).map {
                range.lowerBound + (range.upperBound - range.lowerBound) * random.uniform(3, $0)
            }
        } else {
            // Distinct odd multiples of 1/32, in random order: further apart than a finite difference reaches.
            values = random.permutation(count, 0).map { (Float($0) - Float(count / 2)) / 16 + 1 / 32 }
        }
        for layer in network.layers {
            layer.set(
                LayerArrays(
                    indices: nil, values: (0..<layer.map.weights).map { random.uniform(77, $0) - 0.5 }, slots: [],
                    bias: [Float](repeating: 0, count: layer.bias.count), biasSlots: []))
        }
    }

    var parameters: [ParameterBuffer] { network.trained }

    private func forward() {
        let features = network.input.shape.features
        forEachPoint(network.input.shape, network.input.layout, samples) {
            network.input.values[$2] = values[$0 * features + $1]
        }
        network.forward(samples: samples, step: 3, seed: 7)
    }

    private func weight(_ sample: Int, _ feature: Int) -> Float { random.uniform(99, sample, feature) * 2 - 1 }

    func loss() -> Double {
        forward()
        var total = 0.0
        let output = network.output
        forEachPoint(output.shape, output.layout, samples) {
            total += Double(output.values[$2]) * Double(weight($0, $1))
        }
        return total
    }

    func run() {
        forward()
        let output = network.output
        forEachPoint(output.shape, output.gradientLayout, samples) { output.gradient![$2] = weight($0, $1) }
        network.backward(samples: samples)
    }

    var inputGradient: [Float] {
        let input = network.input
        var gradient = [Float](repeating: 0, count: values.count)
        forEachPoint(input.shape, input.gradientLayout, samples) {
            gradient[$0 * input.shape.features + $1] = input.gradient![$2]
        }
        return gradient
    }
    var weightGradients: (weights: [Float], bias: [Float])? {
        network.layers.first.map { ($0.liveGradient(), $0.biasGradient.array) }
    }

    func change(_ index: Int, by step: Float) { values[index] += step }
    func changeWeight(_ index: Int, by step: Float) {
        let layer = network.layers[0]
        var arrays = layer.live()
        arrays.values[index] += step
        layer.set(arrays)
    }
    func changeBias(_ index: Int, by step: Float) { network.layers[0].bias[index] += step }
}

func forEachPoint(
    _ shape: Shape, _ layout: ImageLayout, _ samples: Int, _ body: (_ sample: Int, _ feature: Int, _ at: Int) -> Void
) {
    for sample in 0..<samples {
        var feature = 0
        for channel in 0..<layout.channels {
            for y in 0..<layout.height {
                for x in 0..<layout.width {
                    body(
                        sample, feature,
                        sample / layout.lanes * layout.panelFloats + layout.offset(channel, y, x)
                            + sample % layout.lanes)
                    feature += 1
                }
            }
        }
    }
}

/// Some features of a flat input under a shape.
private struct Pick: MoveOperator {
    static let descriptor = Descriptor(name: "pick", summary: "for tests")
    static let cases: [OperatorCase] = []
    let first: Int
    let shape: Shape

    init(_ arguments: Arguments) throws { self.init(first: 0, shape: Shape([])) }
    init(first: Int, shape: Shape) {
        self.first = first
        self.shape = shape
    }
    func outputShape(_ inputs: [Shape]) throws -> Shape { shape }
    func map(_ inputs: [Shape]) -> PointMap {
        PointMap(axes: shape.axes, sources: (0..<shape.features).map { Int32(first + $0) })
    }
}

/// The second of two inputs.
private struct Beside: MoveOperator {
    static let descriptor = Descriptor(name: "beside", summary: "for tests")
    static let cases: [OperatorCase] = []
    static let inputCount = 2...2
    init(_ arguments: Arguments) throws {}
    init() {}
    func outputShape(_ inputs: [Shape]) throws -> Shape { inputs[1] }
    func map(_ inputs: [Shape]) -> PointMap {
        PointMap(
            axes: inputs[1].axes, sources: (0..<inputs[1].features).map { Int32(inputs[0].features + $0) })
    }
}
