import Graph
import Kernels
import Testing

/// Two nodes that use the same weights: one mask, one set of values, one gradient.
@Suite struct SharedWeightsTests {
    private static func graph() throws -> Graph {
        try Graph(
            input: Shape(channels: 3, height: 6, width: 6),
            [
                .init("a", Convolution(channels: 3, kernel: 3, padding: 1)), .init("relu", ReLU()),
                .init("pool", MaxPool(kernel: 2)),
                // On a smaller image.
                .init("b", Convolution(channels: 3, kernel: 3, padding: 1), weightsOf: "a"),
                .init("flatten", Flatten()), .init("fc", Linear(outputs: 4)),
            ])
    }

    private static func network(_ density: Double) throws -> Network {
        let network = Network(try graph(), capacity: 5, team: Team(size: 2), trains: true)
        network.initialize(seed: 3)
        let random = CounterRandom(seed: 9, purpose: .test)
        for layer in network.layers {
            for row in 0..<layer.map.rows { layer.bias[row] = random.uniform(1, row) - 0.5 }
            let live = layer.live()
            if density < 1 {
                layer.set(live.keeping(live.values.indices.map { Double(random.uniform(2, $0)) < density }))
            }
        }
        for index in 0..<network.input.values.count { network.input.values[index] = 0 }
        forEachPoint(network.input.shape, network.input.layout, 5) {
            network.input.values[$2] = random.uniform(3, $0, $1) - 0.5
        }
        return network
    }

    private static func loss(_ network: Network) -> Double {
        network.forward(samples: 5, step: 0)
        var total = 0.0
        forEachPoint(network.output.shape, network.output.layout, 5) {
            total += Double(network.output.values[$2]) * Double($0 + 2 * $1 - 4)
        }
        return total
    }

    @Test(arguments: [1, 0.4]) func theGradientIsThatOfBothUses(density: Double) throws {
        let network = try Self.network(density)
        #expect(network.layers.map(\.name) == ["a", "fc"])
        _ = Self.loss(network)
        forEachPoint(network.output.shape, network.output.gradientLayout, 5) {
            network.output.gradient![$2] = Float($0 + 2 * $1 - 4)
        }
        network.backward(samples: 5)
        let layer = network.layers[0]
        let gradient = layer.liveGradient(), biasGradient = layer.biasGradient.array
        let scale = gradient.map(abs).max()!
        for index in gradient.indices {
            let step: Float = 1 / 256
            func moved(_ by: Float) -> Double {
                var arrays = layer.live()
                arrays.values[index] += by
                layer.set(arrays)
                return Self.loss(network)
            }
            let above = moved(step), below = moved(-2 * step)
            _ = moved(step)
            #expect(abs(Float((above - below) / Double(2 * step)) - gradient[index]) < 0.02 * scale, "\(index)")
        }
        for row in biasGradient.indices {
            layer.bias[row] += 1 / 256
            let above = Self.loss(network)
            layer.bias[row] -= 1 / 128
            let below = Self.loss(network)
            layer.bias[row] += 1 / 256
            #expect(abs(Float((above - below) * 128) - biasGradient[row]) < 0.05 * scale)
        }
    }

    @Test func oneImageAndPathsKnowThem() throws {
        let network = try Self.network(0.5)
        let answering = Answering(network)
        forEachPoint(network.input.shape, network.input.layout, 5) {
            answering.images[$0 * network.input.shape.features + $1] = network.input.values[$2]
        }
        answering.forward(samples: 5, .panels)
        answering.takeAnswers(5)
        let expected = (0..<20).map { answering.answers[$0] }
        answering.forward(samples: 5, .images)
        #expect((0..<20).map { answering.answers[$0] } == expected)
        // One cut of all weights cuts both uses.
        let paths = Paths(network.graph)
        #expect(paths.isJoined([PathLayer(indices: nil), PathLayer(indices: nil)]))
        #expect(!paths.isJoined([PathLayer(indices: []), PathLayer(indices: nil)]))
        #expect(network.multiplyAdds().dense == 81 * 36 + 81 * 9 + 27 * 4)
    }

    @Test func whatDoesNotFitIsRefused() {
        #expect(throws: GraphError.self) {
            try Graph(
                input: Shape(channels: 3),
                [.init("a", Linear(outputs: 3)), .init("b", Linear(outputs: 4), weightsOf: "a")])
        }
        #expect(throws: GraphError.self) {
            try Graph(input: Shape(channels: 3), [.init("b", Linear(outputs: 3), weightsOf: "a")])
        }
    }
}
