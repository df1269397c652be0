import Descriptors
import Graph
import Kernels
import Testing

/// Whether masks leave a path from input to output, and which path is the strongest.
@Suite struct PathTests {
    private static func graph(_ input: Shape, _ entries: Graph.Entry...) throws -> Graph {
        try Graph(input: input, entries)
    }
    private static let image = Shape(channels: 1, height: 2, width: 2)

    private func joined(_ graph: Graph, _ masks: [[Int]?]) -> Bool {
        Paths(graph).isJoined(masks.map { PathLayer(indices: $0) })
    }

    @Test func aChainIsJoinedByWeightsThatMeet() throws {
        let chain = try Self.graph(
            Shape(channels: 3), .init("a", Linear(outputs: 2)), .init("r", ReLU()), .init("b", Linear(outputs: 2)))
        #expect(joined(chain, [nil, nil]))
        // Unit 0 reads input 2; outputs read unit 1 and unit 0.
        #expect(!joined(chain, [[2], [1, 3]]))
        #expect(joined(chain, [[2], [2]]))
        #expect(!joined(chain, [[], nil]) && !joined(chain, [nil, []]))
    }

    @Test func flagsLeaveOutWeights() throws {
        let chain = try Self.graph(Shape(channels: 2), .init("a", Linear(outputs: 2)))
        #expect(Paths(chain).isJoined([PathLayer(indices: nil, flags: [false, false, true, false])]))
        #expect(!Paths(chain).isJoined([PathLayer(indices: [1, 2], flags: [false, false])]))
    }

    @Test func aShortcutCountsAndTwoBranchesNeedOne() throws {
        let skip = try Self.graph(
            Shape(channels: 2), .init("a", Linear(outputs: 2)), .init("b", Linear(outputs: 2)),
            .init("sum", Add(), inputs: ["a", "b"]), .init("c", Linear(outputs: 2)))
        #expect(joined(skip, [[0], [], [0]]))
        #expect(!joined(skip, [[0], [], [1]]))
        let parallel = try Self.graph(
            Shape(channels: 2), .init("r", ReLU()), .init("a", Linear(outputs: 2), inputs: ["r"]),
            .init("b", Linear(outputs: 2), inputs: ["r"]), .init("sum", Add(), inputs: ["a", "b"]))
        #expect(!joined(parallel, [[], []]) && joined(parallel, [[3], []]) && joined(parallel, [[], [0]]))
    }

    /// A convolution whose only tap reads the border, or two that shift everything out of the picture, let nothing through.
    @Test func tapsThatReadTheBorderJoinNothing() throws {
        let one = try Self.graph(
            Shape(channels: 1), .init("c", Convolution(channels: 1, kernel: 3, padding: 1)))
        #expect(joined(one, [[4]]))
        #expect(!joined(one, [[0, 1, 2, 3, 5, 6, 7, 8]]))
        let two = try Self.graph(
            Self.image, .init("c", Convolution(channels: 1, kernel: 3, padding: 1)),
            .init("d", Convolution(channels: 1, kernel: 3, padding: 1)))
        #expect(joined(two, [[0], nil]) && joined(two, [[0], [4]]) && joined(two, [[0], [8]]))
        #expect(!joined(two, [[0], [0]]))
    }

    @Test func poolsFlattenGroupsAndStridesPassOnWhatTheyRead() throws {
        let graph = try Self.graph(
            Shape(channels: 2, height: 4, width: 4), .init("g", Convolution(channels: 2, kernel: 1, groups: 2)),
            .init("p", MaxPool(kernel: 2)), .init("f", Flatten()), .init("l", Linear(outputs: 1)))
        // Channel 1 alone comes through; of its four points the last is read, or one of channel 0.
        #expect(joined(graph, [[1], [7]]))
        #expect(!joined(graph, [[1], [3]]))
        // Every second point alone is read by the stride, and the kernel's one tap stands beside them.
        let strided = try Self.graph(
            Self.image, .init("c", Convolution(channels: 1, kernel: 1)),
            .init("s", Convolution(channels: 1, kernel: 2, stride: 2, padding: 1)), .init("q", GlobalAveragePool()))
        #expect(joined(strided, [nil, [3]]) && joined(strided, [nil, [0]]))
    }

