import Graph
import Kernels
import Testing

/// A weight gradient of an image's layer is the sum of two halves of the batch, by any kernels and on any number of threads.
@Suite struct PanelHalvesTests {
    private static func network(threads: Int, density: Double) throws -> Network {
        let graph = try Graph(
            input: Shape(channels: 5, height: 9, width: 10),
            [
                .init("a", Convolution(channels: 33, kernel: 3, padding: 1)), .init("relu", ReLU()),
                .init("c", Convolution(channels: 20, kernel: 3, padding: 1)),
                .init("b", Convolution(channels: 17, kernel: 3, stride: 2, padding: 1)),
            ])
        let network = Network(graph, capacity: 50, team: Team(size: threads), trains: true)
        network.initialize(seed: 3)
        for layer in network.layers where density < 1 {
            let count = layer.map.weights
            layer.set(layer.live().keeping((0..<count).map { Double($0 * 7919 % 1000) < 1000 * density }))
        }
        return network
    }

    /// Gradients of samples `first..<first + count`, of weights and then biases, layer by layer.
    private static func gradients(_ network: Network, _ first: Int, _ count: Int) -> [[Float]] {
        let random = CounterRandom(seed: 9, purpose: .test)
        func fill(_ buffer: FloatBuffer, _ layout: ImageLayout, _ stream: Int) {
            buffer.zero()
            for sample in 0..<count {
                for channel in 0..<layout.channels {
                    for y in 0..<layout.height {
                        for x in 0..<layout.width {
                            let feature = (channel * layout.height + y) * layout.width + x
                            buffer[sample / 16 * layout.panelFloats + layout.offset(channel, y, x) + sample % 16] =
                                random.uniform(stream, (first + sample) * 4096 + feature) - 0.5
                        }
                    }
                }
            }
        }
        fill(network.input.values, network.input.layout, 1)
        fill(network.output.gradient!, network.output.gradientLayout, 2)
        network.forward(samples: count, step: 1)
        network.backward(samples: count)
        return network.layers.flatMap { [$0.liveGradient(), $0.biasGradient.array] }
    }

    @Test(arguments: [1.0, 0.3], [1, 2, 3])
    func theGradientIsTheSumOfThoseOfTheHalves(density: Double, threads: Int) throws {
        let network = try Self.network(threads: threads, density: density)
        // Panels of 16: two of four in each half.
        let whole = Self.gradients(network, 0, 50)
        let halves = [(0, 32), (32, 18)].map { first, count in
            // Each alone has halves of its own, of one panel each: what they are made of comes from single panels.
            stride(from: first, to: first + count, by: 16).map {
                Self.gradients(network, $0, min(16, first + count - $0))
            }
        }
        for (index, sum) in whole.enumerated() {
            for (place, value) in sum.enumerated() {
                let parts = halves.map { $0.map { Double($0[index][place]) }.reduce(0, +) }
                #expect(abs(Double(value) - parts[0] - parts[1]) <= 2e-4 * (1 + abs(Double(value))))
            }
        }
        // With one panel a half, the sum is exact.
        let two = Self.gradients(network, 0, 30)
        let (one, other) = (Self.gradients(network, 0, 16), Self.gradients(network, 16, 14))
        for index in two.indices {
            let sum = zip(one[index], other[index]).map { $0 + $1 }
            #expect(two[index].map(\.bitPattern) == sum.map(\.bitPattern))
        }
        #expect(try whole == Self.gradients(Self.network(threads: 1, density: density), 0, 50))
    }

    /// Twice, with other data: what a task left out would still hold the first pass's gradient.
    @Test(arguments: [20, 50])
    func threadsChangeNoBit(samples: Int) throws {
        func run(_ threads: Int) throws -> [[UInt32]] {
            let network = try Self.network(threads: threads, density: 0.3)
            _ = Self.gradients(network, 0, samples - 9)
            return Self.gradients(network, 3, samples).map { $0.map(\.bitPattern) }
        }
        let one = try run(1)
        for threads in 2...20 { #expect(try run(threads) == one, "\(threads) threads") }
    }
}
