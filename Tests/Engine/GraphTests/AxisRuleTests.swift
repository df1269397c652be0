import Descriptors
import Graph
import Kernels
import Testing

/// Takes single numbers from the axes of every operator's cases and asks whether the others come out as before.
@Suite struct AxisRuleTests {
    /// An operator on constants, whose numbers may go.
    private struct Bench {
        let graph: Graph
        let groups: AxisGroups
        let op: any Operator
        private(set) var constants: [[Float]]
        private let weights: LayerArrays?
        private let parameters: [String: [Float]]

        init(_ op: any Operator, _ example: OperatorCase) throws {
            self.op = op
            var entries: [Graph.Entry] = []
            for (number, shape) in example.inputs.enumerated() {
                entries.append(.init("x\(number)", Constant(shape: shape), inputs: []))
            }
            entries.append(.init("op", op, inputs: entries.map(\.name)))
            graph = try Graph(input: Shape([1]), entries)
            groups = AxisGroups(graph, keepsEnds: false)
            let random = CounterRandom(seed: 3, purpose: .test)
            let range = example.values ?? -2...2
            constants = example.inputs.enumerated().map { number, shape in
                (0..<shape.features).map {
                    range.lowerBound + (range.upperBound - range.lowerBound) * random.uniform(number * 1000 + $0)
                }
            }
            weights = graph.nodes.last!.weightShape.map { shape in
                LayerArrays(
                    indices: nil, values: (0..<shape.weights).map { random.uniform($0 + 7000) - 0.5 }, slots: [],
                    bias: (0..<shape.biases).map { random.uniform($0 + 9000) }, biasSlots: [])
            }
            parameters = Dictionary(
                graph.parameters.filter { $0.node == "op" }.map { parameter in
                    (parameter.name, (0..<parameter.shape.count).map { random.uniform($0 + 11_000) + 0.1 })
                }, uniquingKeysWith: { $1 })
        }

        mutating func clear(_ constant: Int, axis: Int, _ number: Int) {
            let axes = graph.nodes[constant].shape.axes
            let inner = axes[(axis + 1)...].reduce(1, *)
            for place in constants[constant].indices where place / inner % axes[axis] == number {
                constants[constant][place] = 0
            }
        }

        /// The output of the graph, or of what is left of it.
        func output(_ narrowed: NarrowedGraph? = nil) -> [Float] {
            let network = Network(narrowed?.graph ?? graph, capacity: 1, team: Team(size: 1), trains: false)
            if let weights { network.layers[0].set(narrowed?.layers[0].arrays(weights) ?? weights) }
            for (place, parameter) in network.parameters.enumerated() {
                let given =
                    parameter.node == "op" ? parameters[parameter.name]! : constants[Int(parameter.node.dropFirst())!]
                let values = narrowed?.parameters[place].values(given) ?? given
                parameter.set(ParameterState(node: parameter.node, shape: parameter.shape, values: values))
            }
            network.forward(samples: 1)
            var values: [Float] = []
            forEachPoint(network.output.shape, network.output.layout, 1) { values.append(network.output.values[$2]) }
            return values
        }
    }

    @Test(arguments: Operators.all.map { $0.descriptor.name }) func whatIsLeftComesOutAsBefore(name: String) throws {
        let type = try #require(Operators.all.first { $0.descriptor.name == name })
        var count = 0
        for example in type.cases {
            let op = try type.init(Arguments(example.arguments, for: type.descriptor))
            let whole = try Bench(op, example)
            let isWeighted = whole.graph.nodes.last!.summedWeights != nil
            let last = whole.graph.nodes.count - 1
            for group in whole.groups.removable {
                var bench = whole
                var counts = false
                for member in group.members where member.value < last {
                    for (place, input) in whole.graph.nodes[last].inputs.enumerated() where input == member.value {
                        let sum = whole.groups.rules[last].sum(of: .input(place, axis: member.axis))
                        if sum == .counting { counts = true }
                        // What is summed may go where it is zero.
                        if sum != nil || isWeighted { bench.clear(place, axis: member.axis, member.number) }
                    }
                }
                guard let narrowed = try? NarrowedGraph(whole.groups, removing: [group.root]) else { continue }
                count += 1
                let gone = Dictionary(grouping: group.members.filter { $0.value == last }, by: \.axis)
                let axes = whole.graph.output.axes
                let kept = whole.graph.output.axes.reduce(1, *)
                let places = (0..<kept).filter { place in
                    axes.indices.allSatisfy { axis in
                        let number = place / axes[(axis + 1)...].reduce(1, *) % axes[axis]
                        return gone[axis]?.contains { $0.number == number } != true
                    }
                }
                let before = bench.output(), after = bench.output(narrowed)
                #expect(after.count == places.count, "\(name) \(example.arguments) \(group.members)")
                // A mean of fewer is another one; its form must fit all the same.
                guard !counts, after.count == places.count else { continue }
                for (place, value) in zip(places, after) {
                    let isSame = abs(before[place] - value) <= 1e-5 * max(1, abs(value)) || before[place].isNaN
                    #expect(isSame, "\(name) \(example.arguments) \(group.members) \(place)")
                }
            }
        }
        #expect(count > 0, "\(name) lets nothing go")
    }

