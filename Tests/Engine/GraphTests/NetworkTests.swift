import Graph
import Kernels
import Testing

@Suite struct NetworkTests {
    /// A value with two readers: their gradients add.
    @Test func gradientsOfASharedValueAdd() throws {
        let graph = try Graph(
            input: Shape(channels: 4),
            [
                .init("a", Linear(outputs: 4)), .init("b", Linear(outputs: 4), inputs: ["a"]),
                .init("sum", Add(), inputs: ["a", "b"]),
            ])
        let network = Network(graph, capacity: 3, team: Team(size: 1), trains: true)
        network.initialize(seed: 3)
        network.forward(samples: 3)
        let output = network.output
        for index in 0..<4 * network.lanes { output.gradient![index] = 1 }
        network.backward(samples: 3)
        // d(a)/d = 1 + Σ rows of W_b.
        let b = network.layers[1].live().values
        let gradient = network.tensors[1].gradient!
        for channel in 0..<4 {
            let expected = 1 + (0..<4).reduce(Float(0)) { $0 + b[$1 * 4 + channel] }
            #expect(abs(gradient[channel * network.lanes] - expected) < 1e-5)
        }
    }

    /// Few samples are held in panels of 16 lanes instead of 64.
    @Test func lanesDoNotChangeABit() throws {
        let graph = try graphOfLanes()
        let lanes = [1, 5, 16, 40, 64, 65, 100, 128, 1000].map { graph.lanes(capacity: $0) }
        #expect(lanes == [16, 16, 16, 16, 64, 16, 16, 64, 64])
        for sparse in [false, true] {
            let results = try [5, 64].map { try weightBits(capacity: $0, samples: 5, sparse: sparse) }
            #expect(results[0] == results[1])
        }
    }

    private func graphOfLanes() throws -> Graph {
        try Graph(
            input: Shape(channels: 20),
            [.init("a", Linear(outputs: 13)), .init("relu", ReLU()), .init("b", Linear(outputs: 7))])
    }

    /// Outputs, then the gradients of all weights, after one pass over the same samples.
    private func weightBits(capacity: Int, samples: Int, sparse: Bool) throws -> [UInt32] {
        let network = Network(try graphOfLanes(), capacity: capacity, team: Team(size: 1), trains: true)
        network.initialize(seed: 5)
        if sparse {
            for layer in network.layers {
                let live = layer.live()
                layer.set(live.keeping(live.values.indices.map { $0 % 3 != 0 }))
            }
        }
        let random = CounterRandom(seed: 2, purpose: .test)
        func place(_ feature: Int, _ sample: Int, of features: Int) -> Int {
            (sample / network.lanes * features + feature) * network.lanes + sample % network.lanes
        }
        for sample in 0..<samples {
            for feature in 0..<20 {
                network.input.values[place(feature, sample, of: 20)] = random.uniform(sample, feature) - 0.5
            }
        }
        network.forward(samples: samples)
        var bits: [UInt32] = []
        for sample in 0..<samples {
            for feature in 0..<7 {
                bits.append(network.output.values[place(feature, sample, of: 7)].bitPattern)
                network.output.gradient![place(feature, sample, of: 7)] = random.uniform(9, sample, feature)
            }
        }
        network.backward(samples: samples)
        return bits + network.layers.flatMap { $0.liveGradient().map(\.bitPattern) }
    }

    @Test func threadsDoNotChangeABit() throws {
        for name in ["lenet-300-100", "lenet-5"] {
            let results = try [1, 2, 3].map { try run(name, threads: $0, sparse: false) }
            #expect(results[0] == results[1] && results[0] == results[2], "\(name)")
        }
    }

    /// The same weights held dense with zeros, and sparse: outputs and gradients are equal bits.
    @Test func storageDoesNotChangeABit() throws {
        for name in ["lenet-300-100", "lenet-5"] {
            let dense = try run(name, threads: 2, sparse: false, masked: true)
            let sparse = try run(name, threads: 2, sparse: true, masked: true)
            #expect(dense == sparse, "\(name)")
        }
    }

