import Foundation
import Graph
import Kernels
import Testing
import Training

@Suite struct LossTests {
    private let samples = 70, classes = 5

    @Test func valueAndGradientAgreeWithDoubles() throws {
        let (network, labels) = try filled()
        let result = SoftmaxCrossEntropy().evaluate(
            network.output, targets: TargetBatch(labels: labels), wantsGradient: true)
        var sum = 0.0
        for sample in 0..<samples {
            let row = (0..<classes).map { Double(value(network, sample, $0)) }
            let total = row.reduce(0) { $0 + exp($1) }
            sum += log(total) - row[Int(labels[sample])]
            for index in 0..<classes {
                let expected = (exp(row[index]) / total - (index == Int(labels[sample]) ? 1 : 0)) / Double(samples)
                #expect(abs(Double(slope(network, sample, index)) - expected) < 1e-8)
            }
            #expect(result.correct[sample] == (row.firstIndex(of: row.max()!) == Int(labels[sample])))
        }
        #expect(abs(result.sum - sum) < 1e-4)
    }

    /// The gradient of a convolution's output has a border; the loss writes behind it.
    @Test func aConvolutionMayBeTheOutput() throws {
        func gradient(_ end: [Graph.Entry]) throws -> [UInt32] {
            let graph = try Graph(
                input: Shape(channels: 2, height: 6, width: 6), [.init("a", Convolution(channels: 4, kernel: 6))] + end)
            let network = Network(graph, capacity: 20, team: Team(size: 1), trains: true)
            network.initialize(seed: 2)
            let random = CounterRandom(seed: 8, purpose: .test)
            for place in 0..<network.input.values.count { network.input.values[place] = random.uniform(place) - 0.5 }
            network.forward(samples: 20, step: 0)
            let labels = (0..<20).map { Int32($0 % 4) }
            _ = SoftmaxCrossEntropy().evaluate(
                network.output, targets: TargetBatch(labels: labels), wantsGradient: true)
            network.backward(samples: 20)
            return network.layers[0].liveGradient().map { $0.bitPattern }
        }
        let expected = try gradient([.init("flat", Flatten())])
        #expect(expected.contains { Float(bitPattern: $0) != 0 })
        #expect(try gradient([]) == expected)
    }

    @Test func gradientIsTheSlopeOfTheValue() throws {
        let (network, labels) = try filled()
        let loss = SoftmaxCrossEntropy()
        _ = loss.evaluate(network.output, targets: TargetBatch(labels: labels), wantsGradient: true)
        for (sample, index) in [(0, 0), (3, 4), (64, 1), (69, 2)] {
            let place = position(network, sample, index)
            let held = network.output.values[place]
            let expected = Double(network.output.gradient![place])
            var ends: [Double] = []
            for step: Float in [0.05, -0.05] {
                network.output.values[place] = held + step
                ends.append(
                    loss.evaluate(network.output, targets: TargetBatch(labels: labels), wantsGradient: false).sum)
            }
            network.output.values[place] = held
            #expect(abs((ends[0] - ends[1]) / 0.1 / Double(samples) - expected) < 2e-5)
        }
    }

    /// The kernels run over whole panels, so what lies in the empty lanes would reach the weights.
    @Test func lanesWithoutASampleGetNoGradient() throws {
        let (network, labels) = try filled()
        let gradient = network.output.gradient!
        for index in 0..<gradient.count { gradient[index] = 7 }
        _ = SoftmaxCrossEntropy().evaluate(network.output, targets: TargetBatch(labels: labels), wantsGradient: true)
        for sample in samples..<128 {
            for index in 0..<classes { #expect(slope(network, sample, index) == 0) }
        }
    }

    @Test func tiesAreDecidedForTheFirstClass() throws {
        let (network, _) = try filled()
        for index in 0..<network.output.values.count { network.output.values[index] = 1 }
        let result = SoftmaxCrossEntropy().evaluate(
            network.output, targets: TargetBatch(labels: [0, 1]), wantsGradient: false)
        #expect(result.correct == [true, false])
        #expect(abs(result.sum - 2 * log(5)) < 1e-6)
    }

    @Test func whatIsNoNumberIsSeen() throws {
        let (network, labels) = try filled()
        for bad in [Float.nan, .infinity] {
            network.output.values[position(network, 8, 3)] = bad
            #expect(
                !SoftmaxCrossEntropy().evaluate(
                    network.output, targets: TargetBatch(labels: labels), wantsGradient: true
                ).sum.isFinite)
        }
    }

    @Test func theVectorExponentialIsTwoUnitsOffAtMost() {
        let x = FloatBuffer(count: 16), y = FloatBuffer(count: 16)
        var worst = 0.0
        for start in stride(from: Float(-86.9), to: 87.9, by: 0.01) {
            for lane in 0..<16 { x[lane] = start + Float(lane) * 0.000_61 }
            exponentials(x.pointer, to: y.pointer)
            for lane in 0..<16 {
                let expected = exp(Double(x[lane]))
                worst = max(worst, abs(Double(y[lane]) - expected) / Double(Float(expected).ulp))
            }
        }
        #expect(worst <= 2, "\(worst)")
        for (lane, value) in [Float.nan, .infinity, -.infinity, -200, 200, 0, -0.0].enumerated() { x[lane] = value }
        exponentials(x.pointer, to: y.pointer)
        #expect(y[0].isNaN && y[1] == .infinity && y[2] == 0 && y[3] == 0 && y[4] == .infinity)
        #expect(y[5] == 1 && y[6] == 1)
    }

    private func filled() throws -> (Network, [Int32]) {
        let graph = try Graph(input: Shape(channels: 3), [.init("fc", Linear(outputs: classes))])
        let network = Network(graph, capacity: 128, team: Team(size: 1), trains: true)
        let random = CounterRandom(seed: 4, purpose: .test)
        for sample in 0..<samples {
            for index in 0..<classes {
                network.output.values[position(network, sample, index)] = random.uniform(sample, index) * 8 - 4
            }
        }
        return (network, (0..<samples).map { Int32(random.integer(below: classes, 1000, $0)) })
    }
    private func position(_ network: Network, _ sample: Int, _ index: Int) -> Int {
        let layout = network.output.layout
        return sample / layout.lanes * layout.panelFloats + index * layout.lanes + sample % layout.lanes
    }
    private func value(_ network: Network, _ sample: Int, _ index: Int) -> Float {
        network.output.values[position(network, sample, index)]
    }
    private func slope(_ network: Network, _ sample: Int, _ index: Int) -> Float {
        network.output.gradient![position(network, sample, index)]
    }
}
