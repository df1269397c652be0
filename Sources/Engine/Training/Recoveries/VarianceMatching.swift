import Descriptors

extension Recoveries {
    /// Each output gets back the variance that it had before the cut: its weights grow by 1 + s (√(v / v′) − 1), with v the variance
    /// before and v′ after the cut. s = v′ / (v′ + median of the layer's v′) holds back where too little signal is left to be
    /// believed. Means stay as they were before the cut. From the first layer to the last, each with inputs that are mended.
    ///
    /// Reference: Zhan, Chen & Hu 2026, arXiv:2605.21426 (its shrinkage is described there in words; this one is by the median)
    package struct VarianceMatching: Recovery {
        package static let descriptor = Descriptor(
            name: "variance-matching",
            summary: "Scales each output to the variance it had, where enough signal is left",
            citation: "Zhan, Chen & Hu 2026, arXiv:2605.21426", parameters: [Recoveries.samples])
        private let samples: Int

        package init(_ arguments: Arguments) { samples = arguments.integer("samples") }

        package func recover(_ network: any Recoverable) throws {
            let before = network.momentsBefore(samples)
            for number in network.layers.indices where !network.isWhole(number) {
                let now = network.moments(samples, of: number)
                let median = now.map(\.variance).sorted()[now.count / 2]
                var factors = [Float](repeating: 1, count: now.count)
                for row in now.indices {
                    let (old, new) = (before[number][row], now[row])
                    guard new.variance > 0 else { continue }
                    let trust = new.variance / (new.variance + median)
                    let factor = 1 + trust * ((old.variance / new.variance).squareRoot() - 1)
                    factors[row] = Float(factor)
                    let bias = Double(network.layers[number].arrays.bias[row])
                    network.layers[number].arrays.bias[row] = Float(old.mean - factor * (new.mean - bias))
                }
                let columns = network.weightsBefore[number].columns
                let positions = network.layers[number].arrays.indices!
                for (live, position) in positions.enumerated() {
                    network.layers[number].arrays.values[live] *= factors[position / columns]
                }
            }
        }
    }
}
