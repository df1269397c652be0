import Descriptors

extension Criteria {
    /// A weight counts by what it hands on: its magnitude times the norm of its input. Every output row loses the same share.
    ///
    /// Reference: Sun et al. 2023, arXiv:2306.11695
    package struct Wanda: Criterion {
        package static let descriptor = Descriptor(
            name: "wanda", summary: "Magnitude × norm of its input, ranked within each output row",
            citation: "Sun et al. 2023, arXiv:2306.11695", parameters: [Calibrated.samples(128)])

        package static let scope = RankingScope.row
        package let needs: [Need] = [.inputNorms]
        package let samples: Int

        package init(_ arguments: Arguments) { samples = arguments.integer("samples") }

        package func scores(of layer: ScoredLayer) -> [Float] {
            let weights = layer.weights, norms = layer.facts.inputNorms!
            return weights.values.indices.map { abs(weights.values[$0]) * norms[weights.input(of: $0)] }
        }
    }
}

extension LiveWeights {
    /// The input that a live weight reads, as facts number them: within its group, groups one after another.
    func input(of live: Int) -> Int {
        let (row, column) = position(live).quotientAndRemainder(dividingBy: columns)
        return row / (rows / groupCount) * columns + column
    }
}
