import Graph
import Kernels
import Sparsity
import Testing

/// Networks come down to a share by their smallest units.
@Suite struct UnitChoiceTests {
    typealias Bench = UnitRemovalTests.Bench

    private func shrunk(
        _ bench: Bench, _ target: UnitChoice.Target?, evenly: Bool = true, _ options: UnitRemoval.Options = .init()
    ) throws -> ShrunkNetwork {
        try ShrunkNetwork(bench.graph, bench.arrays, target: target, evenly: evenly, options: options)
    }

    private func expectSame(_ shrunk: ShrunkNetwork, sourceLocation: SourceLocation = #_sourceLocation) {
        let distance = AnswerDistance(shrunk.masked, (shrunk.graph, shrunk.arrays))
        #expect(distance.largest <= 1e-5 * max(1, distance.scale), sourceLocation: sourceLocation)
    }

    @Test func theSmallestNeuronsGo() throws {
        var bench = try Bench(
            [3], [.init("fc1", Linear(outputs: 4)), .init("relu", ReLU()), .init("fc2", Linear(outputs: 2))])
        // Sizes 5, 1, 3 and 2 of the rows, and nothing to tell the columns apart.
        bench.arrays.layers[0].values = [5, 0, 0, 0, 1, 0, 0, 0, 3, 2, 0, 0]
        bench.arrays.layers[1].values = [1, 1, 1, 1, 1, 1, 1, 1]
        let half = try shrunk(bench, .channels(0.5))
        #expect(half.chosen?.layers[0].rows == [0, 2] && half.chosen?.layers[1].columns == [[0, 2]])
        #expect(half.arrays.layers[1].bias == bench.arrays.layers[1].bias)
        expectSame(half)
        // Equal ones: the first go.
        bench.arrays.layers[0].values = [2, 0, 0, 0, 2, 0, 0, 0, 2, 2, 0, 0]
        #expect(try shrunk(bench, .channels(0.5)).chosen?.layers[0].rows == [2, 3])
    }

    @Test(arguments: ["lenet-5", "resnet-8", "mobilenet-v3-small", "encoder-mini"])
    func targetsAreReached(name: String) throws {
        let input = name == "encoder-mini" ? [6] : name == "lenet-5" ? [1, 28, 28] : [2, 12, 12]
        let bench = Bench(try NamedNetworks.make(name, input: Shape(input), classes: 10))
        let smaller = try shrunk(bench, .parameters(0.6))
        let share = Double(smaller.graph.parameterCount) / Double(bench.graph.parameterCount)
        #expect(share <= 0.6 && share > 0.5, "\(name): \(share)")
        expectSame(smaller)
        let faster = try shrunk(bench, .multiplyAdds(0.6), evenly: false)
        #expect(Double(faster.graph.multiplyAdds) <= 0.6 * Double(bench.graph.multiplyAdds))
        expectSame(faster)
        #expect(smaller.approximations.isEmpty)
    }

    @Test func halfTheChannelsOfEveryLayerInMultiplesOfFour() throws {
        let bench = Bench(try NamedNetworks.make("resnet-8", input: Shape([1, 12, 12]), classes: 10))
        var options = UnitRemoval.Options()
        options.multiple = 4
        let half = try shrunk(bench, .channels(0.5), options)
        let rows = zip(bench.graph.nodes, half.graph.nodes).compactMap { old, new in
            old.ownWeights.map { ($0.rows, new.ownWeights!.rows) }
        }
        #expect(rows.dropLast().allSatisfy { $0.1 * 2 == $0.0 } && rows.last! == (10, 10))
        expectSame(half)
    }

    @Test func aLatencyIsMeasuredByTheCaller() throws {
        let bench = try Bench(
            [3], [.init("fc1", Linear(outputs: 64)), .init("relu", ReLU()), .init("fc2", Linear(outputs: 2))])
        var asked = 0
        let shrunk = try ShrunkNetwork(bench.graph, bench.arrays, target: .latency(0.5)) { graph, _ in
            asked += 1
            return Double(graph.multiplyAdds)
        }
        #expect(shrunk.graph.nodes[0].weightShape?.rows == 32 && asked < 14)
    }

    @Test func whatIsOutOfReachSaysWhatIsLeft() throws {
        let bench = try Bench(
            [3], [.init("fc1", Linear(outputs: 4)), .init("relu", ReLU()), .init("fc2", Linear(outputs: 2))])
        #expect(throws: UnitChoice.Problem.outOfReach(.channels(0.1), least: 0.25)) {
            try shrunk(bench, .channels(0.1))
        }
        let one = try Bench([3], [.init("fc", Linear(outputs: 2))])
        #expect(throws: UnitChoice.Problem.self) { try shrunk(one, .parameters(0.5)) }
    }

    @Test func protectedLayersKeepTheirUnits() throws {
        let bench = try Bench(
            [3],
            [
                .init("fc1", Linear(outputs: 8), isPrunable: false), .init("relu1", ReLU()),
                .init("fc2", Linear(outputs: 8)), .init("relu2", ReLU()), .init("fc3", Linear(outputs: 2)),
            ])
        let half = try shrunk(bench, .channels(0.5))
        #expect(half.graph.nodes.compactMap { $0.ownWeights?.rows } == [8, 4, 2])
    }

    @Test func unitsThatANormalisationCountsGoOnlyWhereThatIsAskedFor() throws {
        let bench = try Bench(
            [4],
            [
                .init("fc1", Linear(outputs: 8)), .init("norm", LayerNorm()), .init("fc2", Linear(outputs: 3)),
            ])
        #expect(throws: UnitChoice.Problem.self) { try shrunk(bench, .channels(0.5)) }
        var options = UnitRemoval.Options()
        options.isApproximate = true
        let half = try shrunk(bench, .channels(0.5), options)
        #expect(half.graph.nodes[0].weightShape?.rows == 4 && half.approximations == ["'norm' counts them"])
    }
}