    // MARK: Written out

    private func groups(_ input: [Int], _ entries: [Graph.Entry]) throws -> AxisGroups {
        AxisGroups(try Graph(input: Shape(input), entries))
    }
    private func members(_ groups: AxisGroups) -> [[String]] {
        groups.removable.map { group in
            group.members.map { "\(groups.graph.nodes[$0.value].name).\($0.axis).\($0.number)" }
        }
    }

    @Test func aFlattenMultipliesByThePlane() throws {
        let groups = try groups(
            [1, 2, 2],
            [
                .init("conv", Convolution(channels: 2, kernel: 1)), .init("flatten", Flatten()),
                .init("fc", Linear(outputs: 2)),
            ])
        #expect(
            members(groups) == [
                ["conv.0.0", "flatten.0.0", "flatten.0.1", "flatten.0.2", "flatten.0.3"],
                ["conv.0.1", "flatten.0.4", "flatten.0.5", "flatten.0.6", "flatten.0.7"],
            ])
    }

    @Test func aSumJoinsAndAConcatShifts() throws {
        let joined = try groups(
            [3],
            [
                .init("a", Linear(outputs: 2)), .init("b", Linear(outputs: 2), inputs: ["input"]),
                .init("sum", Add(), inputs: ["a", "b"]), .init("fc", Linear(outputs: 1)),
            ])
        #expect(members(joined) == [["a.0.0", "b.0.0", "sum.0.0"], ["a.0.1", "b.0.1", "sum.0.1"]])
        let shifted = try groups(
            [3],
            [
                .init("a", Linear(outputs: 1)), .init("b", Linear(outputs: 2), inputs: ["input"]),
                .init("both", Concat(axis: 0), inputs: ["a", "b"]), .init("fc", Linear(outputs: 1)),
            ])
        #expect(members(shifted) == [["a.0.0", "both.0.0"], ["b.0.0", "both.0.1"], ["b.0.1", "both.0.2"]])
    }

    @Test func theOutputLayerStaysAndSaysWhy() throws {
        let groups = try groups([3], [.init("fc1", Linear(outputs: 2)), .init("relu", ReLU())])
        #expect(groups.removable.isEmpty)
        #expect(groups.refusals[groups.root(0, axis: 0, 1)] == "the network's output has its size")
        #expect(groups.refusals[groups.root(-1, axis: 0, 2)] == "the network's input has its size")
    }

    @Test func aHeadIsTheUnitOfAReshapeIntoHeads() throws {
        let groups = try groups(
            [3, 2],
            [
                .init("values", Convolution(channels: 4, kernel: 1)), .init("heads", Reshape([2, 2, 2])),
                .init("joined", Reshape([4, 2])), .init("output", Convolution(channels: 1, kernel: 1)),
            ])
        #expect(
            members(groups).map { $0.filter { $0.hasPrefix("values") || $0.hasPrefix("heads") } } == [
                ["values.0.0", "values.0.1", "heads.0.0"], ["values.0.2", "values.0.3", "heads.0.1"],
            ])
    }

    @Test func aOneChannelConvolutionIsNoDepthwiseOne() throws {
        let groups = try groups(
            [2, 3, 3],
            [
                .init("first", Convolution(channels: 1, kernel: 1)), .init("one", Convolution(channels: 3, kernel: 1)),
                .init("last", Convolution(channels: 1, kernel: 1)),
            ])
        #expect(members(groups).dropFirst() == [["one.0.0"], ["one.0.1"], ["one.0.2"]])
        let depthwise = try self.groups(
            [2, 3, 3],
            [
                .init("first", Convolution(channels: 2, kernel: 1)),
                .init("depthwise", Convolution(channels: 4, kernel: 1, groups: 0)),
                .init("last", Convolution(channels: 1, kernel: 1)),
            ])
        #expect(
            members(depthwise) == [
                ["first.0.0", "depthwise.0.0", "depthwise.0.1"], ["first.0.1", "depthwise.0.2", "depthwise.0.3"],
            ])
    }

    @Test func whatNoRuleCoversIsRefusedByName() throws {
        // Channels shuffled: of a reshape the outer axis alone can go, and here it is the inner one in turn.
        let groups = try groups(
            [1, 2, 2],
            [
                .init("conv", Convolution(channels: 4, kernel: 1)), .init("split", Reshape([2, 2, 2, 2])),
                .init("shuffle", Transpose([1, 0, 2, 3])), .init("join", Reshape([4, 2, 2])),
                .init("last", Convolution(channels: 1, kernel: 1)),
            ])
        #expect(groups.removable.isEmpty)
        let reason = try #require(groups.refusals[groups.root(0, axis: 0, 0)])
        #expect(reason.contains("'join'") || reason.contains("'split'"), "\(reason)")
    }
}
