import Graph
import Kernels
import Testing

/// A step of training has the same bytes whatever the caches that kernels go by.
@Suite struct CachesStepTests {
    private static func step(_ caches: Caches, density: Double, threads: Int) throws -> [[UInt32]] {
        let graph = try Graph(
            input: Shape(channels: 5, height: 9, width: 18),
            [
                .init("a", Convolution(channels: 33, kernel: 3, padding: 1)), .init("norm", BatchNorm()),
                .init("relu", ReLU()), .init("b", Convolution(channels: 20, kernel: 3, stride: 2, padding: 1)),
                .init("pool", GlobalAveragePool()), .init("flat", Flatten()), .init("out", Linear(outputs: 10)),
            ])
        let network = Network(graph, capacity: 40, team: Team(size: threads), trains: true, caches: caches)
        network.initialize(seed: 3)
        for layer in network.layers where density < 1 {
            let count = layer.map.weights
            layer.set(layer.live().keeping((0..<count).map { Double($0 * 7919 % 1000) < 1000 * density }))
        }
        let random = CounterRandom(seed: 9, purpose: .test)
        let input = network.input
        for sample in 0..<40 {
            for feature in 0..<input.layout.features {
                let (line, x) = feature.quotientAndRemainder(dividingBy: 18)
                let place = input.layout.offset(line / 9, line % 9, x) + sample % network.lanes
                input.values[sample / network.lanes * input.layout.panelFloats + place] = random.uniform(
                    sample, feature)
            }
        }
        let gradient = network.output.gradient!
        for index in 0..<gradient.count { gradient[index] = random.uniform(100, index) - 0.5 }
        network.forward(samples: 40, step: 1)
        network.backward(samples: 40)
        let results =
            [network.output.values.array] + network.layers.flatMap { [$0.liveGradient(), $0.biasGradient.array] }
        return results.map { $0.map(\.bitPattern) }
    }

    @Test(arguments: [1.0, 0.4, 0.05], [1, 3])
    func noBitFollowsFromThem(density: Double, threads: Int) throws {
        let expected = try Self.step(.unknown, density: density, threads: threads)
        for caches in [
            Caches(first: 1 << 10, second: 1 << 10, third: 1 << 10),
            Caches(first: 4 << 10, second: 16 << 10, third: 1 << 20),
            Caches(first: 48 << 10, second: 1 << 20, third: 32 << 20),
            Caches(first: 1 << 20, second: 16 << 20, third: 256 << 20),
        ] {
            #expect(try Self.step(caches, density: density, threads: threads) == expected, "\(caches)")
        }
    }
}
