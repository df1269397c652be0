import Graph
import Kernels
import Sparsity
import Testing

/// Units that do nothing leave the network, and it answers as before.
@Suite struct UnitRemovalTests {
    /// A network with random arrays, whose units a test silences.
    struct Bench {
        let graph: Graph
        var arrays: GraphArrays

        init(_ graph: Graph, seed: UInt64 = 1, sparsity: Double = 0, slots: Int = 0) {
            self.graph = graph
            let network = Network(graph, capacity: 1, team: Team(size: 1), trains: slots > 0, slots: slots)
            network.initialize(seed: seed)
            arrays = GraphArrays(network, withSlots: slots > 0)
            let random = CounterRandom(seed: seed, purpose: .test)
            var count = 0
            func next() -> Float {
                count += 1
                return random.uniform(count) - 0.5
            }
            for number in arrays.layers.indices {
                for row in arrays.layers[number].bias.indices { arrays.layers[number].bias[row] = next() }
                if sparsity > 0 {
                    arrays.layers[number] = arrays.layers[number].keeping(
                        arrays.layers[number].values.map { _ in Double(next()) + 0.5 >= sparsity })
                }
                for slot in arrays.layers[number].slots.indices {
                    for place in arrays.layers[number].slots[slot].indices {
                        arrays.layers[number].slots[slot][place] = next()
                    }
                }
            }
            for number in arrays.parameters.indices where arrays.parameters[number].shape.least != 0 {
                for place in arrays.parameters[number].values.indices {
                    arrays.parameters[number].values[place] += 0.3 * next()
                }
            }
        }

        init(_ input: [Int], _ entries: [Graph.Entry], sparsity: Double = 0, slots: Int = 0) throws {
            self.init(try Graph(input: Shape(input), entries), sparsity: sparsity, slots: slots)
        }

        /// Sets weights and bias of a row, or the weights of a column's channel, to zero.
        mutating func clear(row: Int, of name: String, bias: Float? = nil) {
            clear(name) { found, _ in found == row }
            if let bias { arrays.layers[number(name)].bias[row] = bias }
        }
        mutating func clear(channel: Int, of name: String) { clear(name) { $1 == channel } }
        mutating func clear(_ name: String, where goes: (_ row: Int, _ channel: Int) -> Bool) {
            let number = number(name), node = graph.nodes.first { $0.name == name }!
            let weights = NodeWeights(shape: node.weightShape!, arrays: arrays.layers[number])
            var places: [Int] = []
            weights.forEachNonzero { row, channel, _, _, live in if goes(row, channel) { places.append(live) } }
            for place in places { arrays.layers[number].values[place] = 0 }
        }
        func number(_ name: String) -> Int {
            graph.nodes.filter { $0.ownWeights != nil }.firstIndex { $0.name == name }!
        }
        mutating func set(_ parameter: String, _ place: Int, _ value: Float) {
            let number = arrays.parameters.firstIndex { $0.name == parameter }!
            arrays.parameters[number].values[place] = value
        }

        func removal(_ options: UnitRemoval.Options = .init()) throws -> UnitRemoval {
            try UnitRemoval(graph, arrays, options)
        }
    }

    static func answers(_ graph: Graph, _ arrays: GraphArrays, samples: Int = 3) -> [Float] {
        let network = Network(graph, capacity: samples, team: Team(size: 1), trains: false)
        arrays.fill(network)
        let random = CounterRandom(seed: 9, purpose: .test)
        // Tokens are whole numbers from 0.
        let isOfTokens = graph.nodes.contains { $0.op is Embedding }
        for panel in 0..<network.panels(samples) {
            for feature in 0..<graph.input.features {
                for lane in 0..<network.lanes {
                    let (plane, width) = (graph.input.height * graph.input.width, graph.input.width)
                    let place =
                        panel * network.input.layout.panelFloats
                        + network.input.layout.offset(feature / plane, feature % plane / width, feature % width) + lane
                    let value = random.uniform(feature * 64 + lane)
                    network.input.values[place] = isOfTokens ? (value * 200).rounded() : value - 0.5
                }
            }
        }
        network.forward(samples: samples)
        let layout = network.output.layout
        var values: [Float] = []
        for sample in 0..<samples {
            for channel in 0..<layout.channels {
                for y in 0..<layout.height {
                    for x in 0..<layout.width {
                        values.append(
                            network.output.values[
                                sample / network.lanes * layout.panelFloats + layout.offset(channel, y, x) + sample
                                    % network.lanes])
                    }
                }
            }
        }
        return values
    }

