import Descriptors
import Graph
import Kernels
import Sparsity
import Testing

/// Units leave networks of every kind: the named ones, and those of failures that others have reported.
@Suite struct UnitNetworkTests {
    typealias Bench = UnitRemovalTests.Bench

    /// Silences a share of the units: every other one gives a constant, or is not read.
    private func silence(_ bench: inout Bench, share: Double) -> (silenced: Int, all: Int) {
        let groups = AxisGroups(bench.graph)
        let random = CounterRandom(seed: 4, purpose: .test)
        let removable = groups.removable
        var silenced = 0
        var rows: [String: Set<Int>] = [:], channels: [String: Set<Int>] = [:]
        for (place, group) in removable.enumerated() where Double(random.uniform(place)) < share {
            silenced += 1
            for member in group.members where member.axis == 0 && member.value >= 0 {
                let node = bench.graph.nodes[member.value]
                if place % 2 == 0 {
                    if node.ownWeights != nil { rows[node.name, default: []].insert(member.number) }
                    continue
                }
                for reader in bench.graph.readers(of: member.value) where bench.graph.nodes[reader].ownWeights != nil {
                    channels[bench.graph.nodes[reader].name, default: []].insert(member.number)
                }
            }
        }
        for (name, rows) in rows {
            bench.clear(name) { row, _ in rows.contains(row) }
            for row in rows { bench.arrays.layers[bench.number(name)].bias[row] = 0 }
        }
        for (name, channels) in channels { bench.clear(name) { channels.contains($1) } }
        return (silenced, removable.count)
    }

    private func trains(_ graph: Graph, _ arrays: GraphArrays) -> Bool {
        let network = Network(graph, capacity: 2, team: Team(size: 1), trains: true)
        arrays.withoutSlots.fill(network)
        network.forward(samples: 2, step: 0)
        guard let gradient = network.output.gradient else { return false }
        for place in 0..<gradient.count { gradient[place] = 0.1 }
        network.backward(samples: 2)
        return network.layers.allSatisfy { layer in layer.liveGradient().allSatisfy { $0.isFinite } }
    }

    static let shapes: [(name: String, input: [Int])] = NamedNetworks.all.map { named in
        switch named.descriptor.name {
        case "encoder-mini": ("encoder-mini", [6])
        case "autoencoder-640": ("autoencoder-640", [40])
        case "mlp-784-1024-1024-10": ("mlp-30-40-20-10", [30])
        case "lenet-5": ("lenet-5", [1, 28, 28])
        default: (named.descriptor.name, [2, 12, 12])
        }
    }

    @Test(arguments: shapes.map(\.name)) func namedNetworksAnswerAsBefore(name: String) throws {
        let input = Self.shapes.first { $0.name == name }!.input
        var bench = Bench(try NamedNetworks.make(name, input: Shape(input), classes: 10))
        let silenced = silence(&bench, share: 0.3)
        let removal = try bench.removal()
        #expect(silenced.all > 0 && removal.count > silenced.silenced / 3, "\(name): \(removal.count) of \(silenced)")
        #expect(removal.isExact)
        UnitRemovalTests.expectSame(removal, bench.arrays, name)
        #expect(trains(removal.graph, removal.arrays(bench.arrays)), "\(name)")
        // Nothing is left that does nothing and could go.
        let again = try UnitRemoval(removal.graph, removal.arrays(bench.arrays))
        #expect(again.count <= removal.count / 4, "\(name): \(again.count) after \(removal.count)")
    }

    // MARK: Reported elsewhere

    private func expectRemoved(
        _ bench: Bench, _ rows: [Int], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let removal = try bench.removal()
        #expect(removal.layers.map(\.rows.count) == rows, sourceLocation: sourceLocation)
        UnitRemovalTests.expectSame(removal, bench.arrays, sourceLocation: sourceLocation)
    }

    @Test func aReshapeBeforeATransposedConvolution() throws {
        // As the importer makes one: spread, padded, convolved.
        var bench = try Bench(
            [5],
            [
                .init("fc", Linear(outputs: 12)), .init("relu", ReLU()), .init("image", Reshape([3, 2, 2])),
                .init("spread", Spread([1, 2, 2])), .init("up", Convolution(channels: 2, kernel: 3, padding: 2)),
            ])
        for row in 4..<8 { bench.clear(row: row, of: "fc", bias: -0.1) }
        try expectRemoved(bench, [8, 2])
        // A channel of which one point does something stays whole.
        bench.clear(row: 0, of: "fc", bias: -0.1)
        try expectRemoved(bench, [8, 2])
    }