    // Bits of the output and of the gradients at the weights of a fixed mask.
    private func run(_ name: String, threads: Int, sparse: Bool, masked: Bool = false) throws -> [[UInt32]] {
        let graph = try NamedNetworks.make(name, input: Shape(channels: 1, height: 28, width: 28), classes: 10)
        let network = Network(graph, capacity: 40, team: Team(size: threads), trains: true)
        network.initialize(seed: 1)
        let random = CounterRandom(seed: 9, purpose: .test)
        var masks: [[Bool]] = []
        for (number, layer) in network.layers.enumerated() {
            let keep = (0..<layer.map.weights).map { !masked || random.uniform(number, $0) < 0.15 }
            masks.append(keep)
            var arrays = layer.live()
            if sparse {
                arrays = arrays.keeping(keep)
            } else {
                for index in keep.indices where !keep[index] { arrays.values[index] = 0 }
            }
            layer.set(arrays)
        }
        let lanes = network.lanes
        for sample in 0..<40 {
            for feature in 0..<784 {
                network.input.values[
                    sample / lanes * network.input.layout.panelFloats
                        + network.input.layout.offset(0, feature / 28, feature % 28) + sample % lanes] =
                    random.uniform(100, sample, feature)
            }
        }
        network.forward(samples: 40)
        let output = network.output
        for sample in 0..<40 {
            for feature in 0..<10 {
                output.gradient![
                    sample / lanes * output.gradientLayout.panelFloats + feature * lanes + sample % lanes] =
                    random.uniform(200, sample, feature) - 0.5
            }
        }
        network.backward(samples: 40)
        var results = [output.values.array.map(\.bitPattern)]
        for (layer, keep) in zip(network.layers, masks) {
            let gradient = layer.liveGradient()
            let kept = layer.isDense ? zip(gradient, keep).filter(\.1).map(\.0) : gradient
            results.append(kept.map(\.bitPattern))
            results.append(layer.biasGradient.array.map(\.bitPattern))
        }
        return results
    }

