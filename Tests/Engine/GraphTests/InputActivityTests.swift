import Graph
import Kernels
import Testing

/// Multiply-adds that meet an activation other than zero, against the sum as it is written.
@Suite struct InputActivityTests {
    private static let cases: [(String, OperatorCase)] =
        Convolution.cases.map { ("convolution", $0) } + Linear.cases.map { ("linear", $0) }

    @Test func everyWindowCountsWhatItReads() throws {
        for (number, (name, test)) in Self.cases.enumerated() {
            let op = try Operators.make(name, test.arguments)
            let graph = try Graph(input: test.inputs[0], [.init("op", op)])
            let node = graph.nodes[0], shape = try #require(node.weightShape)
            let random = CounterRandom(seed: 3, purpose: .test)
            let indices = (0..<shape.weights).filter { random.uniform(number, $0) < 0.4 }
            var activity = try #require(InputActivity(node))
            #expect(activity.multiplyAdds(sparse(indices, shape)) == nil, "before the first image nothing is known")
            var sums = (all: 0, some: 0)
            for image in 0..<2 {
                let values = (0..<graph.input.features).map { place -> Float in
                    let value = random.uniform(number, place, image + 7)
                    return value < 0.5 ? 0 : value
                }
                activity.add(values)
                sums.all += naive(Array(0..<shape.weights), node, shape, values)
                sums.some += naive(indices, node, shape, values)
            }
            #expect(activity.multiplyAdds(sparse(indices, shape)) == Double(sums.some) / 2, "\(name) \(number)")
            #expect(activity.multiplyAdds(sparse(nil, shape)) == Double(sums.all) / 2, "\(name) \(number)")
        }
    }

    /// A 3×3 kernel over nine ones: its corners meet four of them, its edges six, its middle nine.
    @Test func whatLiesAroundTheImageIsZero() throws {
        let graph = try Graph(
            input: Shape(channels: 1, height: 3, width: 3),
            [.init("op", Convolution(channels: 1, kernel: 3, padding: 1))])
        var activity = try #require(InputActivity(graph.nodes[0]))
        activity.add([Float](repeating: 1, count: 9))
        let shape = try #require(graph.nodes[0].weightShape)
        #expect(activity.multiplyAdds(sparse(nil, shape)) == 49.0)
        #expect(activity.multiplyAdds(sparse([0, 1, 4], shape)) == 19.0)
        // A weight that is there and is zero is skipped too.
        var arrays = sparse([0, 1, 4], shape)
        arrays.values[1] = 0
        #expect(activity.multiplyAdds(arrays) == 13.0)
        #expect(InputActivity(try Graph(input: graph.input, [.init("relu", ReLU())]).nodes[0]) == nil)
    }

    private func sparse(_ indices: [Int]?, _ shape: WeightShape) -> LayerArrays {
        LayerArrays(
            indices: indices, values: [Float](repeating: 1, count: indices?.count ?? shape.weights), slots: [],
            bias: [Float](repeating: 0, count: shape.biases), biasSlots: [])
    }

    private func naive(_ indices: [Int], _ node: Graph.Node, _ shape: WeightShape, _ values: [Float]) -> Int {
        let input = node.inputShapes[0], window = shape.window, ofGroup = shape.channels / shape.groups
        var count = 0
        for index in indices {
            let row = index / shape.columns, column = index % shape.columns
            let channel = row / (shape.rows / shape.groups) * ofGroup + column / window.taps
            let line = column % window.taps / window.width, tap = column % window.width
            for row in 0..<node.shape.height {
                for place in 0..<node.shape.width {
                    let y = row * window.stride.y + line * window.dilation.y - window.pads.top
                    let x = place * window.stride.x + tap * window.dilation.x - window.pads.left
                    guard y >= 0, y < input.height, x >= 0, x < input.width else { continue }
                    if values[(channel * input.height + y) * input.width + x] != 0 { count += 1 }
                }
            }
        }
        return count
    }

    /// An image that is timed by layers is answered as any other, by either way.
    @Test func timedLayersAnswerTheSame() throws {
        let graph = try NamedNetworks.make("lenet-5", input: Shape(channels: 1, height: 28, width: 28), classes: 10)
        let network = Network(graph, capacity: 16, team: Team(size: 1), trains: false)
        network.initialize(seed: 2)
        let answering = Answering(network)
        for place in 0..<answering.images.count { answering.images[place] = Float(place % 7) - 3 }
        answering.fillPanels()
        // Before the first image panels are the way; afterwards whichever was faster.
        let first = answering.timedForward(layerOfNode: graph.layerOfNode)
        answering.takeAnswers(1)
        let wanted = (0..<10).map { answering.answers[$0] }
        for _ in 0..<Answering.callsToChoose { answering.forward(samples: 1) }
        for place in 0..<10 { answering.answers[place] = .nan }
        let second = answering.timedForward(layerOfNode: graph.layerOfNode)
        if answering.way(samples: 1) == .panels { answering.takeAnswers(1) }
        #expect((0..<10).map { answering.answers[$0] } == wanted)
        for pass in [first, second] {
            #expect(pass.layers.count == network.layers.count)
            #expect(pass.layers.allSatisfy { $0 > 0 } && pass.all > 0)
        }
        #expect(network.layers.allSatisfy { $0.clock == nil })
    }
}