    @Test func slicesAndConcats() throws {
        var bench = try Bench(
            [5],
            [
                .init("fc1", Linear(outputs: 6)), .init("relu", ReLU()),
                .init("left", try Slice(starts: [0], ends: [3])),
                .init("right", try Slice(starts: [-1], ends: [2], steps: [-1]), inputs: ["relu"]),
                .init("both", Concat(axis: 0), inputs: ["right", "left"]), .init("fc2", Linear(outputs: 2)),
            ])
        bench.clear(row: 1, of: "fc1", bias: 0.4)
        bench.clear(row: 4, of: "fc1", bias: 0.3)
        try expectRemoved(bench, [4, 2])
    }

    @Test func aPixelShuffle() throws {
        var bench = try Bench(
            [2, 3, 3],
            [
                .init("conv", Convolution(channels: 12, kernel: 3)), .init("relu", ReLU()),
                .init("split", Reshape([3, 2, 2, 1, 1])), .init("turn", Transpose([0, 3, 1, 4, 2])),
                .init("image", Reshape([3, 2, 2])), .init("last", Convolution(channels: 2, kernel: 1)),
            ])
        // Of channel 1 of the image all four, of channel 2 one of them.
        for row in 4..<8 { bench.clear(row: row, of: "conv", bias: 0.2) }
        bench.clear(row: 9, of: "conv", bias: 0.2)
        try expectRemoved(bench, [8, 2])
    }

    @Test func aHeadWhoseOutputsAreAllGone() throws {
        let each = 4
        var bench = Bench(try NamedNetworks.make("encoder-mini", input: Shape([6]), classes: 3))
        bench.clear("layer1.output") { _, channel in channel / (4 * each) == 2 }
        let removal = try bench.removal()
        let rows = Dictionary(uniqueKeysWithValues: removal.layers.map { ($0.node, $0.rows.count) })
        #expect(["layer1.query", "layer1.key", "layer1.value"].allSatisfy { rows[$0] == 48 })
        #expect(removal.layers.first { $0.node == "layer1.output" }?.columnsOfRow == 48)
        UnitRemovalTests.expectSame(removal, bench.arrays)
        // Values of zeros say the same.
        var zeros = Bench(try NamedNetworks.make("encoder-mini", input: Shape([6]), classes: 3))
        for row in 16..<32 { zeros.clear(row: row, of: "layer2.value", bias: 0) }
        let other = try zeros.removal()
        #expect(other.layers.first { $0.node == "layer2.query" }?.rows.count == 48)
        UnitRemovalTests.expectSame(other, zeros.arrays)
    }

    @Test func squeezeAndExcite() throws {
        var bench = try Bench(
            [2, 4, 4],
            [
                .init("conv", Convolution(channels: 4, kernel: 1)), .init("relu", ReLU()),
                .init("pool", GlobalAveragePool()), .init("reduce", Linear(outputs: 3)), .init("relu2", ReLU()),
                .init("expand", Linear(outputs: 4)), .init("factor", Unsqueeze([1, 2])),
                .init("scale", Multiply(), inputs: ["relu", "factor"]),
                .init("last", Convolution(channels: 2, kernel: 1)),
            ])
        bench.clear(row: 1, of: "conv", bias: -0.2)
        try expectRemoved(bench, [3, 3, 3, 2])
    }

    @Test func zerosThatAShortcutIsPaddedWith() throws {
        var bench = try Bench(
            [2, 4, 4],
            [
                .init("conv1", Convolution(channels: 3, kernel: 1)), .init("relu1", ReLU()),
                .init("conv2", Convolution(channels: 6, kernel: 3, padding: 1)),
                .init("padded", Pad([1, 0, 0, 2, 0, 0]), inputs: ["relu1"]),
                .init("add", Add(), inputs: ["conv2", "padded"]), .init("relu2", ReLU()),
                .init("last", Convolution(channels: 2, kernel: 1)),
            ])
        // 0 is a channel of zeros before the shortcut's, 2 is one of the shortcut's.
        bench.clear(row: 0, of: "conv2", bias: 0.1)
        bench.clear(row: 2, of: "conv2", bias: 0)
        bench.clear(row: 1, of: "conv1", bias: -0.3)
        bench.clear(channel: 1, of: "conv2")
        try expectRemoved(bench, [2, 4, 2])
    }

    @Test func aNormalisationThatCountsKeepsItsUnits() throws {
        var bench = try Bench(
            [4],
            [
                .init("fc1", Linear(outputs: 6)), .init("norm", LayerNorm()), .init("fc2", Linear(outputs: 3)),
            ])
        bench.clear(row: 1, of: "fc1", bias: 0.2)
        #expect(try bench.removal().stays.isEmpty)
        bench.clear(channel: 1, of: "fc2")
        let kept = try bench.removal()
        #expect(kept.count == 0 && kept.stays.map(\.reason) == ["'norm' counts them"])
        var options = UnitRemoval.Options()
        options.isApproximate = true
        let near = try bench.removal(options)
        #expect(near.count == 1 && near.approximations == ["'norm' counts them"])
        #expect(near.parameters.allSatisfy { $0.shape.axes == [5] })
    }
}
