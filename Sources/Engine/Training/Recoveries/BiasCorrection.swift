import Descriptors

extension Recoveries {
    /// Each output gets back the mean that it had before the cut, by its bias. From the first layer to the last.
    ///
    /// Reference: Nagel et al. 2019, arXiv:1906.04721
    package struct BiasCorrection: Recovery {
        package static let descriptor = Descriptor(
            name: "bias-correction", summary: "Each output gets back its mean, by its bias",
            citation: "Nagel et al. 2019, arXiv:1906.04721", parameters: [Recoveries.samples])
        private let samples: Int

        package init(_ arguments: Arguments) { samples = arguments.integer("samples") }

        package func recover(_ network: any Recoverable) throws {
            let before = network.momentsBefore(samples)
            for number in network.layers.indices where !network.isWhole(number) {
                let now = network.moments(samples, of: number)
                for row in now.indices {
                    network.layers[number].arrays.bias[row] += Float(before[number][row].mean - now[row].mean)
                }
            }
        }
    }
}
