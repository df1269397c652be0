import Descriptors
import Graph
import Kernels
import Sparsity
import Testing

/// What CHTs removes with neurons that lost all links of one side.
@Suite struct IdleLinkTests {
    private static let chain = try! Graph(
        input: Shape(channels: 2),
        [
            .init("a", Linear(outputs: 3)), .init("r", ReLU()), .init("b", Linear(outputs: 3)),
            .init("c", Linear(outputs: 2)),
        ])

    /// Of each layer the places of idle links.
    private func idle(_ graph: Graph, _ masks: [[Int]]) -> [[Int]] {
        let links = IdleLinks(graph, masks: masks)
        return masks.enumerated().map { layer, mask in
            mask.indices.filter { links.contains(layer, $0) }.map { mask[$0] }
        }
    }

    @Test func chainsEndWhereNothingLeavesOrEnters() {
        // a's neuron 2 is left by no link; b's neuron 1 is entered by none.
        #expect(idle(Self.chain, [[0, 2, 5], [0, 1, 6, 7], [0, 1, 5]]) == [[5], [], [1]])
        // b's neuron 2 is not read, and a's neuron 1 is read by it alone.
        #expect(idle(Self.chain, [[0, 2], [0, 7], [0]]) == [[2], [7], []])
        // a's neuron 1 is entered by none, and b's neuron 1 by it alone.
        #expect(idle(Self.chain, [[0], [0, 4], [0, 1]]) == [[], [4], [1]])
        #expect(idle(Self.chain, [[0, 2], [0, 4], [0, 1]]) == [[], [], []])
    }

    @Test func withoutAPathNothingIsMoreIdle() {
        #expect(idle(Self.chain, [[0], [4], [0, 1]]) == [[], [], []])
    }

    @Test func aShortcutReads() throws {
        // The sum reads a's neuron 1, which b does not.
        let graph = try Graph(
            input: Shape(channels: 2),
            [
                .init("a", Linear(outputs: 2)), .init("b", Linear(outputs: 2)),
                .init("sum", Add(), inputs: ["a", "b"]),
                .init("c", Linear(outputs: 1)),
            ])
        #expect(idle(graph, [[0, 2], [0], [0, 1]]) == [[], [], []])
        #expect(idle(graph, [[0, 2], [0], [0]]) == [[2], [], []])
    }

    /// Neurons without links on one side lose those of the other, and as many come elsewhere.
    @Test func chtsMovesTheLinksOfDeadNeurons() throws {
        let graph = try Graph(
            input: Shape(channels: 12),
            [.init("a", Linear(outputs: 10)), .init("r", ReLU()), .init("b", Linear(outputs: 8))])
        let shapes = [(10, 12), (8, 10)]
        let random = CounterRandom(seed: 2, purpose: .test)
        let layers = shapes.enumerated().map { number, shape in
            // No link leaves a's last neuron.
            let live = (0..<shape.0 * shape.1).filter {
                random.integer(below: 3, number, $0) == 0 && !(number == 1 && $0 % 10 == 9)
            }
            return LiveWeights(
                name: "ab".map(String.init)[number], rows: shape.0, columns: shape.1, indices: live,
                values: live.map { random.uniform(number + 2, $0) - 0.5 })
        }
        #expect(layers[0].indices!.contains { $0 / 12 == 9 })
        var context = StepContext(
            step: 10, totalSteps: 1000, stepsPerEpoch: 10, seed: 5,
            schedule: try Schedules.make("constant", ["final": .number(0.6)]),
            masker: Masker(
                criterion: try Criteria.make("magnitude"), granularity: try Granularities.make("weight"),
                distribution: try Distributions.make("uniform")),
            layers: layers, nnz: layers.map(\.values.count)
        ) { layers[$0] }
        var method = try Methods.make("chts", ["drop": .number(0.3)])
        guard case .change(let before)? = try Methods.make("chts", ["drop": .number(0.3)]).response(to: context).first,
            let kept = before.first(where: { $0.layer == 0 })
        else {
            Issue.record("nothing is exchanged")
            return
        }
        #expect(layers[0].indices!.contains { $0 / 12 == 9 && !kept.drop.contains($0) })
        context.graph = graph
        guard case .change(let changes)? = method.respond(to: context).first else {
            Issue.record("nothing is exchanged")
            return
        }
        let change = try #require(changes.first { $0.layer == 0 })
        let after = Set(layers[0].indices!).subtracting(change.drop).union(change.grow.map(\.position))
        #expect(!after.contains { $0 / 12 == 9 })
        #expect(after.count == layers[0].values.count)
    }
}

extension Sparsity.Method {
    fileprivate func response(to context: StepContext) -> [Decision] {
        var method = self
        return method.respond(to: context)
    }
}