    /// The pooling behind a ReLU does both in training, and in the other order the two are the same function: outputs and
    /// gradients are equal bits, with windows that overlap, too, and outside of training.
    @Test(arguments: [(2, 2), (3, 2), (2, 3)]) func rectifyingPoolsChangeNoBit(_ kernel: Int, _ stride: Int) throws {
        func bits(_ middle: [Graph.Entry], step: Int?) throws -> [[UInt32]] {
            let graph = try Graph(
                input: Shape(channels: 2, height: 9, width: 10),
                [.init("a", Convolution(channels: 5, kernel: 3))] + middle
                    + [.init("flat", Flatten()), .init("b", Linear(outputs: 4))])
            let network = Network(graph, capacity: 19, team: Team(size: 2), trains: true)
            network.initialize(seed: 4)
            let random = CounterRandom(seed: 3, purpose: .test)
            for place in 0..<network.input.values.count { network.input.values[place] = random.uniform(place) - 0.5 }
            network.forward(samples: 19, step: step)
            let output = network.output
            for place in 0..<output.gradient!.count { output.gradient![place] = random.uniform(1, place) - 0.5 }
            network.backward(samples: 19)
            return [output.values.array.map { $0.bitPattern }]
                + network.layers.flatMap { layer in
                    [layer.liveGradient().map { $0.bitPattern }, layer.biasGradient.array.map { $0.bitPattern }]
                }
        }
        let relu = Graph.Entry("relu", ReLU()), pool = Graph.Entry("pool", MaxPool(kernel: kernel, stride: stride))
        let expected = try bits([pool, relu], step: nil)
        for step in [nil, 0] { #expect(try bits([relu, pool], step: step) == expected) }
    }

    /// A batch norm and a sum write what the ReLU behind them would make of it.
    @Test(arguments: [true, false]) func rectifyingWritersChangeNoBit(_ norms: Bool) throws {
        func outputs(_ end: [Graph.Entry], step: Int?) throws -> [Float] {
            let writer =
                norms
                ? Graph.Entry("writer", BatchNorm(), inputs: ["b"]) : .init("writer", Add(), inputs: ["a", "b"])
            let graph = try Graph(
                input: Shape(channels: 2, height: 5, width: 6),
                [
                    .init("a", Convolution(channels: 3, kernel: 3, padding: 1)),
                    .init("b", Convolution(channels: 3, kernel: 3, padding: 1), inputs: ["a"]), writer,
                ] + end)
            let network = Network(graph, capacity: 19, team: Team(size: 2), trains: true)
            network.initialize(seed: 4)
            let random = CounterRandom(seed: 3, purpose: .test)
            for place in 0..<network.input.values.count { network.input.values[place] = random.uniform(place) - 0.5 }
            network.forward(samples: 19, step: step)
            return network.output.values.array
        }
        for step in [nil, 0] {
            let plain = try outputs([], step: step)
            #expect(plain.contains { $0 < 0 })
            #expect(try outputs([.init("relu", ReLU())], step: step) == plain.map { max($0, 0) })
        }
    }

    /// A copy of all inputs is a twentieth of a training step of a small network.
    @Test(arguments: [16, 128]) func featuresOfAnImageOfOneChannelAreItsMemory(_ batch: Int) throws {
        let graph = try NamedNetworks.make(
            "lenet-300-100", input: Shape(channels: 1, height: 28, width: 28), classes: 10)
        let network = Network(graph, capacity: batch, team: Team(size: 1), trains: true)
        #expect(graph.nodes[0].op is Flatten)
        #expect(network.tensors[1].values === network.input.values)
    }

    /// Residual blocks share memory between gradients, and between values and gradients: what is written where another still
    /// reads shows here. Twice, for a pass may leave something behind.
    @Test(arguments: [1, 2]) func gradientsOfAResidualNetworkMatchFiniteDifferences(_ threads: Int) throws {
        let graph = try NamedNetworks.make("resnet-8", input: Shape(channels: 1, height: 8, width: 8), classes: 3)
        let network = Network(graph, capacity: 18, team: Team(size: threads), trains: true)
        network.initialize(seed: 8)
        #expect(network.tensors.count { $0.gradient === $0.values } == 5)
        let random = CounterRandom(seed: 6, purpose: .test)
        let lanes = network.lanes, output = network.output
        func place(_ sample: Int, _ layout: ImageLayout, _ channel: Int = 0, _ y: Int = 0, _ x: Int = 0) -> Int {
            sample / lanes * layout.panelFloats + layout.offset(channel, y, x) + sample % lanes
        }
        for sample in 0..<18 {
            for point in 0..<64 {
                let place = place(sample, network.input.layout, 0, point / 8, point % 8)
                network.input.values[place] = random.uniform(sample, point) - 0.5
            }
        }
        func slope(_ sample: Int, _ output: Int) -> Float { random.uniform(100 + sample, output) - 0.5 }
        func loss() -> Double {
            network.forward(samples: 18, step: 0)
            return (0..<18).reduce(0) { sum, sample in
                (0..<3).reduce(sum) {
                    $0 + Double(slope(sample, $1)) * Double(output.values[place(sample, output.layout, $1)])
                }
            }
        }
        for _ in 0..<2 {
            _ = loss()
            for sample in 0..<18 {
                for number in 0..<3 {
                    output.gradient![place(sample, output.gradientLayout, number)] = slope(sample, number)
                }
            }
            network.backward(samples: 18)
        }
        for layer in network.layers {
            let gradient = layer.liveGradient(), weights = layer.live()
            let scale = gradient.reduce(1e-3) { max($0, abs($1)) }
            for number in 0..<6 {
                let index = Int(random.uniform(7, number) * Float(gradient.count))
                func changed(to value: Float) -> Double {
                    var arrays = weights
                    arrays.values[index] = value
                    layer.set(arrays)
                    return loss()
                }
                let step: Float = 1e-3, value = weights.values[index]
                let difference = (changed(to: value + step) - changed(to: value - step)) / Double(2 * step)
                #expect(abs(Float(difference) - gradient[index]) < 0.05 * scale, "\(layer.name) \(index)")
            }
            layer.set(weights)
        }
    }

    /// Dropout of the inputs, where no gradient is wanted.
    @Test func dropoutBeforeTheFirstWeightsDrops() throws {
        let graph = try Graph(
            input: Shape(channels: 100), [.init("drop", Dropout(rate: 0.25)), .init("a", Linear(outputs: 3))])
        let network = Network(graph, capacity: 64, team: Team(size: 1), trains: true)
        network.initialize(seed: 1)
        for place in 0..<network.input.values.count { network.input.values[place] = 1 }
        network.forward(samples: 64, step: 0)
        let dropped = network.tensors[1].values.array
        #expect(abs(Double(dropped.count { $0 == 0 }) / Double(dropped.count) - 0.25) < 0.03)
        #expect(dropped.allSatisfy { $0 == 0 || $0 == 1 / 0.75 })
        network.forward(samples: 64)
        #expect(network.tensors[1].values.array.allSatisfy { $0 == 1 })
    }

    @Test func arraysSurviveStorage() throws {
        let graph = try NamedNetworks.make("mlp-30-17-5", input: Shape(channels: 30), classes: 5)
        let network = Network(graph, capacity: 1, team: Team(size: 1), trains: true, slots: 1)
        network.initialize(seed: 2)
        for layer in network.layers {
            let dense = layer.live()
            #expect(dense.indices == nil && dense.values.count == layer.map.weights)
            let sparse = dense.keeping(dense.values.map { abs($0) > 0.1 })
            layer.set(sparse)
            #expect(layer.live() == sparse)
            #expect(layer.nnz == sparse.values.count && layer.values.count == layer.nnz)
        }
    }

    @Test func namedNetworksHaveTheirSizes() throws {
        let image = Shape(channels: 1, height: 28, width: 28)
        func weights(_ name: String) throws -> Int {
            let graph = try NamedNetworks.make(name, input: image, classes: 10)
            return graph.nodes.reduce(0) { $0 + ($1.op.weightShape($1.inputShapes)?.weights ?? 0) }
        }
        #expect(try weights("lenet-300-100") == 266_200)
        #expect(try weights("lenet-5") == 20 * 25 + 50 * 500 + 500 * 800 + 10 * 500)
        #expect(try weights("mlp-784-1024-1024-10") == 784 * 1024 + 1024 * 1024 + 10 * 1024)
    }

    @Test func badGraphsAreNamed() {
        let input = Shape(channels: 1, height: 4, width: 4)
        #expect(throws: GraphError.shape(node: "fc", found: "1×4×4", expected: "features (put a flatten before it)")) {
            try Graph(input: input, [.init("fc", Linear(outputs: 2))])
        }
        #expect(throws: GraphError.unknownInput(node: "r", input: "x", known: ["input"])) {
            try Graph(input: input, [.init("r", ReLU(), inputs: ["x"])])
        }
        #expect(throws: GraphError.duplicateName("r")) {
            try Graph(input: input, [.init("r", ReLU()), .init("r", ReLU())])
        }
        #expect(throws: GraphError.unused(node: "a")) {
            try Graph(input: input, [.init("a", ReLU()), .init("b", ReLU(), inputs: ["input"])])
        }
        #expect(throws: GraphError.inputCount(node: "s", found: 1, expected: 2...2)) {
            try Graph(input: input, [.init("s", Add())])
        }
        #expect(throws: GraphError.self) { try NamedNetworks.make("lenet-7", input: input, classes: 10) }
        #expect(throws: GraphError.self) { try NamedNetworks.make("mlp-5-2", input: input, classes: 2) }
    }

    @Test func aLayerOnEveryPathMayNotVanish() throws {
        let graph = try Graph(
            input: Shape(channels: 4),
            [
                .init("a", Linear(outputs: 4)), .init("b", Linear(outputs: 4), inputs: ["a"]),
                .init("sum", Add(), inputs: ["a", "b"]), .init("out", Linear(outputs: 2)),
            ])
        let network = Network(graph, capacity: 1, team: Team(size: 1), trains: false)
        #expect(network.layers.map(\.mayVanish) == [false, true, false])
        #expect(network.layers.map(\.isOutput) == [false, false, true])
    }
}
