import Graph
import Interchange
import Kernels
import Sparsity

/// From which sparsity on zeros make something faster than dense on this machine.
package struct Forecast: Sendable {
    /// Times of one thing, dense and at some sparsities.
    package struct Curve: Sendable, Equatable {
        package struct Point: Sendable, Equatable {
            package let sparsity: Double
            package let seconds: Double

            package init(sparsity: Double, seconds: Double) {
                self.sparsity = sparsity
                self.seconds = seconds
            }
        }

        package let dense: Double
        /// Ascending in sparsity.
        package let points: [Point]

        package init(dense: Double, points: [Point]) {
            self.dense = dense
            self.points = points
        }

        package var verdict: Verdict {
            guard let last = points.last else { return .never(upTo: 0) }
            // A gain that the next measurement may not show is none.
            func isFaster(_ point: Point) -> Bool { point.seconds < Forecast.leastGain * dense }
            guard isFaster(last) else { return .never(upTo: last.sparsity) }
            // Once it pays it must go on to pay: a single fast point among slow ones is chance.
            guard let slow = points.lastIndex(where: { !isFaster($0) }) else {
                return .already(at: points[0].sparsity)
            }
            let (low, high) = (points[slow], points[slow + 1])
            let level = Forecast.leastGain * dense
            let share = (low.seconds - level) / (low.seconds - high.seconds)
            return .from(low.sparsity + share * (high.sparsity - low.sparsity))
        }
    }

    package enum Verdict: Sendable, Equatable {
        /// Between two measured sparsities, on the line through them.
        case from(Double)
        /// At the lowest that was measured already.
        case already(at: Double)
        /// At none that was measured.
        case never(upTo: Double)
    }

    package struct Row: Sendable {
        package let name: String
        package let weights: Int
        /// Of one image, and of a batch: forward and both gradients.
        package let answer: Curve
        package let training: Curve
    }

    /// Zeros pay where they leave less than this share of the dense time.
    static let leastGain = 0.95

    /// The layers with multiplications, in order.
    package let layers: [Row]
    package let whole: Row
    package let batch: Int
    package let sparsities: [Double]

    /// Measures on one thread, everything in turns, so that what else the machine does meets dense and sparse alike. Masks are
    /// random, with equal rows. In training the kernels of a mask are the sparse ones, where a session may choose dense ones.
    ///
    /// - Parameter budgetSeconds: of each layer and of the whole.
    /// - Throws: `GraphError`, `MemoryError`.
    package init(
        _ graph: Graph, name: String, batch: Int, sparsities: [Double], budgetSeconds: Double,
        progress: (String) -> Void = { _ in }
    ) throws {
        self.batch = batch
        self.sparsities = sparsities
        try MemoryNeed(training: graph, batch: max(batch, 16), slots: 0, counts: nil).times(sparsities.count + 1)
            .require(name, to: "be measured at \(sparsities.count) sparsities")
        layers = try graph.nodes.compactMap { node in
            guard let shape = node.ownWeights, !shape.isTable, node.inputs.count == 1 else { return nil }
            progress(node.name)
            let alone = try Graph(input: node.inputShapes[0], [.init(node.name, node.op)])
            return Forecast.row(alone, node.name, shape.weights, batch, sparsities, budgetSeconds)
        }
        progress("whole network")
        whole = Forecast.row(
            graph, "whole network", graph.nodes.reduce(0) { $0 + ($1.ownWeights?.weights ?? 0) }, batch, sparsities,
            budgetSeconds)
    }

    private static func row(
        _ graph: Graph, _ name: String, _ weights: Int, _ batch: Int, _ sparsities: [Double], _ budget: Double
    ) -> Row {
        var turns = Turns()
        let numbers = ([0] + sparsities).map { sparsity in
            (
                answer: turns.add(answering(graph, sparsity)), training: turns.add(training(graph, sparsity, batch))
            )
        }
        let (least, _) = turns.run(rounds: 25, budgetSeconds: budget)
        func curve(_ number: (Int) -> Int) -> Curve {
            Curve(
                dense: least[number(0)],
                points: sparsities.indices.map {
                    .init(sparsity: sparsities[$0], seconds: least[number($0 + 1)])
                })
        }
        func perImage(_ curve: Curve) -> Curve {
            Curve(
                dense: curve.dense / Double(repeats),
                points: curve.points.map { .init(sparsity: $0.sparsity, seconds: $0.seconds / Double(repeats)) })
        }
        return Row(
            name: name, weights: weights, answer: perImage(curve { numbers[$0].answer }),
            training: curve { numbers[$0].training })
    }

    /// Images in one reading of the clock.
    private static let repeats = 8

    private static func answering(_ graph: Graph, _ sparsity: Double) -> () -> Void {
        let network = Network(graph, capacity: 16, team: Team(size: 1), trains: false)
        cut(network, sparsity)
        let answering = AnswerTime(threads: 1).answering(graph, GraphArrays(network))
        return { for _ in 0..<repeats { answering.forward(samples: 1) } }
    }

    private static func training(_ graph: Graph, _ sparsity: Double, _ batch: Int) -> () -> Void {
        let network = Network(graph, capacity: batch, team: Team(size: 1), trains: true, inputGradient: true)
        cut(network, sparsity)
        let random = CounterRandom(seed: 6, purpose: .test)
        for index in 0..<network.input.values.count { network.input.values[index] = random.uniform(index) - 0.5 }
        let gradient = network.output.gradient
        return {
            network.forward(samples: batch, step: 0)
            // Some gradients lie where values were, so the last one is there anew for each step.
            if let gradient { for index in 0..<gradient.count { gradient[index] = 0.01 } }
            network.backward(samples: batch)
        }
    }

    /// Random weights of a usual size, so that activations neither vanish nor overflow.
    private static func cut(_ network: Network, _ sparsity: Double) {
        network.initialize(seed: 1)
        guard sparsity > 0 else { return }
        for (number, layer) in network.layers.enumerated() where layer.isPrunable && !layer.isTable {
            let count = max(1, Int((Double(layer.map.weights) * (1 - sparsity)).rounded()))
            let indices = RandomMask.positions(
                rows: layer.map.rows, columns: layer.map.columns, count: count, seed: 3, layer: number)
            let random = CounterRandom(seed: 4, purpose: .test)
            let reach = (3 * Float(layer.map.rows) / Float(count)).squareRoot()
            layer.set(
                LayerArrays(
                    indices: indices,
                    values: indices.map { (2 * random.uniform(number, $0) - 1) * reach }, slots: [],
                    bias: layer.bias.array,
                    biasSlots: []))
        }
    }
}