    @Test func theStrongestPathIsTheOneWhoseWeakestWeightIsStrongest() throws {
        let chain = try Self.graph(Shape(channels: 2), .init("a", Linear(outputs: 2)), .init("b", Linear(outputs: 1)))
        let strengths: [[UInt64]] = [[9, 1, 3, 4], [2, 5]]
        let all = [PathLayer(indices: nil), PathLayer(indices: nil)]
        let found = try #require(Paths(chain).strongest(all) { strengths[$0][$1] })
        // Through unit 0 the weakest is 2; through unit 1 it is 4.
        #expect(found.strength == 4 && found.weights.map { [$0.layer, $0.live] } == [[1, 1], [0, 3]])
        // Among equals the strongest weight, then the first.
        let equal: [[UInt64]] = [[7, 7, 7, 7], [7, 7]]
        let first = try #require(Paths(chain).strongest(all) { equal[$0][$1] })
        #expect(first.weights.map { [$0.layer, $0.live] } == [[1, 0], [0, 0]])
        #expect(Paths(chain).strongest(all) { layer, _ in layer == 0 ? 1 : 0 } == nil)
        // Live weights are numbered as they stand: here b reads unit 1 alone.
        let sparse = [PathLayer(indices: [1, 2]), PathLayer(indices: [1])]
        let only = try #require(Paths(chain).strongest(sparse) { _, _ in 3 })
        #expect(only.weights.map { [$0.layer, $0.live] } == [[1, 0], [0, 1]])
    }

    /// An independent answer: with weights, inputs and statistics of one and no bias, a network's output is above zero where,
    /// and only where, a path leads.
    @Test(arguments: 0..<6) func randomMasksAgreeWithTheNetworkItself(_ number: Int) throws {
        let graphs = try [
            Self.graph(
                Shape(channels: 5), .init("a", Linear(outputs: 6)), .init("r", ReLU()), .init("b", Linear(outputs: 6)),
                .init("sum", Add(), inputs: ["r", "b"]), .init("c", Linear(outputs: 3))),
            Self.graph(
                Shape(channels: 2, height: 4, width: 3), .init("c", Convolution(channels: 4, kernel: 3, padding: 1)),
                .init("n", BatchNorm()), .init("r", ReLU()), .init("p", AveragePool(["kernel": .integer(2)])),
                .init("d", Convolution(channels: 4, kernel: 3, padding: 2, dilation: 2)), .init("f", Flatten()),
                .init("l", Linear(outputs: 3))),
            Self.graph(
                Shape(channels: 4, height: 3, width: 3),
                .init("c", Convolution(channels: 4, kernel: 3, padding: 1, groups: 2)),
                .init("d", Convolution(channels: 4, kernel: 3, stride: 2, padding: 1), inputs: ["c"]),
                .init("e", Convolution(channels: 4, kernel: 1, stride: 2), inputs: ["c"]),
                .init("sum", Add(), inputs: ["d", "e"]), .init("q", GlobalAveragePool()), .init("l", Linear(outputs: 2))
            ),
            Self.graph(
                Shape(channels: 2, height: 4, width: 3), .init("c", Convolution(channels: 4, kernel: 3, padding: 1)),
                .init("t", Transpose([1, 0, 2])), .init("s", Slice(starts: [1], ends: [3], axes: [1])),
                .init("e", Slice(starts: [0], ends: [1], axes: [1]), inputs: ["t"]),
                .init("k", Concat(axis: 1), inputs: ["s", "e"]), .init("z", Pad([1, 0, 0, 0, 0, 1])),
                .init("d", Convolution(channels: 2, kernel: 1)), .init("f", Flatten()), .init("l", Linear(outputs: 2))),
            NamedNetworks.make("lenet-5", input: Shape(channels: 1, height: 16, width: 16), classes: 4),
            NamedNetworks.make("resnet-8", input: Shape(channels: 1, height: 8, width: 8), classes: 4),
        ]
        let graph = graphs[number]
        let network = Network(graph, capacity: 1, team: Team(size: 1), trains: false)
        let random = CounterRandom(seed: 5, purpose: .mask)
        var answers = Set<Bool>()
        for trial in 0..<60 {
            // From about two weights a layer to dozens.
            let share = Float(2 << (trial % 5))
            var masks: [[Int]] = []
            for (place, layer) in network.layers.enumerated() {
                let bound = share / Float(layer.map.weights)
                let mask = (0..<layer.map.weights).filter { random.uniform(trial, place, $0) < bound }
                masks.append(mask)
                layer.set(
                    LayerArrays(
                        indices: mask, values: mask.map { _ in 1 }, slots: [],
                        bias: [Float](repeating: 0, count: layer.bias.count), biasSlots: []))
            }
            let input = network.input
            for channel in 0..<input.shape.channels {
                for y in 0..<input.shape.height {
                    for x in 0..<input.shape.width { input.values[input.layout.offset(channel, y, x)] = 1 }
                }
            }
            network.forward(samples: 1)
            let output = network.output
            let passes = (0..<output.shape.channels).contains { output.values[output.layout.offset($0)] > 0 }
            #expect(joined(graph, masks) == passes, "trial \(trial)")
            answers.insert(passes)
            // The weakest weight of the strongest path joins with all that are as strong, and without it nothing does.
            func strength(_ layer: Int, _ live: Int) -> UInt64 {
                1 + UInt64(random.integer(below: 1000, trial, layer, masks[layer][live]))
            }
            let found = Paths(graph).strongest(masks.map { PathLayer(indices: $0) }, strength: strength)
            #expect((found != nil) == passes)
            guard let found else { continue }
            func above(_ least: UInt64) -> Bool {
                Paths(graph).isJoined(
                    masks.enumerated().map { layer, mask in
                        PathLayer(indices: mask, flags: mask.indices.map { strength(layer, $0) >= least })
                    })
            }
            #expect(above(found.strength) && !above(found.strength + 1), "trial \(trial)")
            #expect(found.weights.map { strength($0.layer, $0.live) }.min() == found.strength)
            let path = masks.indices.map { layer in
                PathLayer(
                    indices: masks[layer],
                    flags: masks[layer].indices.map { live in found.weights.contains { $0 == (layer, live) } })
            }
            #expect(Paths(graph).isJoined(path), "the path alone joins")
        }
        #expect(answers.count == 2, "both answers were seen")
    }

