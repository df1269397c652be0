import Dispatch
import Graph
import Kernels
import Sparsity

/// A network among others: how right it is, and what it costs.
package struct FrontPoint: Sendable {
    package var label: String
    package var sparsity: Double
    package var nnz: Int
    /// Exact payload of the saved network.
    package var bytes: Int
    /// Of one image, by the weights that are left.
    package var multiplyAdds: Int
    /// Of one image on one thread, measured: the least of some runs.
    package var latencyMicroseconds: Double
    /// Of validation.
    package var reading: Reading
    /// The figure of as many training samples less that of validation; of an error the other way round.
    package var gap: Double

    /// - Parameters:
    ///   - layers: of this network; nil: as it is.
    ///   - seconds: that the latency may be measured for.
    /// - Returns: nil where it was cancelled.
    package init?(
        _ label: String, _ subject: AnalysedNetwork, layers: [LayerState]? = nil, seconds: Double = 0.1,
        isCancelled: @escaping () -> Bool = { false }
    ) {
        let layers = layers ?? subject.layers
        let copy = AnalysisCopy(subject, isCancelled: isCancelled)
        guard let scores = copy.scores(layers), let training = copy.trainingScores(layers) else { return nil }
        let figure = subject.plan.figure
        reading = figure.reading(scores, step: subject.step)
        let trained = figure.reading(training, step: subject.step).value
        gap = figure.format.isHigherBetter ? trained - reading.value : reading.value - trained
        self.label = label
        let network = copy.network
        nnz = network.layers.reduce(0) { $0 + $1.nnz }
        sparsity = 1 - Double(nnz) / Double(max(1, network.layers.reduce(0) { $0 + $1.map.weights }))
        bytes = Payload.bytes(
            network.layers.map { ($0.map.weights, $0.nnz, $0.isDense, $0.map.rows, $0.bias.count) },
            parameters: network.parameters.reduce(0) { $0 + $1.values.count })
        multiplyAdds = network.multiplyAdds().sparse
        latencyMicroseconds = Self.latency(network, seconds: seconds)
    }

    private static func latency(_ network: Network, seconds: Double) -> Double {
        let answering = Answering(network, samples: 1)
        let random = CounterRandom(seed: 5, purpose: .test)
        for place in 0..<answering.images.count { answering.images[place] = random.uniform(place) - 0.5 }
        answering.fillPanels()
        answering.networkChanged()
        for _ in 0..<Answering.callsToChoose { answering.forward(samples: 1) }
        var least = Double.infinity
        let end = DispatchTime.now() + seconds
        repeat {
            let start = DispatchTime.now().uptimeNanoseconds
            answering.forward(samples: 1)
            least = min(least, Double(DispatchTime.now().uptimeNanoseconds - start) / 1e3)
        } while DispatchTime.now() < end
        return least
    }

    /// Whether another point is at least as right and has no more of a cost, and is better in one of them.
    package func isBeaten(by other: FrontPoint, isHigherBetter: Bool, cost: (FrontPoint) -> Double) -> Bool {
        let gain = isHigherBetter ? other.reading.value - reading.value : reading.value - other.reading.value
        let saved = cost(self) - cost(other)
        return gain >= 0 && saved >= 0 && (gain > 0 || saved > 0)
    }
}