    static func expectSame(
        _ removal: UnitRemoval, _ arrays: GraphArrays, _ comment: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let before = answers(removal.old, arrays), after = answers(removal.graph, removal.arrays(arrays))
        let scale = max(1, before.map { abs($0) }.max() ?? 0)
        let distance = zip(before, after).map { abs($0 - $1) }.max() ?? .infinity
        #expect(
            before.count == after.count && distance <= 1e-5 * scale, "\(comment): \(distance) of \(scale)",
            sourceLocation: sourceLocation)
    }

    private func rows(_ removal: UnitRemoval) -> [Int] { removal.layers.map(\.rows.count) }

    // MARK: Dead units

    @Test func aNeuronWithoutInputsGoesAndItsConstantStays() throws {
        var bench = try Bench(
            [4], [.init("fc1", Linear(outputs: 3)), .init("relu", ReLU()), .init("fc2", Linear(outputs: 2))])
        bench.clear(row: 1, of: "fc1", bias: 0.75)
        let removal = try bench.removal()
        #expect(rows(removal) == [2, 2] && removal.layers[1].columns == [[0, 2]])
        let after = removal.arrays(bench.arrays)
        #expect(after.layers[0].bias == [bench.arrays.layers[0].bias[0], bench.arrays.layers[0].bias[2]])
        let weights = bench.arrays.layers[1].values
        for row in 0..<2 {
            let wanted = bench.arrays.layers[1].bias[row] + 0.75 * weights[row * 3 + 1]
            #expect(abs(after.layers[1].bias[row] - wanted) < 1e-6)
        }
        #expect(removal.isExact && removal.stays.isEmpty)
        Self.expectSame(removal, bench.arrays)
    }

    @Test func aNeuronThatNobodyReadsGoes() throws {
        var bench = try Bench(
            [4], [.init("fc1", Linear(outputs: 3)), .init("relu", ReLU()), .init("fc2", Linear(outputs: 2))])
        bench.clear(channel: 0, of: "fc2")
        let removal = try bench.removal()
        #expect(rows(removal) == [2, 2] && removal.layers[0].rows == [1, 2])
        Self.expectSame(removal, bench.arrays)
    }

    @Test func whatOnlyDeadUnitsReadGoesWithThem() throws {
        var bench = try Bench(
            [4],
            [
                .init("fc1", Linear(outputs: 3)), .init("relu1", ReLU()), .init("fc2", Linear(outputs: 3)),
                .init("relu2", ReLU()), .init("fc3", Linear(outputs: 2)),
            ])
        // Row 0 of fc2 alone reads row 2 of fc1, and nobody reads it.
        bench.clear("fc2") { row, channel in channel == 2 && row != 0 }
        bench.clear(channel: 0, of: "fc3")
        let removal = try bench.removal()
        #expect(rows(removal) == [2, 2, 2])
        Self.expectSame(removal, bench.arrays)
    }

    @Test func aConstantGoesThroughNormalisationAndPlane() throws {
        var bench = try Bench(
            [2, 4, 4],
            [
                .init("conv", Convolution(channels: 4, kernel: 3)), .init("norm", BatchNorm()),
                .init("relu", ReLU()), .init("pool", MaxPool(kernel: 2)), .init("flatten", Flatten()),
                .init("fc", Linear(outputs: 3)),
            ])
        bench.clear(row: 2, of: "conv", bias: 0.3)
        bench.set("norm.bias", 2, 1.5)
        let removal = try bench.removal()
        #expect(rows(removal) == [3, 3] && removal.layers[1].shape.columns - removal.layers[1].columnsOfRow == 1)
        #expect(removal.graph.nodes.last!.inputShapes[0].features == 3)
        Self.expectSame(removal, bench.arrays)
    }

    @Test func aNormalisationThatClosesAChannelMakesItConstant() throws {
        var bench = try Bench(
            [2, 4, 4],
            [
                .init("conv", Convolution(channels: 4, kernel: 3)), .init("norm", BatchNorm()), .init("relu", ReLU()),
                .init("last", Convolution(channels: 2, kernel: 1)),
            ])
        bench.set("norm.weight", 1, 0)
        bench.set("norm.bias", 1, 0.5)
        let removal = try bench.removal()
        #expect(rows(removal) == [3, 2] && removal.parameters.allSatisfy { $0.shape.axes == [3] })
        Self.expectSame(removal, bench.arrays)
    }

    @Test func aConstantAlongABorderStaysUnlessItIsZero() throws {
        func bench(_ bias: Float) throws -> Bench {
            var bench = try Bench(
                [2, 5, 5],
                [
                    .init("conv1", Convolution(channels: 3, kernel: 3)), .init("relu", ReLU()),
                    .init("conv2", Convolution(channels: 2, kernel: 3, padding: 1)),
                ])
            bench.clear(row: 0, of: "conv1", bias: bias)
            return bench
        }
        let kept = try bench(0.5)
        let refused = try kept.removal()
        #expect(rows(refused) == [3, 2] && refused.stays.first?.reason.contains("border") == true)
        Self.expectSame(refused, kept.arrays)
        // Made nothing by the activation, it is zero in the border, too.
        let gone = try bench(-0.5)
        #expect(try rows(gone.removal()) == [2, 2])
        Self.expectSame(try gone.removal(), gone.arrays)
        var options = UnitRemoval.Options()
        options.isApproximate = true
        let near = try kept.removal(options)
        #expect(rows(near) == [2, 2] && !near.isExact && near.approximations[0].contains("'conv2'"))
    }

    @Test func aSumOfTwoPathsKeepsAChannelThatOneOfThemGives() throws {
        func bench() throws -> Bench {
            try Bench(
                [2, 4, 4],
                [
                    .init("conv1", Convolution(channels: 4, kernel: 1)),
                    .init("conv2", Convolution(channels: 4, kernel: 3, padding: 1)),
                    .init("add", Add(), inputs: ["conv1", "conv2"]), .init("relu", ReLU()),
                    .init("pool", GlobalAveragePool()), .init("fc", Linear(outputs: 3)),
                ])
        }
        var one = try bench()
        one.clear(row: 1, of: "conv2")
        #expect(try rows(one.removal()) == [4, 4, 3])
        // conv2 reads conv1, so channel 1 must not be read there either.
        var both = one
        both.clear(row: 1, of: "conv1", bias: 0)
        let removal = try both.removal()
        #expect(rows(removal) == [3, 3, 3])
        Self.expectSame(removal, both.arrays)
    }

    // MARK: What is not to break

    @Test func theLastUnitOfALayerStays() throws {
        var bench = try Bench(
            [4], [.init("fc1", Linear(outputs: 3)), .init("relu", ReLU()), .init("fc2", Linear(outputs: 2))])
        for row in 0..<3 { bench.clear(row: row, of: "fc1", bias: 0.1) }
        let removal = try bench.removal()
        #expect(rows(removal) == [1, 2])
        #expect(removal.stays.map(\.reason) == ["it is the last one of 'fc1'"])
        Self.expectSame(removal, bench.arrays)
    }

    @Test func groupsStayEquallyLarge() throws {
        var bench = try Bench(
            [2, 3, 3],
            [
                .init("first", Convolution(channels: 6, kernel: 1)), .init("relu1", ReLU()),
                .init("grouped", Convolution(channels: 4, kernel: 1, groups: 2)), .init("relu2", ReLU()),
                .init("last", Convolution(channels: 2, kernel: 1)),
            ])
        bench.clear(row: 0, of: "first", bias: 0.2)
        bench.clear(row: 1, of: "grouped", bias: 0.2)
        let uneven = try bench.removal()
        #expect(rows(uneven) == [6, 4, 2])
        #expect(uneven.stays.map(\.count) == [2])
        // One in the other group, too, at another place.
        bench.clear(row: 5, of: "first", bias: 0.4)
        bench.clear(row: 2, of: "grouped", bias: 0.2)
        let even = try bench.removal()
        #expect(rows(even) == [4, 2, 2] && even.layers[1].columns == [[1, 2], [0, 1]])
        #expect(even.graph.nodes[2].weightShape?.groups == 2)
        Self.expectSame(even, bench.arrays)
    }

    @Test func aMultipleOfChannelsStays() throws {
        var bench = try Bench(
            [4], [.init("fc1", Linear(outputs: 12)), .init("relu", ReLU()), .init("fc2", Linear(outputs: 2))])
        for row in 0..<6 { bench.clear(row: row, of: "fc1", bias: 0.1) }
        var options = UnitRemoval.Options()
        options.multiple = 4
        let removal = try bench.removal(options)
        #expect(rows(removal) == [8, 2])
        Self.expectSame(removal, bench.arrays)
    }

    @Test func masksAndOptimizerStateFollow() throws {
        var bench = try Bench(
            [4], [.init("fc1", Linear(outputs: 4)), .init("relu", ReLU()), .init("fc2", Linear(outputs: 3))],
            sparsity: 0.4, slots: 2)
        bench.clear(row: 1, of: "fc1", bias: -1)
        bench.clear(row: 3, of: "fc1", bias: -1)
        let removal = try bench.removal()
        let after = removal.arrays(bench.arrays)
        let old = bench.arrays.layers[1], new = after.layers[1]
        let wanted = (old.indices ?? Array(0..<12)).enumerated().filter { [0, 2].contains($0.element % 4) }
        let positions = wanted.map { $0.element / 4 * 2 + $0.element % 4 / 2 }
        #expect(new.indices == (positions.count == 6 ? nil : positions))
        #expect(new.values == wanted.map { old.values[$0.offset] })
        #expect(new.slots == old.slots.map { slot in wanted.map { slot[$0.offset] } })
        #expect(after.layers[0].biasSlots == bench.arrays.layers[0].biasSlots.map { [$0[0], $0[2]] })
        Self.expectSame(removal, bench.arrays)
    }

    @Test func sharedWeightsStayShared() throws {
        var bench = try Bench(
            [6],
            [
                .init("fc1", Linear(outputs: 4)), .init("relu1", ReLU()), .init("fc2", Linear(outputs: 4)),
                .init("relu2", ReLU()), .init("fc3", Linear(outputs: 4), weightsOf: "fc2"),
                .init("last", Linear(outputs: 2)),
            ])
        // Row and column 2 of the weights that both use.
        bench.clear(row: 2, of: "fc2", bias: 0)
        bench.clear(channel: 2, of: "fc2")
        bench.clear(channel: 2, of: "last")
        let removal = try bench.removal()
        #expect(rows(removal) == [3, 3, 2])
        #expect(removal.graph.nodes[4].weightsOf == 2)
        Self.expectSame(removal, bench.arrays)
    }
}
