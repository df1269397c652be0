import Graph
import Kernels

extension Network {
    /// Statistics of batch normalisation become those of samples: the mean over batches.
    /// - Parameter fill: reads a batch into the input.
    func measureNormStatistics(
        _ batches: [ArraySlice<Int32>], seed: UInt64, fill: (_ batch: ArraySlice<Int32>) -> Void
    ) {
        // A batch moves them towards its own by a share; from zero that share of its own is what stands there.
        var shares: [String: Double] = [:]
        for node in graph.nodes where node.op.traits.contains(.normalizesBatch) {
            if case .number(let share)? = node.op.arguments["momentum"], share > 0 { shares[node.name] = share }
        }
        let statistics = parameters.filter { $0.shape.role == .statistic && shares[$0.node] != nil }
        guard !statistics.isEmpty else { return }
        var sums = statistics.map { [Double](repeating: 0, count: $0.values.count) }
        for (number, batch) in batches.enumerated() {
            for parameter in statistics { parameter.values.zero() }
            fill(batch)
            forward(samples: batch.count, step: number, seed: seed)
            for (place, parameter) in statistics.enumerated() {
                let weight = Double(batch.count) / shares[parameter.node]!
                for index in sums[place].indices { sums[place][index] += weight * Double(parameter.values[index]) }
            }
        }
        let total = Double(batches.reduce(0) { $0 + $1.count })
        for (place, parameter) in statistics.enumerated() {
            for index in sums[place].indices { parameter.values[index] = Float(sums[place][index] / total) }
        }
    }
}