    // MARK: Masks that are drawn

    @Test func aRandomMaskWithoutAPathMovesOneWeightALayer() throws {
        let graph = try Self.graph(
            Shape(channels: 8), .init("a", Linear(outputs: 8)), .init("b", Linear(outputs: 8)),
            .init("c", Linear(outputs: 4)))
        var moved = 0
        for seed in UInt64(1)...40 {
            let network = Network(graph, capacity: 1, team: Team(size: 1), trains: false)
            moved += network.initialize(seed: seed, counts: [2, 2, 1])
            let masks = network.layers.map { $0.liveIndices() }
            #expect(joined(graph, masks), "seed \(seed)")
            #expect(masks.map { $0?.count } == [2, 2, 1])
            for mask in masks { #expect(mask == mask?.sorted() && Set(mask!).count == mask!.count) }
            // Rows keep their number of weights.
            for (number, mask) in masks.enumerated() {
                let drawn = RandomMask.positions(
                    rows: [8, 8, 4][number], columns: 8, count: [2, 2, 1][number], seed: seed, layer: number)
                #expect(mask!.map { $0 / 8 } == drawn.map { $0 / 8 })
            }
        }
        #expect(moved > 10)
    }

    @Test func layersThatAPathNeedsAreOpened() throws {
        let parallel = try Self.graph(
            Shape(channels: 2), .init("r", ReLU()), .init("a", Linear(outputs: 2), inputs: ["r"]),
            .init("m", Linear(outputs: 3), inputs: ["r"]), .init("b", Linear(outputs: 2)),
            .init("sum", Add(), inputs: ["a", "b"]))
        let paths = Paths(parallel)
        #expect(paths.layersToOpen(counts: [0, 1, 1]) == [] && paths.layersToOpen(counts: [1, 0, 0]) == [])
        // Weights 4, 6 and 6: the way of the two is the larger.
        #expect(paths.layersToOpen(counts: [0, 0, 0]) == [2, 1])
        #expect(paths.layersToOpen(counts: [0, 1, 0]) == [2])
    }

    // MARK: The answer's rows

    @Test func outputRowsAreThoseThatNoWeightsRead() throws {
        let heads = try Self.graph(
            Shape(channels: 4), .init("t", Linear(outputs: 6)), .init("r", ReLU()),
            .init("a", Linear(outputs: 3), inputs: ["r"]), .init("b", Linear(outputs: 3), inputs: ["r"]),
            .init("n", BatchNorm()), .init("sum", Add(), inputs: ["a", "n"]))
        let network = Network(heads, capacity: 1, team: Team(size: 1), trains: false)
        #expect(network.layers.map(\.isOutput) == [false, true, true])
    }

    /// 20,000 layers are gone through once.
    @Test func manyNodesTakeLinearTime() throws {
        var entries: [Graph.Entry] = []
        for number in 0..<2000 { entries.append(.init("l\(number)", Linear(outputs: 2))) }
        let graph = try Graph(input: Shape(channels: 2), entries)
        #expect(joined(graph, [[Int]?](repeating: [0], count: 2000)))
        #expect(!joined(graph, [[Int]?](repeating: [0], count: 1999) + [[1]]))
        #expect(graph.isReadByWeights.filter { !$0 }.count == 1)
    }
}

extension AveragePool {
    fileprivate init(_ values: [String: Value]) throws { try self.init(Arguments(values, for: AveragePool.descriptor)) }
}
