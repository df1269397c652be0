import Graph
import Kernels

/// How far the answers of two networks of one input lie apart.
package struct AnswerDistance: Sendable {
    /// The largest difference, and the largest answer.
    package let largest: Float
    package let scale: Float

    package var relative: Float { largest / max(scale, .leastNormalMagnitude) }

    /// - Parameter samples: drawn at random: numbers around 0, of tokens whole ones from 0.
    package init(
        _ first: (graph: Graph, arrays: GraphArrays), _ second: (graph: Graph, arrays: GraphArrays), samples: Int = 8
    ) {
        let answers = [first, second].map { Self.answers($0.graph, $0.arrays, samples: samples) }
        var largest: Float = 0, scale: Float = 0
        for (answer, other) in zip(answers[0], answers[1]) {
            largest = max(largest, abs(answer - other))
            scale = max(scale, abs(answer))
        }
        (self.largest, self.scale) = (largest, scale)
    }

    static func answers(_ graph: Graph, _ arrays: GraphArrays, samples: Int) -> [Float] {
        let network = Network(graph, capacity: samples, team: Team(size: 1), trains: false)
        arrays.fill(network)
        let answering = Answering(network, samples: samples)
        let random = CounterRandom(seed: 17, purpose: .test)
        let words = graph.nodes.compactMap { ($0.op as? Embedding)?.vocabulary }.min()
        for place in 0..<answering.images.count {
            let uniform: Float = random.uniform(place)
            if let words {
                let last = Float(words - 1)
                answering.images[place] = (uniform * last).rounded()
            } else {
                answering.images[place] = 4 * uniform - 2
            }
        }
        answering.fillPanels()
        network.forward(samples: samples)
        answering.takeAnswers(samples)
        return (0..<samples * graph.output.features).map { answering.answers[$0] }
    }
}
