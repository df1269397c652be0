import Graph
import Kernels
import Testing

/// Graphs of many nodes, and what is asked of a graph, against its plain definition.
@Suite struct LargeGraphTests {
    private func run(_ entries: [Graph.Entry], input: Int = 4, threads: Int = 1) throws -> [Float] {
        let graph = try Graph(input: Shape(channels: input), entries)
        let network = Network(graph, capacity: 3, team: Team(size: threads), trains: true, slots: 1)
        network.initialize(seed: 3)
        for index in 0..<input * network.lanes { network.input.values[index] = Float(index % 7) - 3 }
        network.forward(samples: 3, step: 0)
        for index in 0..<graph.output.features * network.lanes { network.output.gradient![index] = 1 }
        network.backward(samples: 3)
        return network.layers[0].liveGradient()
    }

    /// Quadratic, each of these would take many minutes; recursive, it would leave the stack. The network is freed, too.
    @Test(.timeLimit(.minutes(5))) func fortyThousandNodesRun() throws {
        let count = 40_000
        func chain(_ op: any Operator) -> [Graph.Entry] {
            [Graph.Entry("first", Linear(outputs: 4))]
                + (0..<count).map { Graph.Entry("n\($0)", op) } + [Graph.Entry("last", Linear(outputs: 2))]
        }
        let relus = try run(chain(ReLU()))
        #expect(
            relus
                == (try run([.init("first", Linear(outputs: 4)), .init("r", ReLU()), .init("last", Linear(outputs: 2))]))
        )
        _ = try run(chain(Dropout(rate: 0)))
        _ = try run(chain(BatchNorm()))
        // Layers, and one value that all of them read.
        _ = try run((0..<count / 2).map { Graph.Entry("fc\($0)", Linear(outputs: 4)) })
        var residual = [Graph.Entry("hub", Linear(outputs: 4))]
        for number in 0..<count / 4 {
            let before = number == 0 ? "hub" : "relu\(number - 1)"
            residual += [
                .init("fc\(number)", Linear(outputs: 4), inputs: [before]),
                .init("add\(number)", Add(), inputs: ["fc\(number)", "hub"]), .init("relu\(number)", ReLU()),
            ]
        }
        _ = try run(residual, threads: 2)
    }

    /// On random graphs: who reads what, and which nodes all paths run through.
    @Test func whatAGraphIsAskedIsWhatItsNodesSay() throws {
        let random = CounterRandom(seed: 5, purpose: .test)
        for number in 0..<200 {
            var entries: [Graph.Entry] = [], open: [String] = []
            func pick(_ place: Int, _ count: Int) -> Int { Int(random.bits(number, place) % UInt64(count)) }
            for place in 0..<30 {
                let name = "n\(place)"
                let known = [Graph.inputName] + entries.map(\.name)
                let a = known[pick(2 * place, known.count)], b = known[pick(2 * place + 1, known.count)]
                let isSum = place % 2 == 1
                entries.append(Graph.Entry(name, isSum ? Add() : ReLU(), inputs: isSum ? [a, b] : [a]))
                open.removeAll { $0 == a || isSum && $0 == b }
                open.append(name)
            }
            // What nothing reads yet is added up.
            while open.count > 1 {
                let name = "n\(entries.count)"
                entries.append(Graph.Entry(name, Add(), inputs: [open.removeLast(), open.removeLast()]))
                open.append(name)
            }
            let graph = try Graph(input: Shape(channels: 2), entries)
            for node in -1..<graph.nodes.count {
                #expect(graph.readers(of: node) == graph.nodes.indices.filter { graph.nodes[$0].inputs.contains(node) })
            }
            for node in graph.nodes.indices {
                var reached = [Bool](repeating: false, count: graph.nodes.count)
                for (index, other) in graph.nodes.enumerated() where index != node {
                    reached[index] = other.inputs.contains { $0 < 0 || reached[$0] }
                }
                #expect(graph.isAvoidable(node) == reached[graph.nodes.count - 1], "graph \(number), node \(node)")
            }
        }
    }

    /// Sizes that cannot be counted with are refused where they first appear, and never multiplied.
    @Test func sizesBeyondAnyMemoryAreRefused() throws {
        let large = Shape(channels: 1000, height: 4000, width: 4000)
        #expect(throws: GraphError.self) { try Graph(input: large, [.init("relu", ReLU())]) }
        for shape in [
            Shape(channels: 0), Shape(channels: 3, height: 0, width: 5), Shape(channels: -1, height: 5, width: 5),
            Shape(channels: Int.max, height: Int.max, width: Int.max),
        ] {
            #expect(throws: GraphError.self) {
                try Graph(input: shape, [.init("conv", Convolution(channels: 1, kernel: 1))])
            }
        }
        let image = Shape(channels: 1, height: 4095, width: 4095)
        do {
            _ = try Graph(input: image, [.init("conv", Convolution(channels: 1_000_000, kernel: 1))])
            Issue.record("taken")
        } catch let GraphError.size(node, found, _) {
            #expect(node == "conv" && found.hasPrefix("1000000×4095×4095"))
        }
        #expect(throws: GraphError.self) {
            try Graph(
                input: Shape(channels: 1 << 30),
                [.init("a", Linear(outputs: 1 << 30)), .init("b", Linear(outputs: 1 << 30 | 1))])
        }
    }

    /// The bytes that are planned are those that are taken.
    @Test(arguments: ["lenet-300-100", "lenet-5", "resnet-8"]) func plannedMemoryIsWhatIsTaken(_ name: String) throws {
        let graph = try NamedNetworks.make(name, input: Shape(channels: 1, height: 28, width: 28), classes: 10)
        for (capacity, trains) in [(128, true), (128, false), (5, true)] {
            let planned = PlannedMemory(graph, capacity: capacity, trains: trains, slots: 2)
            let network = Network(graph, capacity: capacity, team: Team(size: 1), trains: trains, slots: 2)
            network.initialize(seed: 1)
            var buffers: [ObjectIdentifier: Int] = [:]
            for tensor in network.tensors {
                buffers[ObjectIdentifier(tensor.values)] = tensor.values.count
                if let gradient = tensor.gradient { buffers[ObjectIdentifier(gradient)] = gradient.count }
            }
            let remembered = zip(network.tensors.dropFirst(), graph.nodes).reduce(0) {
                $0 + (trains ? $1.0.values.count * $1.1.op.rememberedBytes : 0)
            }
            #expect(planned.activations == Double(4 * buffers.values.reduce(0, +) + remembered))
            let values = network.layers.reduce(0) { $0 + $1.bytes + 4 * $1.map.rows }
            #expect(abs(planned.weights / Double(values) - 1) < 0.05, "\(planned.weights), \(values)")
        }
    }
}
